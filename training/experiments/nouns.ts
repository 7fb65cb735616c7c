/** A noun in the forms that sentences want, by the names of the slots that take them. */
export type Forms = Readonly<Record<string, string>>;

/**
 * Forms of a noun of which a table says `en` (`box`, or `wolf/wolves` where the plural is not regular), `fr` with its article, which says
 * the gender (`une boîte`; `de la farine` of what is not counted; `un *hibou/hiboux` with an aspirated h) and `ja`.
 * @throws Error when the French has no article
 */
export function formsOf({ en = "", fr = "", ja = "" }: Forms): Forms {
  const [n = "", ns = pluralOf(n)] = en.split("/");
  return { n, ns, a: `${/^[aeiou](?!ni)/.test(n) ? "an" : "a"} ${n}`, ...frenchForms(fr), ja };
}

function pluralOf(noun: string): string {
  return /(?:s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

const ARTICLE = /^(?<article>une?|du|de la) (?<aspirated>\*?)(?<nouns>.+)$/;

function frenchForms(written: string): Forms {
  const { article, aspirated, nouns = "" } = ARTICLE.exec(written)?.groups ?? {};
  if (article === undefined) throw new Error(`"${written}" begins with un, une, du or de la`);
  const [nom = "", noms = `${nom}s`] = nouns.split("/");
  const isFeminine = article === "une" || article === "de la";
  const elides = aspirated === "" && /^[aeéèêiïoôœuhâàî]/.test(nom);
  const either = (masculine: string, feminine: string) => (isFeminine ? feminine : masculine);
  const before = (elided: string, masculine: string, feminine: string) =>
    elides ? elided + nom : `${either(masculine, feminine)} ${nom}`;
  const le = before("l'", "le", "la");
  const les = `les ${noms}`;
  const mon = before("mon ", "mon", "ma");
  const ce = before(either("cet ", "cette "), "ce", "cette");
  const nouveau = before(either("nouvel ", "nouvelle "), "nouveau", "nouvelle");
  const forms = { le, les, mon, ce };
  const capitalized = Object.entries(forms).map(([name, form]) => [capital(name), capital(form)]);
  return {
    ...forms,
    ...Object.fromEntries(capitalized),
    nom,
    noms,
    un: `${either("un", "une")} ${nom}`,
    du: before("de l'", "du", "de la"),
    au: before("à l'", "au", "à la"),
    de: before("d'", "de", "de"),
    deNoms: `${elides ? "d'" : "de "}${noms}`,
    dUnNouveau: `d'${either("un", "une")} ${nouveau}`,
    sonNouveau: `${either("son", "sa")} ${nouveau}`,
    e: either("", "e"),
    bon: either("bon", "bonne"),
    cher: either("cher", "chère"),
    laPlus: either("le plus", "la plus"),
  };
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

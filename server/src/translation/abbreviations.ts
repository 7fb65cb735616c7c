import { byLanguage, primaryLanguage } from "../languages.js";

/**
 * Abbreviations, without their point, that stand before what they belong to and hardly ever end a sentence: titles and
 * references. By language.
 */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  en:
    "Mr Mrs Ms Mx Messrs Dr Prof Rev Fr Sr Hon St Mt Ft Gen Maj Col Capt Lt Sgt Cpl Pvt Adm Cmdr Gov Sen Rep Pres Supt " +
    "Fig Figs fig figs Vol vol Eq eq Sec sec Ch ch pp vs Vs cf Cf approx e.g E.g i.e I.e a.k.a viz",
  fr: "p ex MM Dr Pr Prof Me St Ste Mgr Gal Cdt Cap Lt Fig fig Vol vol chap éd env p.ex cf Cf vs",
  de: "z d u i Hr Hrn Fr Dr Prof Dipl Ing St Abb Abs Art Bd Kap Nr S Str Tel bzw ca d.h evtl ggf i.d.R inkl u.a vgl vs z.B z.T zzgl",
  es: "Sr Sra Srta Sres Dr Dra D Dña Prof Lic Ing Gral Cap Fig fig Vol vol núm pág págs p.ej cf vs",
  it: "Sig Sigg Sig.ra Sig.na Dott Dr Dott.ssa Prof Prof.ssa Ing Avv On Gen Cap Fig fig Vol vol pag pagg art es cfr vs",
  pt: "Sr Sra Srta Dr Dra Prof Profa Eng Gen Cap Fig fig Vol vol núm pág págs p.ex cf vs",
};

/**
 * Whether a text that seems to end a sentence with a point ends in an abbreviation that goes on: in one of its language's, in an
 * initial ("J. Smith"), or in letters each with its point ("U.S. President").
 */
export function endsInAbbreviation(text: string, language: string): boolean {
  return patternOf(primaryLanguage(language)).test(text);
}

const patternOf = byLanguage((language) => {
  const listed = (ABBREVIATIONS[language] ?? "").split(" ").filter((abbreviation) => abbreviation !== "");
  const words = listed.map((abbreviation) => abbreviation.replaceAll(".", String.raw`\.\s?`));
  // "It was I." ends; in German "am 3. Oktober" does not
  const all = [
    ...words,
    String.raw`(?:\p{Lu}\.)+\p{Lu}`,
    String.raw`(?!I\.)\p{Lu}`,
    ...(language === "de" ? [String.raw`\d{1,2}`] : []),
  ];
  return new RegExp(String.raw`(?<![\p{Lu}\p{Ll}\p{N}.'’])(?:${all.join("|")})\.\s*$`, "u");
});

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

/** Determiners of one thing. */
export const ONE = set("a an another each every this that one");
/** Of many. */
export const MANY = set(
  "these those many several few both all two three four five six seven eight nine ten dozen hundred",
);
/** Of many, or of what is not counted. */
export const SOME = set("some any no much enough other such");
/** A verb may follow these, too: "that whirs". */
export const ALSO_PRONOUNS = new Set([...set("this that one which what whose"), ...MANY, ...SOME]);
export const DETERMINERS = new Set([
  ...set("the my your his her its our their which what whose"),
  ...ONE,
  ...MANY,
  ...SOME,
]);

const PREPOSITIONS = set(
  "with without of for from in on at about into under over against between by like than behind through near during",
);
const TRANSITIVE = set(
  "like likes liked love loves loved hate hates hated need needs needed want wants wanted eat eats ate eaten eating drink drinks " +
    "drank drinking buy buys bought buying sell sells sold selling use uses using play plays played playing make makes making " +
    "order orders ordered prefer prefers study studies studied learn learned teach teaches taught grow grows cook cooks cooked " +
    "wear wears wore wearing collect collects send sends sent enjoy enjoys",
);
/** Behind these stands a noun, where nothing stands that is none. */
export const BEFORE_OBJECT = new Set([...PREPOSITIONS, ...TRANSITIVE]);

const BEING = "is are was were be been being isn't aren't wasn't weren't";
/** Behind these may stand something else, but nothing else that ends in -s. */
export const BEFORE_MANY = set(
  `${BEING} to have has had having get gets got made see sees saw seen know knows find found keep`,
);
const MODALS = "can could will would should must may might can't cannot couldn't won't wouldn't shouldn't mustn't";
/** Behind these stands a verb as it is in a dictionary. */
export const BEFORE_VERB = set(`i you we they to let's please do don't doesn't did didn't ${MODALS}`);
/** Behind one noun, and behind several. */
export const OF_ONE = set("is was isn't wasn't has hasn't doesn't");
export const OF_MANY = set("are were aren't weren't have haven't don't");
export const CONJUNCTIONS = set(
  "and or but because if that when while although though as before after until than nor whereas unless whether since",
);

/** All that are no nouns, adjectives or verbs with a meaning of their own, and adverbs without -ly. */
export const FUNCTION = new Set([
  ...DETERMINERS,
  ...PREPOSITIONS,
  ...CONJUNCTIONS,
  ...set(`${BEING} ${MODALS} has have had hasn't haven't hadn't do does did don't doesn't didn't to let not so then`),
  ...set("i you he she it we they me him us them myself yourself himself herself itself ourselves themselves who whom"),
  ...set("something anything nothing everything someone anyone everyone how where why please"),
  ...set(
    "never always already yet too also again here there now today yesterday tomorrow tonight just only still often",
  ),
  ...set(
    "soon ever even very quite rather away back up down out off well next last ago once maybe perhaps instead together",
  ),
  ...set(
    "despite beneath beside besides upon via onto toward towards throughout alongside anyhow anyway somehow someday",
  ),
  ...set(
    "somewhere anywhere everywhere nowhere abroad overseas upstairs downstairs indoors outdoors meanwhile nowadays",
  ),
  ...set("forever altogether afterwards beforehand otherwise therefore thus hence whatever whoever whichever wherever"),
]);

const DEGREES = set("very so too quite rather more most less bit really how as");
const ADJECTIVES = set(
  "new old big large small little good bad best better great nice fine own other first second last next same whole only " +
    "black white red green blue yellow brown grey gray young long short high low hot cold warm cool strong weak hard soft " +
    "easy difficult simple heavy light fast slow quick cheap expensive rich poor full empty clean dirty dry wet happy sad eager " +
    "beautiful pretty ugly tiny shiny funny crazy lovely busy angry healthy tasty important different strange modern main real " +
    "true wrong right left favorite favourite excellent proper wild huge dead fresh frozen broken bigger smaller older newer " +
    "japanese french german english chinese american golden wooden",
);
const SURELY_DESCRIPTIVE = /(?:ous|less|ful|[ai]ble|ish|ly)$/;
const DESCRIPTIVE = /(?:ous|less|ful|[ai]ble|ish|ly|ive|ic|al|ed|ing|ary|some|ese|est)$/;
const MAY_DESCRIBE = /(?:[^aeiou]y|ant|ent|ene|ete|ute|ern|ile|id|long|cast)$/;

export const isAdverb = (word: string) => word.endsWith("ly") || DEGREES.has(word);
/** Of a word that is known. */
export const isDescriptive = (word: string) => ADJECTIVES.has(word) || DESCRIPTIVE.test(word);
/** Of one that is not. */
export const isSurelyDescriptive = (word: string) => SURELY_DESCRIPTIVE.test(word);
/** It may be a noun all the same, where none follows. */
export const mayDescribe = (word: string) => DESCRIPTIVE.test(word) || MAY_DESCRIBE.test(word);
export const looksPlural = (word: string) => /[^sui]s$/.test(word);
export const looksLikeVerb = (word: string) => /(?:[^e]ed|ing)$/.test(word);

const ORDINAL = /(?:teen|tie|lf|hundred|thousand|million)th$/;
/** Endings of inflected forms, and those of what they are forms of. */
const INFLECTIONS: readonly (readonly [ending: RegExp, base: string])[] = [
  [/ie[sd]$/, "y"],
  [/(?:e?[sd]|ing|ly|e?n)$/, ""],
  [/(?:ed|ing|en)$/, "e"],
  [/[sdn]$/, ""],
  [/([^aeiouy])\1(?:ed|ing|en)$/, "$1"],
];
const SHORTEST_BASE = 3;

/** Whether a word is no more than a form of one that is known, or of all languages' few. @param isKnown of a word in a dictionary */
export function isKnownForm(word: string, isKnown: (word: string) => boolean): boolean {
  if (FUNCTION.has(word) || ORDINAL.test(word) || isKnown(word)) return true;
  return INFLECTIONS.some(([ending, base]) => {
    const stem = ending.test(word) ? word.replace(ending, base) : "";
    return stem.length >= SHORTEST_BASE && isKnown(stem);
  });
}

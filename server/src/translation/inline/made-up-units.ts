import type { PiecePlace } from "./attention.js";
import type { Instead } from "./span.js";

/** What models say behind a number whose unit they were not shown: 20 ans, 5 heures, 12歳. */
const UNITS =
  /^(?:[ \u00a0\u202f](?:ans?|années?|mois|semaines?|jours?|heures?|minutes?|kilos?|kilomètres?|mètres?|dollars?|euros?|years?(?: old)?|months?|weeks?|days?|hours?|miles?|meters?|kilometers?)(?![\p{L}\p{M}'’])|[ \u00a0]?(?:歳|才|年間?|時間?|分間?|キロ|メートル|ドル|円|個|つ|月(?!曜)))/u;

/** The unit that a model made up behind a number that has its own: empty where there is none. @param at where the number ends */
export function madeUpUnit(text: string, at: number, { text: written, standIn }: Instead): PiecePlace {
  const hasUnit = standIn.number !== undefined && /[^\d\s.,:/–-]/.test(written);
  const [unit = ""] = (hasUnit && UNITS.exec(text.slice(at))) || [];
  return { start: at, end: at + unit.length };
}

import { readFileSync } from "node:fs";

/** What a name is of: a family, a person by the given name, a place, or a company and what it makes. */
type ListedNameKind = "family" | "man" | "woman" | "place" | "organization";

/** A loanword is of what can be counted or not. */
export type ListedKind = ListedNameKind | "thing" | "stuff";

export interface ListedWord {
  /** In English, and in other languages with Latin letters, more or less. */
  readonly spelling: string;
  readonly kind: ListedKind;
}

/** Each line has a word as Japanese writes it, its spelling and its kind, with tabs between them; # begins a comment. */
const FILE = new URL("../../../../data/japanese.tsv", import.meta.url);

let read: ReadonlyMap<string, ListedWord> | undefined;

/** Well-known names of people, places and organizations, and loanwords, by how Japanese writes them. The file is read once. */
export function gazetteer(): ReadonlyMap<string, ListedWord> {
  read ??= new Map(linesOf(readFileSync(FILE, "utf8")));
  return read;
}

/** The words of a file, in its order. */
export function linesOf(tsv: string): [written: string, ListedWord][] {
  const lines = tsv.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [written = "", spelling = "", kind = ""] = line.split("\t");
    return [written, { spelling, kind: kind as ListedKind }];
  });
}

/** A family, and the given name behind it if there is one: 田中太郎. */
export function familyAndGiven(name: string): [family: string, given: string] | undefined {
  const list = gazetteer();
  const isGiven = (given: string) => ["man", "woman"].includes(list.get(given)?.kind ?? "");
  for (let length = name.length; length > 0; length--) {
    const [family, given] = [name.slice(0, length), name.slice(length)];
    const kind = list.get(family)?.kind;
    if (given === "" ? kind === "family" : (kind === "family" || kind === "place") && isGiven(given))
      return [family, given];
  }
  return undefined;
}

/** Districts, cities and what else has a name, the largest first, when a word has nothing but these: 愛知県名古屋市. */
export function placesOfAddress(word: string): string[] {
  const places: string[] = [];
  for (let at = 0; at < word.length; ) {
    const place = listedPlaceAt(word, at);
    if (place === undefined) return [];
    places.push(place);
    at += place.length;
    if (/[都道府県市区町村郡]/.test(word[at] ?? "")) at++;
  }
  return places;
}

/** What behind a name says that it is of a place: オンタリオ湖, 名古屋駅. */
export const PLACE_ENDING = /^[都道府県市区町村郡州国島駅港城橋川山湾湖線]/;

const SHORTEST_PLACE = 2;
const LONGEST_PLACE = 4;

/** The longest place that stands there. */
export function listedPlaceAt(word: string, at: number): string | undefined {
  for (let length = LONGEST_PLACE; length >= SHORTEST_PLACE; length--) {
    const place = word.slice(at, at + length);
    if (place.length === length && gazetteer().get(place)?.kind === "place") return place;
  }
  return undefined;
}

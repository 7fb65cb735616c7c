import { DataError } from "../data/data-error.js";
import type { Random } from "../random.js";

const LENGTH = { least: 3, most: 11 };
/** Of so many names one is an abbreviation, and one of two words. */
const ABBREVIATIONS = 10;
const DOUBLE = 5;
const END = "";

/** Names that nobody has, spelled as words are: a Markov chain in which a letter depends on the two before it. */
export class InventedNames {
  private readonly following = new Map<string, string[]>();
  private readonly known: ReadonlySet<string>;

  /** @param words those that the names are to resemble, and none of which is one */
  constructor(words: Iterable<string>) {
    this.known = new Set([...words].map((word) => word.toLowerCase()));
    for (const word of this.known) if (/^\p{L}{3,}$/u.test(word)) this.learn(word);
  }

  /** Throws DataError where the words are too few to spell another. */
  next(random: Random): string {
    if (random.below(ABBREVIATIONS) === 0) return this.abbreviation(random);
    const name = this.word(random);
    return random.below(DOUBLE) === 0 ? `${name} ${this.word(random)}` : name;
  }

  private learn(word: string): void {
    const letters = ["^", "^", ...word, END];
    for (let k = 2; k < letters.length; k++) {
      const before = letters[k - 2]! + letters[k - 1]!;
      const after = this.following.get(before);
      if (after) after.push(letters[k]!);
      else this.following.set(before, [letters[k]!]);
    }
  }

  private word(random: Random): string {
    for (let tries = 0; tries < 1000; tries++) {
      const word = this.spelled(random);
      if (word.length >= LENGTH.least && word.length <= LENGTH.most && !this.known.has(word)) {
        return word[0]!.toUpperCase() + word.slice(1);
      }
    }
    throw new DataError("there are too few words with letters to invent names like them");
  }

  private spelled(random: Random): string {
    let [word, before] = ["", "^^"];
    while (word.length <= LENGTH.most) {
      const after = this.following.get(before);
      const letter = after ? after[random.below(after.length)]! : END;
      if (letter === END) break;
      word += letter;
      before = before.slice(-1) + letter;
    }
    return word;
  }

  private abbreviation(random: Random): string {
    const letter = () => String.fromCharCode(0x41 + random.below(26));
    return Array.from({ length: 2 + random.below(3) }, letter).join("");
  }
}

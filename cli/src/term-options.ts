import { TERM_CASES, TERM_INFLECTIONS } from "@carousel/server/translation/terms/term";
import { Option } from "commander";

/** How the terms of a list are found and written. @param flag `--case`, say */
export function caseOption(flag: string): Option {
  return new Option(`${flag} <c>`, "how capitals count (default: match)").choices(TERM_CASES);
}

/** @param flag `--inflection`, say */
export function inflectionOption(flag: string): Option {
  return new Option(`${flag} <i>`, "which forms count: those listed, or longer ones too (default: listed)").choices(
    TERM_INFLECTIONS,
  );
}

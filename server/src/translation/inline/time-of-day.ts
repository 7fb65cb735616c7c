import { primaryLanguage } from "../../languages.js";

/** Of a day. */
export type Half = "am" | "pm";

/** How languages write a time; the hour is of 24, the minute nothing on the hour. */
const WRITTEN: Readonly<Record<string, (hour: number, minute: string) => string>> = {
  en: (hour, minute) => `${hour % 12 || 12}${minute && `:${minute}`} ${hour < 12 ? "am" : "pm"}`,
  fr: (hour, minute) => `${hour}\u00a0h${minute && `\u00a0${minute}`}`,
  ja: (hour, minute) => `${hour < 12 ? "午前" : "午後"}${hour % 12}時${minute && `${minute}分`}`,
};

/** A time of twelve hours as the language writes it, 15:30 where that is not known; nothing when it is none (13 pm). */
export function timeOfDay(
  { hour, minute, half }: { hour: number; minute: number; half: Half },
  language: string,
): string | undefined {
  if (hour > 12 || minute > 59) return undefined;
  const digits = String(minute).padStart(2, "0");
  const write = WRITTEN[primaryLanguage(language)] ?? ((h: number) => `${h}:${digits}`);
  return write((hour % 12) + (half === "pm" ? 12 : 0), minute === 0 ? "" : digits);
}

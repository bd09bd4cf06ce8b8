/** Text as XML takes it, in an element or in quotes of either kind; a picture of a name shows no control characters. */
export function xmlText(words: string): string {
  return withoutControls(words).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Text without what no XML file may hold, be it escaped or not. */
export function withoutControls(words: string): string {
  return words.replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, " ");
}

// A spreadsheet takes a cell that begins so for a formula, and names come from strangers.
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** A cell of comma-separated values (RFC 4180). */
export function csvCell(words: string): string {
  const safe = FORMULA.test(words) && !Number.isFinite(Number(words)) ? `'${words}` : words;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

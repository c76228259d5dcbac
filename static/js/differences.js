/**
 * What the page says against what the record says. Pure: takes texts, not
 * elements, so that the tests need no browser.
 */
import { verdicts } from "../words.json";

/** White space of the markup says nothing. */
export const tidy = (text) => text.replace(/\s+/g, " ").trim();

/** A sentence pattern of the table as a regular expression; numbers are free. */
function sentencePattern(sentence) {
  const literal = sentence.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return new RegExp("^" + literal.replace(/\{[a-z]+\}/g, ".+") + "$");
}

/** Whether `text` is the sentence that the table has for the verdict `code`. */
export function isSentenceOf(code, text, lang) {
  const verdict = verdicts.find((one) => one.code === code);
  return Boolean(verdict) && sentencePattern(verdict[lang]).test(tidy(text));
}

/**
 * Compares drawn texts with verified ones.
 *
 * `shown` and `verified` are lists of {id, text}; one id may be shown at
 * several places. Gives a list of {id, shown, recorded}, empty when all
 * agree. A verified fact that is not shown, and a shown one that was not
 * verified, differ too: otherwise leaving out a mark would hide a change.
 */
export function differences(shown, verified) {
  const found = [];
  const seen = new Set();
  for (const item of shown) {
    const record = verified.find((one) => one.id === item.id);
    const recorded = record ? record.text : "";
    seen.add(item.id);
    if (!record || tidy(item.text) !== tidy(recorded)) found.push({ id: item.id, shown: item.text, recorded });
  }
  for (const record of verified) {
    if (!seen.has(record.id)) found.push({ id: record.id, shown: "", recorded: record.text });
  }
  return found;
}

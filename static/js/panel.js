/**
 * The words that a check ends with, as elements. Everything is set as text,
 * never as markup.
 */
import { check as sentences } from "../words.json";
import { fill, format } from "./format.js";

/** A sentence of the table in `lang`, filled. */
export function say(name, lang, values) {
  return fill(sentences[name][lang === "en" ? "en" : "zh"], values || {});
}

/** A new element with a class and a text. */
export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Empties an element and puts the children in. */
export function refill(element, ...children) {
  while (element.firstChild) element.removeChild(element.firstChild);
  children.forEach((child) => element.appendChild(child));
}

/**
 * The paragraphs of a check that passed; `where` says where the program came
 * from, and how to be independent of that.
 */
export function goodWords(result, where, lang) {
  const witness = say("unwitnessed", lang);
  const at = format(result.at, "instant", lang);
  const counts = { count: result.count, facts: result.facts.length, size: result.size };
  return [
    make("p", "check-sentence", say("good", lang, { origin: result.origin, at, witness })),
    make("p", "check-detail", where),
    make("p", "check-detail", say("counts", lang, counts)),
  ];
}

/** The paragraphs of a check that failed: the sentence, then the step. */
export function badWords(code, differing, lang) {
  const words = [make("p", "check-sentence", say("bad", lang))];
  differing.slice(0, 3).forEach((one) => {
    const values = { shown: one.shown, recorded: one.recorded };
    words.push(make("p", "check-detail", say("differs", lang, values)));
  });
  words.push(make("p", "check-detail", say("why", lang) + (lang === "en" ? ": " : "：") + code));
  return words;
}

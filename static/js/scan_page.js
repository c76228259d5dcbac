/**
 * The scan page on the phone: checks the bundle that the page carries, then
 * draws every proved fact again from the verified bytes. A page that says
 * anything else than the record turns red. Makes no network call.
 *
 * Marks in the page: `main[data-verdict]`, `#verdict h1`, `#check`, and for
 * each proved fact `data-fact`, its label `data-label`, for each voucher
 * `data-voucher`, all with the id that the bundle uses.
 */
import { check, checkSteps, Refused } from "./check.js";
import { isCapable } from "./capable.js";
import { differences, isSentenceOf, tidy } from "./differences.js";
import { canonical, parse } from "./canonical.js";
import { format, voucherText } from "./format.js";
import { checkInclusion } from "./tree.js";
import { badWords, goodWords, make, refill, say } from "./panel.js";

const SLICE_MS = 40;

const all = (mark) => Array.from(document.querySelectorAll("[data-" + mark + "]"));
const textOf = (element) => element.textContent;

function showBad(page, code, differing) {
  page.main.setAttribute("data-proof", "bad");
  const bar = make("section", "verdict verdict-red verdict-proof");
  bar.setAttribute("role", "alert");
  bar.appendChild(make("span", "verdict-icon verdict-icon-stop"));
  const words = make("div", "verdict-words");
  refill(words, ...badWords(code, differing, page.lang));
  bar.appendChild(words);
  page.main.insertBefore(bar, page.main.firstChild);
  page.panel.hidden = true;
}

function showGood(page, result) {
  const lang = page.lang;
  const nodes = page.bundle.elsewhere || [];
  const elsewhere = nodes.join(lang === "en" ? ", " : "、") || say("elsewhere", lang);
  const where = say("where", lang, { host: page.bundle.host, elsewhere });
  page.main.setAttribute("data-proof", "good");
  page.panel.className = "check check-good";
  refill(page.panel, ...goodWords(result, where, lang));
}

/** Puts the verified text where it differs, and keeps what was served beside it. */
function redraw(mark, verified) {
  for (const element of all(mark)) {
    const record = verified.find((one) => one.id === element.getAttribute("data-" + mark));
    if (!record) continue;
    if (tidy(textOf(element)) !== tidy(record.text)) {
      refill(element, make("del", "", textOf(element)), make("ins", "", record.text));
    } else {
      element.textContent = record.text;
      element.classList.add("is-checked");
    }
  }
}

function shown(mark) {
  return all(mark).map((element) => ({ id: element.getAttribute("data-" + mark), text: textOf(element) }));
}

function finish(page, result) {
  const labels = shown("label");
  const labelled = result.facts.filter((fact) => labels.some((label) => label.id === fact.id));
  const differing = differences(shown("fact"), result.facts)
    .concat(differences(shown("voucher"), result.vouchers))
    .concat(differences(labels, labelled.map((fact) => ({ id: fact.id, text: fact.label }))));
  redraw("fact", result.facts);
  redraw("voucher", result.vouchers);
  const headline = document.querySelector("#verdict h1");
  const verdict = page.main.getAttribute("data-verdict");
  if (differing.length) showBad(page, "facts", differing);
  else if (!headline || !isSentenceOf(verdict, textOf(headline), page.lang)) showBad(page, "verdict", []);
  else if (result.recalled && verdict !== "recalled") showBad(page, "recalled", []);
  else showGood(page, result);
}

/** Works in slices, so that the page stays alive on a slow phone. */
function work(page, steps) {
  const until = Date.now() + SLICE_MS;
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) return finish(page, step.value);
      if (Date.now() > until) break;
    }
  } catch (error) {
    return showBad(page, error instanceof Refused ? error.code : "shape", []);
  }
  setTimeout(() => work(page, steps), 0);
}

/** A page that says itself that the code is not of this thing is not held to its address. */
function addressToCheck(main) {
  const disowned = ["altered", "mistyped", "unknown"];
  return disowned.includes(main.getAttribute("data-verdict")) ? "" : location.pathname;
}

function start() {
  const source = document.getElementById("proof");
  const page = { main: document.querySelector("main[data-verdict]"), panel: document.getElementById("check") };
  if (!source || !page.main || !page.panel || !isCapable()) return;
  page.lang = document.documentElement.lang === "en" ? "en" : "zh";
  try {
    page.bundle = JSON.parse(source.textContent);
  } catch (error) {
    return showBad(page, "shape", []);
  }
  refill(page.panel, make("p", "check-sentence", say("working", page.lang)));
  page.panel.className = "check check-working";
  // The verdict is painted first; the check follows.
  setTimeout(() => work(page, checkSteps(page.bundle, { path: addressToCheck(page.main) })), 0);
}

if (typeof document !== "undefined") start();

// For the tests, which run this file outside a browser.
export { canonical, check, checkInclusion, differences, format, isSentenceOf, parse, voucherText };

/**
 * A verified value in the reader's words.
 *
 * The server draws the same values with public_api/scan/formats.py; words and
 * patterns of both lie in static/words.json, and one table of cases
 * (tests/browser_script/format_cases.json) goes through both. Formats:
 *
 *   text, texts   as it is; a list joined
 *   date          "YYYY-MM-DD", or the Beijing day of an instant
 *   instant       an RFC 3339 instant, in Beijing time to the minute
 *   mass          integer milligrams in 公斤; mass_jin in 斤
 *   area          integer m² in 亩, two decimals, half to even
 *   pieces[:unit] an integer with the unit's word
 *   typed         [number as typed, unit as typed]
 *   code:<list>   a word of a closed vocabulary; unknown codes stay as they are
 *   region        a region code in words, from the bundle's own list
 */
import { patterns, months, vocabularies } from "../words.json";
import { Refused, demand } from "./refused.js";

const DAY = /^([12][0-9]{3})-([0-9]{2})-([0-9]{2})$/;
const INSTANT =
  /^([12][0-9]{3})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$/;
const NUMBER = /^[0-9]+(?:\.[0-9]+)?$/;
const BEIJING_MINUTES = 480;

const two = (number) => ("0" + number).slice(-2);
const own = (object, key) => Object.prototype.hasOwnProperty.call(object, key);

/** `{name}` in a pattern replaced by the value of that name. */
export function fill(pattern, values) {
  return pattern.replace(/\{([a-z]+)\}/g, (whole, name) => (own(values, name) ? values[name] : whole));
}

const inWords = (name, lang, values) => fill(patterns[name][lang], values);

function whole(value) {
  demand(Number.isSafeInteger(value) && value >= 0, "facts", "not a whole number");
  return value;
}

function text(value) {
  demand(typeof value === "string" || Number.isSafeInteger(value), "facts", "not a text");
  return String(value);
}

/** Digits in groups of three; a fraction keeps its spelling. */
function grouped(number) {
  const parts = String(number).split(".");
  parts[0] = parts[0].replace(/\B(?=(?:[0-9]{3})+$)/g, ",");
  return parts.join(".");
}

/** q and r/10^places as a decimal without trailing zeros. */
function decimal(q, r, places) {
  const fraction = ("0".repeat(places) + r).slice(-places).replace(/0+$/, "");
  return grouped(q) + (fraction ? "." + fraction : "");
}

function perUnit(mg, unitMg) {
  const rest = mg % unitMg;
  return decimal(Math.floor(mg / unitMg), rest * (1000000 / unitMg), 6);
}

function mu(squareMetres) {
  // 1 亩 = 2000/3 m²: hundredths of a 亩 are m² × 3/20, rounded half to even.
  const twentieths = squareMetres * 3;
  demand(Number.isSafeInteger(twentieths), "facts", "area out of range");
  const rest = twentieths % 20;
  let hundredths = Math.floor(twentieths / 20);
  if (rest > 10 || (rest === 10 && hundredths % 2 === 1)) hundredths += 1;
  return decimal(Math.floor(hundredths / 100), hundredths % 100, 2);
}

/** A code, or the last part of its web address: `…#harvesting`, `…/cbv/BizStep-shipping`. */
function word(list, code, lang) {
  const words = own(vocabularies, list) ? vocabularies[list] : {};
  const whole = typeof code === "boolean" ? String(code) : text(code);
  const key = own(words, whole) ? whole : whole.replace(/^.*[#/]/, "").replace(/^(?:BizStep|Disp)-/, "");
  return own(words, key) ? words[key][lang === "en" ? 1 : 0] : whole;
}

/** Midnight-safe fields of a moment in Beijing; no time zone of the phone is asked. */
function fields(ms) {
  const date = new Date(ms);
  const month = date.getUTCMonth();
  return {
    year: String(date.getUTCFullYear()),
    month: String(month + 1),
    monthname: months[month],
    day: String(date.getUTCDate()),
    hour: two(date.getUTCHours()),
    minute: two(date.getUTCMinutes()),
  };
}

function realDay(parts) {
  const ms = Date.UTC(+parts[1], +parts[2] - 1, +parts[3]);
  const date = new Date(ms);
  const real = date.getUTCMonth() === +parts[2] - 1 && date.getUTCDate() === +parts[3];
  demand(real, "facts", "no such day");
  return ms;
}

function beijing(value) {
  const parts = typeof value === "string" && INSTANT.exec(value);
  demand(parts, "facts", "not an instant");
  demand(+parts[4] < 24 && +parts[5] < 60 && +parts[6] < 60, "facts", "no such time");
  const zone = parts[7] === "Z" ? "+00:00" : parts[7];
  demand(+zone.slice(1, 3) < 24 && +zone.slice(4) < 60, "facts", "no such offset");
  const offset = (zone[0] === "-" ? -1 : 1) * (+zone.slice(1, 3) * 60 + +zone.slice(4));
  const minutes = +parts[4] * 60 + +parts[5] - offset + BEIJING_MINUTES;
  return fields(realDay(parts) + minutes * 60000);
}

function day(value) {
  const parts = typeof value === "string" && DAY.exec(value);
  return parts ? fields(realDay(parts)) : beijing(value);
}

function typed(value, lang) {
  const pair = Array.isArray(value) && value.length === 2 && value.every((v) => typeof v === "string");
  demand(pair, "facts", "not a typed quantity");
  const number = NUMBER.test(value[0]) ? grouped(value[0]) : value[0];
  return inWords("quantity", lang, { number, unit: word("unit", value[1], lang) });
}

const FORMATS = {
  text: (value) => text(value),
  texts(value, lang) {
    demand(Array.isArray(value), "facts", "not a list");
    return value.map(text).join(patterns.texts[lang]);
  },
  date: (value, lang) => inWords("date", lang, day(value)),
  instant: (value, lang) => inWords("instant", lang, beijing(value)),
  mass: (value, lang) => inWords("mass", lang, { number: perUnit(whole(value), 1000000) }),
  mass_jin: (value, lang) => inWords("mass_jin", lang, { number: perUnit(whole(value), 500000) }),
  area: (value, lang) =>
    inWords("area", lang, { number: mu(whole(value)), square: grouped(value) }),
  pieces: (value, lang, list) =>
    inWords("quantity", lang, { number: grouped(whole(value)), unit: word("unit", list || "pieces", lang) }),
  typed,
  code: (value, lang, list) => word(list, value, lang),
  region(value, lang, list, regions) {
    const code = text(value);
    return own(regions, code) ? text(regions[code]) : code;
  },
};

/** Value → text in `lang` ("zh" or "en"). @throws Refused code "facts" */
export function format(value, name, lang, regions) {
  const [kind, list] = String(name).split(":");
  if (!own(FORMATS, kind)) throw new Refused("facts", "unknown format");
  return FORMATS[kind](value, lang === "en" ? "en" : "zh", list, regions || {});
}

/** Who recorded, as the KEY entry of the signing key has it. */
export function voucherText(name, custody, lang) {
  const pattern = custody === "own" ? "voucher_own" : "voucher_platform";
  return inWords(pattern, lang === "en" ? "en" : "zh", { name: text(name) });
}

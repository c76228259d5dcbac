/**
 * The log's JSON profile, read strictly and written canonically.
 *
 * RFC 8785 (JCS) with one narrowing of log-format "Entry v1": numbers are
 * integers below 2^53. `parse` takes no duplicate key, fraction, exponent,
 * minus zero, lone surrogate or text after the value; `canonical` gives the
 * only spelling that may be hashed. `parse(canonical(v))` is `v`.
 */
import { Refused, demand } from "./refused.js";

const DEPTH_MAX = 64;
const NUMBER = /-?(?:0|[1-9][0-9]*)/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?:[^\ud800-\udbff]|^)[\udc00-\udfff]/;

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail(what) {
    throw new Refused("json", what + " at " + this.at);
  }

  space() {
    while (/[ \t\n\r]/.test(this.text.charAt(this.at))) this.at++;
  }

  take(sign) {
    if (this.text.charAt(this.at) !== sign) this.fail("expected " + sign);
    this.at++;
  }

  /** The longest match of a sticky pattern here. */
  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) this.fail("unexpected character");
    this.at += found[0].length;
    return found[0];
  }

  value(depth) {
    if (depth > DEPTH_MAX) this.fail("too deep");
    this.space();
    const sign = this.text.charAt(this.at);
    if (sign === "{") return this.object(depth);
    if (sign === "[") return this.array(depth);
    if (sign === '"') return this.string();
    if (sign === "t" || sign === "f" || sign === "n") return this.word();
    return this.number();
  }

  word() {
    const word = this.match(/true|false|null/y);
    return word === "null" ? null : word === "true";
  }

  number() {
    const number = Number(this.match(NUMBER));
    if (/[.eE0-9]/.test(this.text.charAt(this.at))) this.fail("not an integer");
    if (!Number.isSafeInteger(number) || Object.is(number, -0)) this.fail("number out of range");
    return number;
  }

  string() {
    this.take('"');
    let out = "";
    for (;;) {
      out += this.match(PLAIN);
      const sign = this.text.charAt(this.at++);
      if (sign === '"') break;
      if (sign !== "\\") this.fail("string not closed");
      out += this.escape();
    }
    if (LONE.test(out)) this.fail("lone surrogate");
    return out;
  }

  escape() {
    const sign = this.text.charAt(this.at++);
    if (sign === "u") return String.fromCharCode(parseInt(this.match(/[0-9a-fA-F]{4}/y), 16));
    if (!Object.prototype.hasOwnProperty.call(ESCAPES, sign)) this.fail("unknown escape");
    return ESCAPES[sign];
  }

  array(depth) {
    const out = [];
    this.take("[");
    this.space();
    if (this.text.charAt(this.at) === "]") return this.at++, out;
    for (;;) {
      out.push(this.value(depth + 1));
      this.space();
      if (this.text.charAt(this.at) === "]") return this.at++, out;
      this.take(",");
    }
  }

  object(depth) {
    const out = Object.create(null);
    this.take("{");
    this.space();
    if (this.text.charAt(this.at) === "}") return this.at++, out;
    for (;;) {
      this.member(out, depth);
      this.space();
      if (this.text.charAt(this.at) === "}") return this.at++, out;
      this.take(",");
    }
  }

  member(out, depth) {
    this.space();
    const key = this.string();
    if (key in out) this.fail("duplicate key");
    this.space();
    this.take(":");
    out[key] = this.value(depth + 1);
  }
}

/** Text → value. Objects have no prototype. @throws Refused code "json" */
export function parse(text) {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.space();
  if (reader.at !== text.length) reader.fail("text after the value");
  return value;
}

/** Value → its one spelling (RFC 8785). @throws Refused code "json" */
export function canonical(value, depth = 0) {
  demand(depth <= DEPTH_MAX, "json", "too deep");
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    demand(Number.isSafeInteger(value), "json", "not an integer below 2^53");
    return String(value);
  }
  if (typeof value === "string") {
    demand(!LONE.test(value), "json", "lone surrogate");
    return JSON.stringify(value);
  }
  demand(typeof value === "object", "json", "no JSON value");
  const inner = (item) => canonical(item, depth + 1);
  if (Array.isArray(value)) return "[" + value.map(inner).join(",") + "]";
  // The default order of sort() is by UTF-16 code unit: RFC 8785 section 3.2.3.
  const member = (key) => canonical(key) + ":" + inner(value[key]);
  return "{" + Object.keys(value).sort().map(member).join(",") + "}";
}

/** The value at a JSON pointer (RFC 6901). @throws Refused code "pointer" */
export function at(value, pointer) {
  if (pointer === "") return value;
  demand(typeof pointer === "string" && pointer[0] === "/", "pointer", "no JSON pointer");
  return pointer.slice(1).split("/").reduce((here, part) => {
    const key = part.replace(/~1/g, "/").replace(/~0/g, "~");
    const has = here !== null && typeof here === "object";
    demand(has && Object.prototype.hasOwnProperty.call(here, key), "pointer", "nothing there");
    return here[key];
  }, value);
}

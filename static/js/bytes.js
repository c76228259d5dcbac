/**
 * Bytes and their two spellings: canonical unpadded base64url inside entries
 * (RFC 4648 section 5) and padded base64 in notes (section 4). A spelling with
 * stray trailing bits is refused, so that one value has one spelling.
 */
import { demand } from "./refused.js";

const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function decodeWith(alphabet, text) {
  const out = new Uint8Array(Math.floor((text.length * 6) / 8));
  let buffer = 0;
  let bits = 0;
  let at = 0;
  for (const letter of text) {
    const digit = alphabet.indexOf(letter);
    demand(digit >= 0, "base64", "a character outside the alphabet");
    buffer = ((buffer << 6) | digit) & 0xfff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (buffer >> bits) & 0xff;
    }
  }
  demand(text.length % 4 !== 1, "base64", "impossible length");
  demand((buffer & ((1 << bits) - 1)) === 0, "base64", "trailing bits are not zero");
  return out;
}

/** base64url → bytes; `length`, where given, is the number of bytes wanted. */
export function fromBase64url(text, length) {
  demand(typeof text === "string", "base64", "not a text");
  const bytes = decodeWith(URL_SAFE, text);
  demand(length === undefined || bytes.length === length, "base64", "wrong length");
  return bytes;
}

/** Padded base64 → bytes. */
export function fromBase64(text) {
  demand(text.length % 4 === 0, "base64", "padding missing");
  return decodeWith(STANDARD, text.replace(/={1,2}$/, ""));
}

/** Bytes → canonical unpadded base64url. */
export function toBase64url(bytes) {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = (bytes[i] << 16) | ((bytes[i + 1] || 0) << 8) | (bytes[i + 2] || 0);
    out += URL_SAFE[group >> 18] + URL_SAFE[(group >> 12) & 63];
    if (left > 1) out += URL_SAFE[(group >> 6) & 63];
    if (left > 2) out += URL_SAFE[group & 63];
  }
  return out;
}

/** Text → UTF-8. */
export function utf8(text) {
  return new TextEncoder().encode(text);
}

/** All parts, one after the other. */
export function join(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Whether two byte strings are equal. Nothing here is secret, so time may vary. */
export function same(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

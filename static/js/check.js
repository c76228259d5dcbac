/**
 * The phone's check of one proof bundle. Pure: no page, no network, no clock.
 *
 * A bundle holds what a scan page shows and why it may be believed:
 *
 *   {v: 1, lang, host, origin, vkey, checkpoint, lot, elsewhere: [url],
 *    entries:  [{index, entry, proof: [hash]}],      in the order of the log
 *    streams:  [[stream id, number of entries]],      given whole
 *    openings: [{index, field, salt, value}],
 *    regions:  {code: words},                        the server's, not proved
 *    facts:    [{id, label, format, from: ["opening", k, pointer]
 *                                       | ["entry", index, pointer]}],
 *    vouchers: [{id, index, name: k, pointer}],
 *    address:  {items: [from], lot: from | null}}    what the label's address names
 *
 * The steps, in order; each refuses with its own code:
 *
 *  1. shape           the bundle is what the lines above say
 *  2. note_signature  the log's key signed the checkpoint, origin is right
 *  3. canonical       each entry is canonical, whole and of this log
 *  4. inclusion       each entry lies in the checkpoint's tree at its index
 *  5. entry_signature, unknown_key, authority
 *                     each entry was signed by a key that the log introduced
 *  6. chain           neighbours are chained by `prev`, `at` never goes back
 *  7. stream          each stream runs from 1 without a gap, chained by `prev`
 *  8. commitment      each opening is what its entry committed to
 *  9. facts           each shown fact is read from verified bytes
 * 10. address         where an address is given: it names this product and lot
 *
 * It proves that what is shown is what the log holds. It does not prove that a
 * fact is true, nor (before MAP entries) that a stream has no later entry.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { Refused, demand } from "./refused.js";
import { fromBase64url, join, toBase64url, utf8 } from "./bytes.js";
import { at, canonical } from "./canonical.js";
import { readEntry } from "./entry.js";
import { format, voucherText } from "./format.js";
import { Keys } from "./keys.js";
import { openCheckpoint, readVkey } from "./note.js";
import { checkInclusion } from "./tree.js";

const COMMIT_PREFIX = utf8("ecotrace/commit/v1\u0000");
const ZERO = toBase64url(new Uint8Array(32));

function checkShape(bundle) {
  const isObject = bundle !== null && typeof bundle === "object";
  demand(isObject && bundle.v === 1, "shape", "not a proof bundle of version 1");
  for (const name of ["host", "origin", "vkey", "checkpoint", "lang", "lot"]) {
    demand(typeof bundle[name] === "string", "shape", name);
  }
  for (const name of ["entries", "streams", "openings", "facts", "vouchers"]) {
    demand(Array.isArray(bundle[name]), "shape", name);
    demand(bundle[name].every((item) => item !== null && typeof item === "object"), "shape", name);
  }
  demand(bundle.entries.length > 0, "shape", "no entries");
}

function readAll(bundle) {
  let last = -1;
  return bundle.entries.map((item) => {
    demand(typeof item.entry === "string" && Array.isArray(item.proof), "shape", "entry");
    const entry = readEntry(item.entry);
    demand(entry.index === item.index && item.index > last, "shape", "order of entries");
    demand(entry.payload.origin === bundle.origin, "origin", "entry of another log");
    last = item.index;
    entry.proof = item.proof.map((hash) => fromBase64url(hash, 32));
    return entry;
  });
}

function checkChain(entries) {
  const names = new Set();
  entries.forEach((entry, i) => {
    demand(!names.has(entry.name), "chain", "a signature is used twice");
    names.add(entry.name);
    const before = entries[i - 1];
    if (entry.index === 0) demand(entry.seq.prev === ZERO, "chain", "entry 0");
    if (!before) return;
    demand(before.seq.at <= entry.seq.at, "chain", "time goes back at entry " + entry.index);
    if (before.index + 1 === entry.index) {
      demand(entry.seq.prev === before.hash, "chain", "entry " + entry.index);
    }
  });
}

function checkStream(id, count, entries) {
  const found = entries.filter((entry) => entry.payload.streams.includes(id));
  demand(found.length === count && count > 0, "stream", "entries of a stream are missing");
  let previous = ZERO;
  found.forEach((entry, i) => {
    const place = entry.seq.streams.find((one) => one.id === id);
    demand(place.n === i + 1, "stream", "gap before entry " + entry.index);
    demand(place.prev === previous, "stream", "chain broken at entry " + entry.index);
    previous = entry.hash;
  });
}

function checkOpening(opening, byIndex) {
  const entry = byIndex[opening.index];
  demand(entry && typeof opening.field === "string", "commitment", "opens nothing");
  const wanted = Object.prototype.hasOwnProperty.call(entry.payload.commit, opening.field);
  demand(wanted, "commitment", "entry " + opening.index + " has no such field");
  const salt = fromBase64url(opening.salt, 32);
  const value = utf8(canonical([opening.field, opening.value]));
  const hash = toBase64url(sha256(join(COMMIT_PREFIX, salt, value)));
  demand(hash === entry.payload.commit[opening.field], "commitment", "entry " + opening.index);
}

function read(from, bundle, byIndex) {
  demand(Array.isArray(from) && from.length === 3, "shape", "source of a fact");
  const [kind, place, pointer] = from;
  if (kind === "opening") {
    const opening = bundle.openings[place];
    demand(opening, "facts", "no such opening");
    return at(opening.value, pointer);
  }
  demand(kind === "entry" && byIndex[place], "facts", "no such entry");
  return at(byIndex[place].json, pointer);
}

/** The entry that a source lies in. */
function indexOf(from, bundle) {
  return from[0] === "opening" ? bundle.openings[from[1]].index : from[1];
}

function readFacts(bundle, byIndex) {
  return bundle.facts.map((fact) => {
    const value = read(fact.from, bundle, byIndex);
    const text = format(value, fact.format, bundle.lang, bundle.regions || {});
    return { id: fact.id, label: fact.label, text, index: indexOf(fact.from, bundle) };
  });
}

/** Who vouches: the party of the signing key must be the party that is named. */
function readVouchers(bundle, byIndex, keys) {
  return bundle.vouchers.map((voucher) => {
    const opening = bundle.openings[voucher.name];
    demand(byIndex[voucher.index] && opening, "facts", "no such voucher");
    const key = keys.of(byIndex[voucher.index]);
    const named = byIndex[opening.index].payload.streams;
    demand(key.party && named.includes(key.party), "voucher", "entry " + voucher.index);
    const name = at(opening.value, voucher.pointer);
    const text = voucherText(name, key.custody, bundle.lang);
    return { id: voucher.id, text, index: voucher.index };
  });
}

const ADDRESS = /\/(?:01\/([0-9]{14})|p\/([A-Za-z0-9-]{1,20}))(?:\/22\/[^/]+)?(?:\/10\/([^/]+))?(?:\/21\/[^/]+)?$/;

/** Product and lot of the address must be those of the record, or the proof is of another thing. */
function checkAddress(path, bundle, byIndex) {
  const parts = ADDRESS.exec(path || "");
  if (!parts || !bundle.address) return;
  demand(Array.isArray(bundle.address.items), "shape", "address");
  const items = bundle.address.items.map((from) => read(from, bundle, byIndex));
  demand(items.includes(parts[1] || parts[2]), "address", "another product");
  if (parts[3] === undefined) return;
  const lot = bundle.address.lot && read(bundle.address.lot, bundle, byIndex);
  demand(lot === decodeURIComponent(parts[3]), "address", "another lot");
}

/** The type of an entry; a CONT entry carries on the type of the entry that it continues. */
function typeOf(entry, entries) {
  if (entry.payload.type !== "CONT") return entry.payload.type;
  const first = entries.find((one) => one.name === entry.payload.facts.of);
  return first ? first.payload.type : "CONT";
}

/** Whether more recalls of the lot were ordered than ended, by the verified entries. */
function isRecalled(lot, entries) {
  const types = entries
    .filter((entry) => entry.payload.streams.includes(lot))
    .map((entry) => typeOf(entry, entries));
  const count = (type) => types.filter((one) => one === type).length;
  return count("trace.recall.order") > count("trace.recall.end");
}

/**
 * Checks a bundle step by step; a generator, so that a page can breathe
 * between two signatures. Yields the number of entries done; returns
 * {origin, size, at, count, facts, vouchers, recalled}.
 *
 * `options.vkey` is a verifier key that the caller trusts from elsewhere
 * (/verify); without it the key of the bundle is used, and proves less.
 * `options.path` is the path of the address that was scanned.
 * @throws Refused with the code of the step
 */
export function* checkSteps(bundle, { vkey, path } = {}) {
  checkShape(bundle);
  demand(!vkey || vkey === bundle.vkey, "vkey", "not the pinned key");
  const checkpoint = openCheckpoint(bundle.checkpoint, readVkey(bundle.vkey));
  demand(checkpoint.origin === bundle.origin, "origin", "checkpoint of another log");
  const entries = readAll(bundle);
  const keys = new Keys();
  const byIndex = Object.create(null);
  for (const entry of entries) {
    checkInclusion(fromBase64url(entry.hash), entry.index, checkpoint, entry.proof);
  }
  for (const entry of entries) {
    keys.checkSignature(entry);
    keys.learn(entry);
    byIndex[entry.index] = entry;
    yield entry.index;
  }
  checkChain(entries);
  for (const [id, count] of bundle.streams) checkStream(id, count, entries);
  for (const opening of bundle.openings) checkOpening(opening, byIndex);
  checkAddress(path, bundle, byIndex);
  return {
    origin: checkpoint.origin,
    size: checkpoint.size,
    at: entries[entries.length - 1].seq.at,
    count: entries.length,
    facts: readFacts(bundle, byIndex),
    vouchers: readVouchers(bundle, byIndex, keys),
    recalled: isRecalled(bundle.lot, entries),
  };
}

/** checkSteps in one go. */
export function check(bundle, options) {
  const steps = checkSteps(bundle, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

export { Refused };

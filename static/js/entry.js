/**
 * Entry v1 of the log format: one entry read strictly.
 *
 * Entry bytes are the canonical JSON of {v, payload, sig, seq}. Unknown
 * members are refused, at every level that the log itself defines. `facts`
 * and `commit` are the areas' own.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { demand } from "./refused.js";
import { fromBase64url, join, toBase64url, utf8 } from "./bytes.js";
import { canonical, parse } from "./canonical.js";
import { leafHash } from "./tree.js";

const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$/;
const TYPE = /^(?:[A-Z][A-Z-]*|[a-z][a-z_]*(?:\.[a-z][a-z_]*){2})$/;
const STREAM = /^[a-z]{2,8}:[A-Za-z0-9_-]{1,24}$/;
const PAYLOAD_PREFIX = utf8("ecotrace/payload/v1\u0000");
const ENTRY_MAX = 16384;
const STREAMS_MAX = 96;

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function members(value, wanted, optional, where) {
  demand(isObject(value), "entry", where + " is no object");
  for (const name of wanted) demand(name in value, "entry", where + " has no " + name);
  const known = wanted.concat(optional);
  demand(Object.keys(value).every((name) => known.includes(name)), "entry", where + ": unknown member");
}

const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isInstant = (value) => typeof value === "string" && INSTANT.test(value);

function checkPayload(payload) {
  const wanted = ["type", "id", "origin", "actor", "streams", "effective_at", "facts", "commit"];
  members(payload, wanted, ["seen"], "payload");
  demand(TYPE.test(payload.type), "entry", "type");
  fromBase64url(payload.id, 16);
  fromBase64url(payload.actor, 32);
  demand(typeof payload.origin === "string", "entry", "origin");
  demand(isInstant(payload.effective_at), "entry", "effective_at");
  demand(isObject(payload.facts) && isObject(payload.commit), "entry", "facts, commit");
  for (const name of Object.keys(payload.commit)) fromBase64url(payload.commit[name], 32);
  checkStreams(payload.streams);
  if ("seen" in payload) {
    members(payload.seen, ["size", "root"], [], "seen");
    demand(isCount(payload.seen.size), "entry", "seen");
    fromBase64url(payload.seen.root, 32);
  }
}

function checkStreams(streams) {
  demand(Array.isArray(streams) && streams.length <= STREAMS_MAX, "entry", "streams");
  streams.forEach((id, i) => {
    demand(typeof id === "string" && STREAM.test(id) && id.length <= 26, "entry", "stream id");
    demand(i === 0 || streams[i - 1] < id, "entry", "streams are not sorted");
  });
}

function checkSequence(seq, streams) {
  members(seq, ["index", "prev", "at", "streams"], [], "seq");
  demand(isCount(seq.index) && isInstant(seq.at), "entry", "index, at");
  fromBase64url(seq.prev, 32);
  demand(Array.isArray(seq.streams) && seq.streams.length === streams.length, "entry", "seq.streams");
  seq.streams.forEach((place, i) => {
    members(place, ["id", "n", "prev"], [], "seq.streams");
    demand(place.id === streams[i], "entry", "seq.streams differ from payload.streams");
    demand(isCount(place.n) && place.n >= 1, "entry", "n begins at 1");
    fromBase64url(place.prev, 32);
  });
}

/**
 * Entry text → {index, json, payload, seq, hash, signed, signature, name}.
 *
 * `signed` are the bytes that the actor signed, `name` the payload_id.
 * @throws Refused "json", "base64", "entry", "canonical"
 */
export function readEntry(text) {
  const bytes = utf8(text);
  demand(bytes.length <= ENTRY_MAX, "entry", "over 16,384 bytes");
  const json = parse(text);
  demand(canonical(json) === text, "canonical", "the bytes are not canonical");
  members(json, ["v", "payload", "sig", "seq"], [], "entry");
  demand(json.v === 1, "entry", "version");
  checkPayload(json.payload);
  checkSequence(json.seq, json.payload.streams);
  const signed = join(PAYLOAD_PREFIX, utf8(canonical(json.payload)));
  return {
    index: json.seq.index,
    json,
    payload: json.payload,
    seq: json.seq,
    hash: toBase64url(leafHash(bytes)),
    signed,
    signature: fromBase64url(json.sig, 64),
    name: toBase64url(sha256(signed)),
  };
}

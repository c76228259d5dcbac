/**
 * C2SP tlog-proof files: one entry (in the `extra` line, as base64), its index,
 * its inclusion proof and the checkpoint.
 */
import { demand } from "./refused.js";
import { fromBase64, fromBase64url } from "./bytes.js";
import { readEntry } from "./entry.js";
import { openCheckpoint, readVkey } from "./note.js";
import { checkInclusion } from "./tree.js";

const FIRST_LINE = "c2sp.org/tlog-proof@v1";

function readIndex(line) {
  const parts = /^index (0|[1-9][0-9]{0,15})$/.exec(line || "");
  demand(parts, "proof_file", "no index");
  return Number(parts[1]);
}

function parts(text) {
  const split = text.indexOf("\n\n");
  demand(split > 0, "proof_file", "no checkpoint");
  const lines = text.slice(0, split).split("\n");
  demand(lines.shift() === FIRST_LINE, "proof_file", "not a tlog-proof");
  demand(/^extra /.test(lines[0] || ""), "proof_file", "does not carry its entry");
  const extra = fromBase64(lines.shift().slice("extra ".length));
  const index = readIndex(lines.shift());
  const proof = lines.map((line) => fromBase64(line));
  demand(proof.every((hash) => hash.length === 32), "proof_file", "a hash has 32 bytes");
  return { extra, index, proof, checkpoint: text.slice(split + 2) };
}

/**
 * Text of a proof file → {origin, size, index, entry} where `pinned` is a list
 * of {origin, vkey}. The actor's signature needs the KEY entry, which a proof
 * file does not carry: it is not checked here.
 * @throws Refused
 */
export function checkProofFile(text, pinned) {
  const file = parts(text);
  const origin = file.checkpoint.split("\n", 1)[0];
  const log = pinned.find((one) => one.origin === origin);
  demand(log, "foreign", "a log that is not pinned");
  const checkpoint = openCheckpoint(file.checkpoint, readVkey(log.vkey));
  const entry = readEntry(new TextDecoder("utf-8", { fatal: true }).decode(file.extra));
  demand(entry.index === file.index, "proof_file", "the entry has another index");
  demand(entry.payload.origin === origin, "origin", "entry of another log");
  checkInclusion(fromBase64url(entry.hash), file.index, checkpoint, file.proof);
  return { origin, size: checkpoint.size, index: file.index, entry };
}

/**
 * C2SP signed-note and tlog-checkpoint.
 *
 * A note is text, an empty line, then signature lines `— name base64`, where
 * base64 holds a 4-byte key id and the signature. A verifier key is
 * `name+hex(key id)+base64(0x01 ‖ public key)` with key id = the first four
 * bytes of SHA-256(name ‖ "\n" ‖ 0x01 ‖ public key). Lines of keys that we do
 * not know are ignored by rule. Our checkpoints have exactly three lines:
 * origin, size, root.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { demand } from "./refused.js";
import { fromBase64, join, same, utf8 } from "./bytes.js";
import { verify } from "./signature.js";

const ED25519 = 1;

/** Verifier key text → {name, id, key}. @throws Refused code "vkey" */
export function readVkey(text) {
  const parts = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text);
  demand(parts, "vkey", "not a verifier key");
  const typed = fromBase64(parts[3]);
  demand(typed.length === 33 && typed[0] === ED25519, "vkey", "not an Ed25519 key");
  const id = sha256(join(utf8(parts[1] + "\n"), typed)).subarray(0, 4);
  const hex = Array.from(id, (byte) => ("0" + byte.toString(16)).slice(-2)).join("");
  demand(hex === parts[2], "vkey", "key id differs from the key");
  return { name: parts[1], id, key: typed.subarray(1) };
}

function signatureLines(block) {
  demand(block.slice(-1) === "\n", "note", "last line not ended");
  return block.slice(0, -1).split("\n").map((line) => {
    const parts = /^\u2014 ([^+\s]+) ([A-Za-z0-9+/]+=*)$/.exec(line);
    demand(parts, "note", "not a signature line");
    const blob = fromBase64(parts[2]);
    demand(blob.length > 4, "note", "signature too short");
    return { name: parts[1], id: blob.subarray(0, 4), signature: blob.subarray(4) };
  });
}

/** The text of a note that `vkey` signed. @throws Refused "note", "note_signature" */
export function openNote(note, vkey) {
  // eslint-disable-next-line no-control-regex
  demand(!/[\u0000-\u0009\u000b-\u001f]/.test(note), "note", "control character");
  const split = note.lastIndexOf("\n\n");
  demand(split >= 0, "note", "no signatures");
  const text = note.slice(0, split + 1);
  const ours = signatureLines(note.slice(split + 2))
    .filter((line) => line.name === vkey.name && same(line.id, vkey.id));
  demand(ours.length > 0, "note_signature", "not signed by the log's key");
  for (const line of ours) {
    demand(verify(line.signature, utf8(text), vkey.key), "note_signature", "signature is wrong");
  }
  return text;
}

/** Checkpoint note → {origin, size, root}. @throws Refused "checkpoint" and those of openNote */
export function openCheckpoint(note, vkey) {
  const lines = openNote(note, vkey).split("\n");
  demand(lines.length === 4 && lines[3] === "", "checkpoint", "not three lines");
  demand(lines[0] === vkey.name, "checkpoint", "another origin");
  demand(/^(0|[1-9][0-9]{0,15})$/.test(lines[1]), "checkpoint", "size is no number");
  const root = fromBase64(lines[2]);
  demand(root.length === 32, "checkpoint", "root is not 32 bytes");
  const size = Number(lines[1]);
  demand(Number.isSafeInteger(size), "checkpoint", "size out of range");
  return { origin: lines[0], size, root };
}

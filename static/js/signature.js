/**
 * Ed25519 as RFC 8032 has it (`zip215: false`): canonical encodings only, no
 * key of small order. `crypto.subtle` is not used because it is absent outside
 * secure contexts, and a phone on a market's own network is outside one.
 */
import { hashes, verify as verifyEd25519 } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";

hashes.sha512 = sha512;

/** Whether `signature` (64 bytes) over `message` is by `key` (32 bytes). */
export function verify(signature, message, key) {
  if (signature.length !== 64 || key.length !== 32) return false;
  try {
    return verifyEd25519(signature, message, key, { zip215: false });
  } catch (broken) {
    // The library throws for points that are not on the curve.
    return false;
  }
}

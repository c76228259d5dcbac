/**
 * RFC 6962 hashes and inclusion proofs (the algorithm of RFC 9162 section
 * 2.1.3.2). Sizes and indexes are plain numbers below 2^53, so halves are
 * taken by division: the shift operators of JavaScript end at 32 bits.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { demand } from "./refused.js";
import { join, same } from "./bytes.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** SHA-256(0x00 ‖ entry bytes): leaf, and `prev` of what follows. */
export function leafHash(entry) {
  return sha256(join(LEAF, entry));
}

function nodeHash(left, right) {
  return sha256(join(NODE, left, right));
}

const odd = (n) => n % 2 === 1;
const half = (n) => Math.floor(n / 2);

/** The root that `leaf` at `index` of a tree of `size` leads to. */
export function rootFrom(leaf, index, size, proof) {
  demand(index < size, "inclusion", "index beyond the tree");
  let here = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    demand(last > 0, "inclusion", "proof too long");
    if (odd(here) || here === last) {
      hash = nodeHash(sibling, hash);
      while (here !== 0 && !odd(here)) {
        here = half(here);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    here = half(here);
    last = half(last);
  }
  demand(last === 0, "inclusion", "proof too short");
  return hash;
}

/** @throws Refused code "inclusion" unless the proof leads from leaf to root. */
export function checkInclusion(leaf, index, checkpoint, proof) {
  demand(leaf.length === 32 && checkpoint.root.length === 32, "inclusion", "a hash has 32 bytes");
  const root = rootFrom(leaf, index, checkpoint.size, proof);
  demand(same(root, checkpoint.root), "inclusion", "the proof leads to another root");
}

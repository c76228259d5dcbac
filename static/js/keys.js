/**
 * Who may have signed: the keys that GENESIS and KEY entries introduce.
 *
 * GENESIS (entry 0) carries the system key and the root keys and is signed by
 * the system key. A KEY entry is signed by a key of GENESIS, or by a later
 * system key, and introduces one further key with its purpose. A key counts
 * only for entries after the one that introduced it: validity goes by position
 * in the log, not by a clock. A checkpoint key signs no entries.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { demand } from "./refused.js";
import { fromBase64url, toBase64url } from "./bytes.js";
import { verify } from "./signature.js";

/** Purposes of the keys that may sign a type: the log's own types are in capitals. */
function signersOf(type) {
  if (type === "KEY") return ["system", "root"];
  if (type === "CONT") return ["party", "system"];
  return /^[A-Z]/.test(type) ? ["system"] : ["party"];
}

export class Keys {
  constructor() {
    this.known = Object.create(null);
  }

  add(text, since, facts) {
    const key = fromBase64url(text, 32);
    const actor = toBase64url(sha256(key));
    demand(!this.known[actor], "authority", "a key is introduced twice");
    this.known[actor] = Object.assign({ key, since }, facts);
  }

  /** Learns from one entry; call in the order of the log, after checkSignature. */
  learn(entry) {
    const facts = entry.payload.facts;
    if (entry.payload.type === "GENESIS") {
      for (const root of facts.root_keys) this.add(root, 0, { purpose: "root" });
    } else if (entry.payload.type === "KEY") {
      const { purpose, custody } = facts;
      this.add(facts.key, entry.index, { purpose, custody, party: entry.payload.streams[0] });
    }
  }

  /** The key that signed an entry. @throws Refused "unknown_key", "authority" */
  of(entry) {
    const key = this.known[entry.payload.actor];
    demand(key, "unknown_key", "entry " + entry.index);
    demand(key.since < entry.index || entry.index === 0, "unknown_key", "not yet valid");
    demand(signersOf(entry.payload.type).includes(key.purpose), "authority", "entry " + entry.index);
    return key;
  }

  /** @throws Refused "unknown_key", "entry_signature", "authority" */
  checkSignature(entry) {
    if (entry.payload.type === "GENESIS") {
      demand(entry.index === 0, "authority", "GENESIS is not entry 0");
      this.add(entry.payload.facts.system_key, 0, { purpose: "system" });
    }
    const valid = verify(entry.signature, entry.signed, this.of(entry).key);
    demand(valid, "entry_signature", "entry " + entry.index);
  }
}

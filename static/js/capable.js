/**
 * Whether this browser can check at all. A browser without BigInt does not even
 * parse the script, and the sentence that the server drew stays on the page.
 */
import { verify } from "./signature.js";
import { fromBase64url } from "./bytes.js";

// RFC 8032 section 7.1, TEST 1: the empty message.
const KEY = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const SIGNATURE =
  "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc-bRr0lv18FlbviRlUUFDjnoQCw";

/** True when a known good signature passes and a changed one does not. */
export function isCapable() {
  if (typeof TextEncoder === "undefined" || typeof Uint8Array === "undefined") return false;
  try {
    const key = fromBase64url(KEY);
    const signature = fromBase64url(SIGNATURE);
    const good = verify(signature, new Uint8Array(0), key);
    return good && !verify(signature, new Uint8Array(1), key);
  } catch (broken) {
    return false;
  }
}

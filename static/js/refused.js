/**
 * A check that failed, as opposed to a program that broke.
 *
 * `code` names the step (see check.js for the list); `detail` says where, in
 * plain words and without any text taken from the page.
 */
export class Refused extends Error {
  constructor(code, detail) {
    super(code + (detail ? ": " + detail : ""));
    this.code = code;
    this.detail = detail || "";
  }
}

/** Throws Refused(code, detail) unless `condition` holds. */
export function demand(condition, code, detail) {
  if (!condition) throw new Refused(code, detail);
}

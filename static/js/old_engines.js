/**
 * Functions that the libraries call and that Chrome 67 and Safari 14 lack. The
 * build puts these in their place (build.mjs, `inject`); nothing global changes.
 */
export const hasOwn = (object, key) => Object.prototype.hasOwnProperty.call(object, key);

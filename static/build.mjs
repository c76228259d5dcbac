/**
 * Builds static/dist from static/js and node_modules: `npm run build`.
 *
 * - check.js     the phone's checker, one classic script
 * - console.js   the console's small script
 * - visit.js, visit_worker.js   the inspector's checklist without network, and its service worker
 * - htmx.js      htmx as published
 * - verify.html  the self-contained checker page; verify.json names the hashes
 *                of its inline script and style for the Content-Security-Policy
 * - zxing.js, zxing_reader.wasm   loaded by /verify only when a picture is given
 * - ecotrace.css minified
 * - each of these packed with gzip beside it (.gz)
 * - manifest.json   {file: first 12 hex digits of its SHA-256}
 *
 * Targets chrome67 and safari14: ES2018 syntax plus BigInt, the oldest browsers
 * that can compute an Ed25519 signature this way.
 */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const STATIC = dirname(fileURLToPath(import.meta.url));
const MODULES = join(STATIC, "..", "node_modules");
const DIST = join(STATIC, "dist");

const digest = (bytes, encoding) => createHash("sha256").update(bytes).digest(encoding);
const read = (...parts) => readFileSync(join(STATIC, ...parts), "utf8");

async function script(name, options) {
  const result = await build({
    entryPoints: [join(STATIC, "js", name)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    charset: "utf8",
    legalComments: "none",
    target: ["chrome67", "safari14"],
    // globalThis came with Chrome 71, Object.hasOwn with Chrome 93.
    define: { globalThis: "self", "Object.hasOwn": "hasOwn" },
    inject: [join(STATIC, "js", "old_engines.js")],
    // The table of esbuild counts Safari 14.0 out over a corner of destructured parameters (their
    // scope), which neither we nor the libraries touch.
    // `catch` without a name is the one piece of ES2019 that Chrome 67 has; we stay with ES2018.
    supported: { destructuring: true, "optional-catch-binding": false },
    ...options,
  });
  return result.outputFiles[0].text;
}

async function stylesheet(name) {
  const entryPoints = [join(STATIC, "css", name)];
  const result = await build({ entryPoints, minify: true, write: false, charset: "utf8", target: ["chrome67", "safari14"] });
  return result.outputFiles[0].text;
}

/** The page with its style and script inside; the server puts policy and words in. */
function verifyPage(code, style) {
  // "</script" inside a string literal would end the element.
  const safe = code.replace(/<\/script/gi, "<\\/script");
  const page = read("js", "verify.html").replace("/*STYLE*/", () => style).replace("/*SCRIPT*/", () => safe);
  const hash = (text) => "'sha256-" + digest(Buffer.from(text, "utf8"), "base64") + "'";
  return { page, hashes: { script: hash(safe), style: hash(style) } };
}

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST, { recursive: true });
const put = (name, text) => writeFileSync(join(DIST, name), text);

put("check.js", await script("scan_page.js", { globalName: "ecotraceCheck" }));
put("console.js", await script("console.js"));
put("visit.js", await script("visit.js"));
put("visit_worker.js", await script("visit_worker.js"));
put("zxing.js", await script("zxing.js", { globalName: "ecotraceZxing", target: ["chrome91", "safari15"], define: {}, inject: [] }));
put("ecotrace.css", await stylesheet("ecotrace.css"));
copyFileSync(join(MODULES, "htmx.org", "dist", "htmx.min.js"), join(DIST, "htmx.js"));
copyFileSync(join(MODULES, "zxing-wasm", "dist", "reader", "zxing_reader.wasm"), join(DIST, "zxing_reader.wasm"));
const verify = verifyPage((await script("verify.js")).trim(), (await stylesheet("ecotrace.css")).trim());
put("verify.html", verify.page);
put("verify.json", JSON.stringify(verify.hashes));

const manifest = {};
for (const name of readdirSync(DIST).sort()) {
  const bytes = readFileSync(join(DIST, name));
  manifest[name] = digest(bytes, "hex").slice(0, 12);
  // Phones on a poor signal: packed once here, served as it lies.
  if (/\.(js|css|wasm)$/.test(name)) writeFileSync(join(DIST, name + ".gz"), gzipSync(bytes, { level: 9 }));
}
put("manifest.json", JSON.stringify(manifest, null, 1) + "\n");

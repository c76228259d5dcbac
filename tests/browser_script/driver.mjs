// Runs the built checker, static/dist/check.js, as the classic script that it is, in a context that
// has no more than Chrome 67 had. Reads lists of jobs as JSON, a list on each line, and writes the
// list of their answers on a line; each list is done in a context of its own.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import vm from "node:vm";

const checker = new vm.Script(readFileSync(join(process.argv[2], "check.js"), "utf8"));
const without = new vm.Script(
  `var self = this;
   delete this.globalThis; delete this.Atomics; delete this.SharedArrayBuffer; delete this.WeakRef;
   for (const [owner, names] of [
     [Array.prototype, ["at", "flat", "flatMap", "findLast", "toSorted", "with"]],
     [String.prototype, ["at", "matchAll", "replaceAll", "trimStart", "trimEnd", "isWellFormed"]],
     [Object, ["fromEntries", "hasOwn", "groupBy"]],
     [Uint8Array, ["fromBase64", "fromHex"]],
     [Uint8Array.prototype.__proto__, ["at", "toHex", "toBase64", "findLast"]],
     [DataView.prototype, ["setBigUint64", "getBigUint64"]],
     [Promise, ["allSettled", "any"]],
   ]) for (const name of names) delete owner[name];`,
);

let context;

function begin() {
  context = vm.createContext({ TextEncoder, console });
  without.runInContext(context);
  checker.runInContext(context);
  context.decode = (text) => Array.from(Buffer.from(text, "base64"));
  vm.runInContext("var job_text;", context);
}

const JOBS = {
  check(job) {
    context.bundle = JSON.stringify(job.bundle);
    context.options = JSON.stringify(job.options || {});
    return vm.runInContext(
      `(() => {
        try {
          const result = ecotraceCheck.check(JSON.parse(bundle), JSON.parse(options));
          return JSON.stringify({ ok: true, result });
        } catch (error) {
          return JSON.stringify({ ok: false, code: error.code || null, message: String(error) });
        }
      })()`,
      context,
    );
  },
  check_each({ bundle, at, values }) {
    const last = at[at.length - 1];
    const answers = values.map((value) => {
      at.slice(0, -1).reduce((inner, key) => inner[key], bundle)[last] = value;
      return JOBS.check({ bundle });
    });
    return `[${answers.join()}]`;
  },
  format(job) {
    context.job = JSON.stringify(job);
    return vm.runInContext(
      `(() => {
        const { value, format, lang, regions } = JSON.parse(job);
        try {
          return JSON.stringify({ text: ecotraceCheck.format(value, format, lang, regions) });
        } catch (error) {
          return JSON.stringify({ code: error.code || null, message: String(error) });
        }
      })()`,
      context,
    );
  },
  parse(job) {
    context.text = job.text;
    return vm.runInContext(
      "(() => { try { ecotraceCheck.parse(text); return 'true'; } catch (error) { if (!error.code) throw error; return 'false'; } })()",
      context,
    );
  },
  inclusion(job) {
    context.job = JSON.stringify(job);
    return vm.runInContext(
      `(() => {
        const job = JSON.parse(job_text = this.job);
        const bytes = (text) => Uint8Array.from(decode(text));
        try {
          const head = { size: job.size, root: bytes(job.root) };
          ecotraceCheck.checkInclusion(bytes(job.leaf), job.index, head, job.proof.map(bytes));
          return "true";
        } catch (error) {
          if (error.code !== "inclusion") throw error;
          return "false";
        }
      })()`,
      context,
    );
  },
  canonical(job) {
    context.job = JSON.stringify(job.value);
    return vm.runInContext("JSON.stringify(ecotraceCheck.canonical(JSON.parse(job)))", context);
  },
  differences(job) {
    context.job = JSON.stringify(job);
    return vm.runInContext(
      "(() => { const j = JSON.parse(job); return JSON.stringify(ecotraceCheck.differences(j.shown, j.verified)); })()",
      context,
    );
  },
  sentence(job) {
    context.job = JSON.stringify(job);
    return vm.runInContext(
      "(() => { const j = JSON.parse(job); return JSON.stringify(ecotraceCheck.isSentenceOf(j.code, j.text, j.lang)); })()",
      context,
    );
  },
};

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  begin();
  const answers = JSON.parse(line).map((job) => JSON.parse(JOBS[job.do](job)));
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}

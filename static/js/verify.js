/**
 * The /verify page: checks what another office's page shows, with this node's
 * own script and its pinned policy.
 *
 * Policy: {v: 1, node, lang, reader, logs: [{origin, vkey, addresses: [url]}]}.
 * An address is opened only when one of these logs owns it; a link to any other
 * host is named as foreign and never fetched. What the issuing office answers
 * counts for nothing until it is checked against the pinned key.
 */
import { check, Refused } from "./check.js";
import { isCapable } from "./capable.js";
import { fill, format } from "./format.js";
import { badWords, goodWords, make, refill, say } from "./panel.js";
import { readPicture } from "./picture.js";
import { checkProofFile } from "./proof_file.js";
import { verdicts, verify as sentences } from "../words.json";

const policy = JSON.parse(document.getElementById("policy").textContent);
const asked = /[?&]lang=(zh|en)\b/.exec(location.search);
const lang = asked ? asked[1] : policy.lang === "en" ? "en" : "zh";
const word = (name) => sentences[name][lang];
const main = document.getElementById("verify");
const answer = make("section", "verify-answer");
answer.setAttribute("aria-live", "polite");

/** The logs of the policy whose pages lie under an address. */
function ownersOf(address) {
  const owns = (base) => address.href === base || address.href.startsWith(base.replace(/\/?$/, "/"));
  return policy.logs.filter((log) => log.addresses.some(owns));
}

const named = (logs, origin) => logs.find((log) => log.origin === origin);

function readAddress(text) {
  try {
    const address = new URL(text.trim());
    return /^https?:$/.test(address.protocol) && !address.username ? address : null;
  } catch (error) {
    return null;
  }
}

function panel(colour, ...children) {
  const section = make("section", "verdict verdict-" + colour);
  section.appendChild(make("span", "verdict-icon verdict-icon-" + (colour === "green" ? "ok" : "stop")));
  const inner = make("div", "verdict-words");
  refill(inner, ...children);
  section.appendChild(inner);
  return section;
}

const message = (colour, name) => refill(answer, panel(colour, make("p", "check-sentence", word(name))));
const failed = (error) =>
  refill(answer, panel("red", ...badWords(error instanceof Refused ? error.code : "shape", [], lang)));

function factTable(rows) {
  const list = make("dl", "facts");
  for (const [label, text] of rows) {
    const row = make("div", "fact");
    row.appendChild(make("dt", "", label));
    row.appendChild(make("dd", "is-checked", text));
    list.appendChild(row);
  }
  return list;
}

function card(title, ...children) {
  const section = make("section", "card");
  section.appendChild(make("h2", "", title));
  children.forEach((child) => section.appendChild(child));
  return section;
}

function officeSays(reply) {
  const verdict = verdicts.find((one) => one.code === reply.verdict);
  // A sentence with numbers is said without them here: they are not in the log.
  const base = verdict && /\{/.test(verdict[lang]) ? verdicts.find((one) => one.code === "found") : verdict;
  return card(word("office"), make("p", "", base ? base[lang] : word("nothing")));
}

/** One table for each entry that something was read from, headed by who recorded it. */
function entryTables(result) {
  const indexes = result.facts.concat(result.vouchers).map((one) => one.index);
  const tables = [];
  for (const index of indexes.filter((one, i) => indexes.indexOf(one) === i)) {
    const ofEntry = (one) => one.index === index;
    const vouchers = result.vouchers.filter(ofEntry).map((voucher) => voucher.text);
    const who = vouchers.filter((text, i) => vouchers.indexOf(text) === i).join(" · ");
    tables.push(make("h3", "entry-head", word("entry_head") + " " + index + (who ? " · " + who : "")));
    tables.push(factTable(result.facts.filter(ofEntry).map((fact) => [fact.label, fact.text])));
  }
  return tables;
}

function showBundle(reply, log, path) {
  const bundle = Object.assign({}, reply.proof, { lang });
  const result = check(bundle, { vkey: log.vkey, path });
  const where = fill(word("where"), { host: policy.node });
  const words = goodWords(result, where, lang);
  // Above a recall a green bar would be read as good news.
  const good = result.recalled ? make("section", "check") : panel("green", ...words);
  if (result.recalled) refill(good, ...words);
  const parts = [good, card(word("facts"), ...entryTables(result))];
  if (result.recalled) parts.unshift(panel("red", make("p", "check-sentence", verdicts[0][lang])));
  if (reply.verdict) parts.push(officeSays(reply));
  refill(answer, ...parts);
}

async function checkAddress(text) {
  const address = readAddress(text);
  if (!address) return message("red", "not_address");
  const owners = ownersOf(address);
  if (!owners.length) return message("red", "foreign");
  message("amber", "fetching");
  let reply;
  try {
    const options = { headers: { Accept: "application/json" }, credentials: "omit", redirect: "error" };
    address.searchParams.set("lang", lang);
    reply = await (await fetch(address.href, options)).json();
  } catch (error) {
    return message("amber", "unreachable");
  }
  if (!reply || !reply.proof) {
    refill(answer, panel("amber", make("p", "check-sentence", word("no_proof"))), officeSays(reply || {}));
    return;
  }
  const log = named(owners, reply.proof.origin);
  if (!log) return message("red", "foreign_log");
  try {
    showBundle(reply, log, address.pathname);
  } catch (error) {
    failed(error);
  }
}

function showProofFile(text) {
  const result = checkProofFile(text, policy.logs);
  const payload = result.entry.payload;
  const rows = [
    [word("log"), result.origin],
    [word("entry"), result.index + " / " + result.size],
    [word("type"), payload.type],
    [word("effective"), format(payload.effective_at, "instant", lang)],
    [word("recorded"), format(result.entry.seq.at, "instant", lang)],
  ];
  for (const name of Object.keys(payload.facts).sort()) rows.push([name, String(payload.facts[name])]);
  const good = panel("green", make("p", "check-sentence", word("in_log")), make("p", "", word("in_log_not")));
  refill(answer, good, card(word("facts"), factTable(rows)));
}

function checkFile(text) {
  try {
    if (text.trim()[0] !== "{") return showProofFile(text);
    const file = JSON.parse(text);
    const reply = file.proof ? file : { proof: file };
    const log = named(policy.logs, reply.proof.origin);
    if (!log) return message("red", "foreign_log");
    showBundle(reply, log, "");
  } catch (error) {
    if (error instanceof Refused && error.code === "foreign") message("red", "foreign_log");
    else failed(error);
  }
}

function field(id, label, input, hint) {
  const row = make("div", "field");
  const caption = make("label", "", label);
  caption.setAttribute("for", id);
  input.id = id;
  row.appendChild(caption);
  if (hint) row.appendChild(make("p", "hint", hint));
  row.appendChild(input);
  return row;
}

function fileField(id, label, accept, use) {
  const input = make("input", "");
  input.type = "file";
  input.accept = accept;
  input.addEventListener("change", () => input.files.length && use(input.files[0]));
  return field(id, label, input);
}

function addressForm() {
  const form = make("form", "card");
  form.noValidate = true;
  const input = make("input", "");
  Object.assign(input, { type: "url", required: true, autocomplete: "off", inputMode: "url" });
  form.appendChild(field("address", word("address"), input, word("address_hint")));
  form.appendChild(make("button", "button button-main", word("go")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    checkAddress(input.value);
  });
  return { form, input };
}

function otherWays(input) {
  const picture = fileField("picture", word("picture"), "image/*", async (file) => {
    message("amber", "reading");
    const text = await readPicture(file, policy.reader);
    if (!text) return message("amber", "no_code");
    input.value = text;
    checkAddress(text);
  });
  const proof = fileField("proof-file", word("proof_file"), ".tlog-proof,.json,.txt,text/plain,application/json", (file) => {
    const reader = new FileReader();
    reader.onload = () => checkFile(String(reader.result));
    reader.readAsText(file);
  });
  const section = make("section", "card");
  refill(section, picture, proof);
  return section;
}

function pinned() {
  const list = make("ul", "plain");
  for (const log of policy.logs) {
    const item = make("li", "", log.origin + " ");
    item.appendChild(make("code", "", log.vkey));
    list.appendChild(item);
  }
  return card(word("pinned"), make("p", "", word("pinned_hint")), list);
}

function start() {
  document.documentElement.lang = lang === "en" ? "en" : "zh-CN";
  document.title = word("title") + " · ecotrace";
  const other = make("a", "language", lang === "en" ? "中文" : "English");
  other.href = "?lang=" + (lang === "en" ? "zh" : "en");
  other.lang = lang === "en" ? "zh-CN" : "en";
  if (!isCapable()) return refill(main, make("h1", "", word("title")), make("p", "", word("cannot")));
  const { form, input } = addressForm();
  const head = make("header", "verify-head");
  refill(head, make("h1", "", word("title")), other);
  refill(main, head, make("p", "lead", word("lead")), form, answer, otherWays(input), pinned());
}

start();

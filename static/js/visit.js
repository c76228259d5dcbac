/**
 * The checklist of a visit on a phone, with or without network, and what waits to be sent.
 *
 * The page is a form that works without this script. With it:
 *
 * - page, style and script are kept by a service worker below /console/inspections/
 * - what is ticked and typed is kept on the phone at once, and is there after a restart
 * - handing in makes a record of what changed since the last one and puts it into a queue
 * - photos are made small before they wait; time and place of the phone go into the record
 *
 * On every page of the desk with an element `#waiting` the queue is sent whenever there is network;
 * what still waits, what the server refused, and records that clash are shown there.
 *
 * `main[data-visit]` says `ready` when the page would open without network.
 */
import { enqueue, keepDraft, readDraft, waiting } from "./visit_store.js";
import { position, smallPhoto } from "./visit_photo.js";
import { send } from "./visit_sending.js";

const CACHE = "ecotrace-visits-v1";
const RETRY_MS = 30000;

const status = document.getElementById("waiting");
const form = document.querySelector("form[data-inspection]");
if (status && "indexedDB" in self && self.crypto && crypto.subtle) {
  const box = outbox(status);
  if (form) checklist(form, box);
  else box.sync();
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function line(className, text) {
  const made = document.createElement("p");
  made.className = className;
  made.textContent = text;
  return made;
}

/** What waits on this phone for whoever is signed in: {show, sync, words, person}. */
function outbox(status) {
  const { person, desk, token } = status.dataset;
  const words = JSON.parse(status.dataset.words);
  const box = { words, person, outcomes: () => ({}) };
  const main = status.closest("main");
  let busy = null;

  /** Says what waits, what was refused, and what clashed. */
  box.show = async (stopped) => {
    const mine = (await waiting()).filter(([, item]) => item.person === person);
    const records = mine.filter(([, item]) => item.kind === "record").length;
    const values = { records, photos: mine.length - records };
    const lines = [line("hint", mine.length ? fill(words.waiting, values) : words.sent)];
    if (stopped && (mine.length || stopped === "nothing")) lines.push(line("hint", words[stopped]));
    mine.filter(([, item]) => item.refused).forEach(([, item]) => {
      lines.push(line("field-error", fill(words.refused, { why: item.refused })));
    });
    const outcomes = box.outcomes();
    for (const outcome of ["clash", "late"]) {
      const count = outcomes[outcome];
      if (count) lines.push(line("field-error", fill(words[outcome], { count })));
    }
    while (status.firstChild) status.removeChild(status.firstChild);
    lines.forEach((each) => status.appendChild(each));
    status.hidden = !form && !mine.length;
    main.dataset.waiting = String(mine.length);
  };

  async function told(item, outcome) {
    if (item.kind !== "record") return;
    const key = `${person} ${item.inspection}`;
    const draft = (box.draftOf && box.draftOf(key)) || (await readDraft(key));
    draft.outcomes[outcome] = (draft.outcomes[outcome] || 0) + 1;
    await keepDraft(key, draft);
  }

  /** One sending at a time; whoever asks meanwhile waits for it, then sends again. */
  box.sync = () => {
    const next = (busy || Promise.resolve()).then(() => send({ desk, token }, told)).then(box.show);
    busy = next.catch(() => box.show("busy"));
    return busy;
  };
  self.addEventListener("online", box.sync);
  setInterval(() => main.dataset.waiting !== "0" && box.sync(), RETRY_MS);
  return box;
}

function checklist(form, box) {
  const main = form.closest("main");
  const { inspection, worker } = form.dataset;
  const { words, person } = box;
  const key = `${person} ${inspection}`;
  let draft = null;
  box.outcomes = () => draft.outcomes;
  box.draftOf = (wanted) => (wanted === key ? draft : null);

  const items = () => Array.from(form.querySelectorAll("[data-item]"));

  function ticked(item) {
    const chosen = item.querySelector("input[type=radio]:checked");
    const note = item.querySelector("textarea").value.trim();
    return chosen && chosen.value ? { result: chosen.value, note } : null;
  }

  function restore() {
    for (const item of items()) {
      const answer = draft.answers[item.dataset.item];
      if (answer) {
        const box = item.querySelector(`input[value="${answer.result}"]`);
        if (box) box.checked = true;
        item.querySelector("textarea").value = answer.note;
      }
    }
  }

  async function keep() {
    draft.answers = {};
    for (const item of items()) {
      const answer = ticked(item);
      if (answer) draft.answers[item.dataset.item] = answer;
    }
    await keepDraft(key, draft);
  }

  /** What is otherwise than in the last record: [[item, answer]…]. */
  function changes() {
    return Object.entries(draft.answers).filter(([item, answer]) => {
      const before = draft.sent[item];
      return !before || before.result !== answer.result || before.note !== answer.note;
    });
  }

  async function handIn() {
    await keep();
    const changed = changes();
    const photos = draft.photos;
    if (!changed.length && !photos.length) return box.show("nothing");
    const record = {
      made_at: new Date().toISOString(),
      answers: changed.map(([item, answer]) => ({ item, ...answer })),
      photos: photos.map(({ blob, ...claim }) => claim),
    };
    const files = photos.map(({ digest, blob }) => ({ digest, blob }));
    const sent = { ...draft.sent };
    changed.forEach(([item, answer]) => {
      sent[item] = answer;
    });
    draft = { ...draft, sent, photos: [] };
    await enqueue(key, draft, { inspection, person }, record, files);
    photographed();
    await box.show("");
    return box.sync();
  }

  function photographed() {
    for (const item of items()) {
      const count = draft.photos.filter((photo) => photo.item === item.dataset.item).length;
      const said = item.querySelector("[data-photos]");
      said.textContent = count ? fill(words.photos, { count }) : "";
    }
  }

  async function photograph(input) {
    const item = input.closest("[data-item]");
    const said = item.querySelector("[data-photos]");
    const files = Array.from(input.files);
    input.value = "";
    said.textContent = words.shrinking;
    const place = await position();
    let refused = "";
    for (const file of files) {
      try {
        const small = await smallPhoto(file);
        const at = new Date().toISOString();
        draft.photos.push({ ...small, item: item.dataset.item, taken_at: at, position: place });
      } catch (error) {
        refused = words.no_picture;
      }
    }
    await keep();
    photographed();
    if (refused) said.textContent = refused;
  }

  async function start() {
    draft = await readDraft(key);
    restore();
    photographed();
    form.addEventListener("change", (event) => {
      if (event.target.type === "file") photograph(event.target);
      else keep();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      handIn();
    });
    await box.show("");
    box.sync();
    await keepPage(worker);
    main.dataset.visit = "ready";
  }
  start();
}

/** Lets the service worker open this page again without network. */
async function keepPage(worker) {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register(worker, { scope: worker.replace(/[^/]*$/, "") });
  await navigator.serviceWorker.ready;
  if (!navigator.onLine) return;
  const parts = document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src], img[src]");
  const files = Array.from(parts, (part) => part.href || part.src);
  const ours = files.filter((address) => address.startsWith(`${location.origin}/static/`));
  const cache = await caches.open(CACHE);
  await cache.addAll([location.pathname, ...new Set(ours)]);
}

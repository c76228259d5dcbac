/**
 * What a phone keeps of visits while it has no network, in IndexedDB.
 *
 * - meta: the phone's own client id (16 random bytes, made once) and its last sequence
 * - drafts: by person and inspection, answers as they stand and what was handed to the queue
 * - queue: records and photos that wait to be sent, in the order in which they were made
 *
 * A record gets its sequence in the same transaction that puts it into the queue, so that two tabs
 * never give one number to two bodies. What is in the queue leaves it only when the server has it.
 */
const NAME = "ecotrace-visits";
let opened = null;

function open() {
  if (opened) return opened;
  opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("meta");
      asked.result.createObjectStore("drafts");
      asked.result.createObjectStore("queue", { autoIncrement: true });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

const answer = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const settled = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });

/** 16 random bytes as 22 letters of base64url: an id that only this phone has. */
export function freshClientId(random = crypto.getRandomValues(new Uint8Array(16))) {
  const text = btoa(String.fromCharCode(...random));
  return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export async function readDraft(key) {
  const store = (await open()).transaction("drafts").objectStore("drafts");
  return (await answer(store.get(key))) || { answers: {}, sent: {}, photos: [], outcomes: {} };
}

export async function keepDraft(key, draft) {
  const transaction = (await open()).transaction("drafts", "readwrite");
  transaction.objectStore("drafts").put(draft, key);
  return settled(transaction);
}

/**
 * Puts a record with its photos into the queue, and the draft as it is from now on; all or nothing.
 * `record` lacks client id and sequence, `photos` are {digest, blob}.
 */
export async function enqueue(key, draft, owner, record, photos) {
  const transaction = (await open()).transaction(["meta", "queue", "drafts"], "readwrite");
  const meta = transaction.objectStore("meta");
  const queue = transaction.objectStore("queue");
  const client = (await answer(meta.get("client"))) || freshClientId();
  const sequence = ((await answer(meta.get("sequence"))) || 0) + 1;
  meta.put(client, "client");
  meta.put(sequence, "sequence");
  queue.add({ ...owner, kind: "record", body: { client_id: client, sequence, ...record } });
  photos.forEach((photo) => queue.add({ ...owner, kind: "photo", ...photo }));
  transaction.objectStore("drafts").put(draft, key);
  return settled(transaction);
}

/** What waits: [[number, item]…] in order. */
export async function waiting() {
  const store = (await open()).transaction("queue").objectStore("queue");
  const [keys, items] = [store.getAllKeys(), store.getAll()];
  const [numbers, found] = [await answer(keys), await answer(items)];
  return numbers.map((number, place) => [number, found[place]]);
}

export async function leave(number) {
  const transaction = (await open()).transaction("queue", "readwrite");
  transaction.objectStore("queue").delete(number);
  return settled(transaction);
}

/** Writes down why the server refused an item; it stays and is tried again. */
export async function mark(number, item, refused) {
  const transaction = (await open()).transaction("queue", "readwrite");
  transaction.objectStore("queue").put({ ...item, refused }, number);
  return settled(transaction);
}

/**
 * Sends what waits on the phone, oldest first, and says what became of it.
 *
 * What the server has is taken out of the queue: recorded, repeated (it was there already), clash
 * (another body is under its number; both stay) or late (the visit is over). What it refuses stays
 * with the reason. Where the network ends, sending ends, and nothing is lost.
 */
import { leave, mark, waiting } from "./visit_store.js";

const JSON_TYPE = "application/json";

/** A fresh token of the signed-in person; null without network, {signed_out} without a session. */
async function pass(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: JSON_TYPE }, cache: "no-store" });
    const json = (answer.headers.get("Content-Type") || "").startsWith(JSON_TYPE);
    return answer.ok && json ? await answer.json() : { signed_out: true };
  } catch (error) {
    return null;
  }
}

function post(item, csrf, page) {
  const photo = item.kind === "photo";
  const address = `${page.desk}${encodeURIComponent(item.inspection)}/${photo ? "photos" : "records"}`;
  const headers = { Accept: JSON_TYPE, "X-CSRFToken": csrf };
  headers["Content-Type"] = photo ? "image/jpeg" : JSON_TYPE;
  return fetch(address, { method: "POST", headers, body: photo ? item.blob : JSON.stringify(item.body) });
}

async function reason(answer) {
  try {
    return (await answer.json()).detail || String(answer.status);
  } catch (error) {
    return String(answer.status);
  }
}

/** Sends everything; `told(item, outcome)` hears of each that arrived. Gives what stopped it. */
export async function send(page, told) {
  const allowed = await pass(page.token);
  if (!allowed) return "offline";
  if (allowed.signed_out) return "signed_out";
  for (const [number, item] of await waiting()) {
    if (item.person === allowed.person) {
      let answer;
      try {
        answer = await post(item, allowed.csrf, page);
      } catch (error) {
        return "offline";
      }
      if (answer.redirected) return "signed_out";
      if (answer.ok) {
        await told(item, (await answer.json()).outcome);
        await leave(number);
      } else if (answer.status >= 500 || answer.status === 429) {
        return "busy";
      } else {
        await mark(number, item, await reason(answer));
      }
    }
  }
  return "";
}

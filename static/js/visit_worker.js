/**
 * The service worker of the inspectors' desk, below /console/inspections/.
 *
 * - a visit's page: from the network, and kept; without network the kept one
 * - our style, script and drawings: as kept under their address, which names their content
 * - everything else goes to the network as if this script were not there
 *
 * A page that the server no longer shows (404, 403) is dropped from the phone.
 */
const CACHE = "ecotrace-visits-v1";
const VISIT = /^\/console\/inspections\/[^/]+\/visit$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function page(request, path) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(path, answer.clone());
    if (answer.status === 403 || answer.status === 404) await cache.delete(path);
    return answer;
  } catch (error) {
    const kept = await cache.match(path, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

async function file(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreVary: true })) || fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && VISIT.test(pathname)) event.respondWith(page(request, pathname));
  else if (pathname.startsWith("/static/")) event.respondWith(file(request));
});

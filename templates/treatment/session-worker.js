// Shows the empty session page while the server or the network is away; the page itself fills in what it kept, sealed.
// Only the empty pages and their own files are in the cache: nothing of anybody.
const CACHE = "session-{{ version }}";
const FILES = [{% for file in files %}"{{ file|escapejs }}", {% endfor %}];
const SITTER = new URL(self.registration.scope).pathname === "/s/";
const SHELL = SITTER ? "{% url 'treatment:offline_sitter' %}" : "{% url 'treatment:offline_patient' %}";
const PAGE = SITTER ? /^\/s\/[^/]+\/$/ : /^\/treatment\/sessions\/[^/]+\/now\/$/;
const PATIENCE = 6000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([SHELL, ...FILES]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name.startsWith("session-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

const kept = async (address) => (await caches.open(CACHE)).match(address);

async function page(request) {
  try {
    const late = new Promise((_, reject) => setTimeout(reject, PATIENCE));
    const answer = await Promise.race([fetch(request), late]);
    if (answer.status < 500) return answer;
  } catch {
    // Away: the empty page goes on with what it kept.
  }
  return (await kept(SHELL)) || Response.error();
}

async function file(request) {
  const known = await kept(request.url);
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok) await (await caches.open(CACHE)).put(request.url, answer.clone());
    return answer;
  });
  if (!known) return fresh;
  fresh.catch(() => {});
  return known;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && PAGE.test(address.pathname)) event.respondWith(page(request));
  else if (FILES.includes(address.pathname)) event.respondWith(file(request));
});

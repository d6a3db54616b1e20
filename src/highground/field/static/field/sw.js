// Keeps the page itself, and nothing else: no list, no card and no answer ever enters this cache.
const VERSION = '__VERSION__';
const MODULES = ['api', 'app', 'bundle', 'clock', 'dom', 'gate', 'lists', 'me', 'media', 'outbox', 'questions', 'queue', 'store', 'tries', 'tries-worker', 'vault', 'visit', 'words', 'xml'];
const SHELL = ['/field/', '/field/field.css', '/field/manifest.webmanifest', ...MODULES.map((name) => `/field/js/${name}.js`)];
const CACHE = `highground-field-${VERSION}`;
// The font of a script is kept once it was used; its address changes with its version.
const FONTS = 'highground-fonts';
const isFont = (address) => address.pathname.endsWith('.woff2');

// All modules are loaded at the start of a page, so a new version taking over in the middle cannot mix two of them.
self.addEventListener('install', (event) => event.waitUntil((async () => {
  await (await caches.open(CACHE)).addAll(SHELL.map((address) => new Request(address, { cache: 'reload', credentials: 'omit' })));
  await self.skipWaiting();
})()));

self.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith('highground-field-') && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener('fetch', (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== 'GET' || address.origin !== location.origin) return;
  if (isFont(address)) { event.respondWith(font(event.request)); return; }
  if (!SHELL.includes(address.pathname)) return;
  event.respondWith((async () => (await caches.match(address.pathname, { cacheName: CACHE, ignoreVary: true })) ?? fetch(event.request))());
});

async function font(request) {
  const cache = await caches.open(FONTS);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request.url, answer.clone());
  return answer;
}

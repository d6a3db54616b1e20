// Keeps the door's page itself, and nothing about anybody.
'use strict';
const CACHE = 'highground-door-__VERSION__';
const SHELL = ['/forum/door/', '/forum/door/door.js', '/forum/door/door.css'];

self.addEventListener('install', (event) => event.waitUntil((async () => {
  await (await caches.open(CACHE)).addAll(SHELL.map((address) => new Request(address, { cache: 'reload', credentials: 'omit' })));
  await self.skipWaiting();
})()));

self.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith('highground-door-') && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener('fetch', (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== 'GET' || !SHELL.includes(address.pathname)) return;
  event.respondWith((async () => (await caches.match(address.pathname, { cacheName: CACHE, ignoreVary: true })) ?? fetch(event.request))());
});

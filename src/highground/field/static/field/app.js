// The frame: which page stands, what is always in sight, when it locks.
import { bus, button, h, note } from './dom.js';
import { useToken } from './api.js';
import { forget, loadBundle, refresh } from './bundle.js';
import { loadClock } from './clock.js';
import { signInPage, unlockPage } from './gate.js';
import { householdsPage, todayPage } from './lists.js';
import { mePage } from './me.js';
import { sweep } from './media.js';
import { outboxPage } from './outbox.js';
import { flush, startFlushing, waiting } from './queue.js';
import { wipe } from './store.js';
import { Locked, exists, isOpen, lock, readSecret } from './vault.js';
import { visitPage } from './visit.js';
import { loadWords, t } from './words.js';

const IDLE = 10 * 60000;
const app = document.getElementById('app');
const main = h('main', { id: 'main' });
const alerts = h('div', { role: 'alert' });
const nav = h('nav', { class: 'nav' });
const svg = (tag, attributes) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  return node;
};

function mark() {
  const drawing = svg('svg', { viewBox: '0 0 34 30', width: 34, height: 30, 'aria-hidden': 'true' });
  drawing.append(svg('path', { class: 'mark__roof', d: 'M2.5 13.5 17 3l14.500 10.500' }),
    svg('path', { class: 'mark__house', d: 'M8 13.200h18v6.300H8zM9.200 19.500h2.300v6H9.200zM15.850 19.500h2.300v6h-2.300zM22.500 19.500h2.300v6h-2.300z' }),
    svg('path', { class: 'mark__water', d: 'M1.500 26.800c2.600 0 2.600 1.700 5.200 1.700s2.600-1.700 5.150-1.700 2.600 1.700 5.150 1.700 2.600-1.700 5.150-1.700 2.600 1.700 5.150 1.700 2.600-1.700 5.200-1.700' }));
  return drawing;
}

const route = () => location.hash.slice(1).split('/').map(decodeURIComponent);

async function drawNav() {
  nav.hidden = !isOpen();
  if (nav.hidden) return;
  const count = await waiting();
  const [here] = route();
  const link = (name, text) => h('a', { href: `#${name}`, 'aria-current': here === name ? 'page' : null }, text);
  nav.setAttribute('aria-label', t('Pages'));
  nav.replaceChildren(link('today', t('Today')), link('households', t('Households')),
    link('outbox', count === 0 ? t('Outbox') : t('Outbox · {count}', { count })), link('me', t('Me')));
}

const PAGES = {
  today: todayPage, households: householdsPage, outbox: outboxPage,
  me: () => mePage({ redraw: () => draw(), leave: () => erase(t('Everything on this phone was erased.')), lockNow }),
  visit: (key, place) => visitPage(key, place, go),
};

function go(hash) {
  if (location.hash === hash) draw();
  else location.hash = hash;
}

let drawing = 0;
async function draw({ focus = false, message } = {}) {
  const turn = ++drawing;
  let page;
  if (!(await exists())) page = signInPage(begin, () => draw(), message);
  else if (!isOpen()) page = await unlockPage(begin, erase);
  else {
    const [name, ...rest] = route();
    page = await (PAGES[name] ?? todayPage)(...rest);
  }
  // Another page was asked for in the meantime.
  if (turn !== drawing) return;
  main.replaceChildren(page);
  await drawNav();
  document.title = `${main.querySelector('h1')?.textContent} · Highground`;
  if (focus) { scrollTo(0, 0); main.querySelector('h1')?.focus({ preventScroll: true }); }
}

// A list is drawn anew when news comes; a visit being written never is.
async function redrawLists() {
  const [name] = route();
  if (isOpen() && name !== 'visit' && !main.contains(document.activeElement?.closest('input, select, textarea') ?? null) && !main.querySelector('.twice .note')) await draw();
  else await drawNav();
}

async function begin() {
  const me = await readSecret('me');
  if (!me) { await erase(t('The set-up was not finished. Please begin again.')); return; }
  useToken(me.token);
  touched = Date.now();
  await loadBundle();
  if (!route()[0]) history.replaceState(null, '', '#today');
  await draw({ focus: true });
  flush(true);
  refresh();
  // What it could not look at now it finds the next time.
  sweep().catch(() => {});
}

function lockNow() {
  lock();
  useToken(null);
  forget();
  alerts.replaceChildren();
  draw({ focus: true });
}

async function erase(message) {
  lock();
  useToken(null);
  forget();
  await wipe();
  history.replaceState(null, '', '#');
  await draw({ focus: true, message });
}

let touched = Date.now();
const lockWhenIdle = () => isOpen() && Date.now() - touched > IDLE && lockNow();
// A phone asleep runs no timers, so the first touch after a long rest is looked at too.
for (const name of ['pointerdown', 'keydown']) addEventListener(name, () => { lockWhenIdle(); touched = Date.now(); }, { capture: true });
document.addEventListener('visibilitychange', lockWhenIdle);
setInterval(lockWhenIdle, 15000);

function failed(error) {
  if (!error || error.name === 'AbortError') return;
  alerts.replaceChildren(note('error', t('Something went wrong in the page. What you saved is kept.'), ' ', h('small', null, String(error.message ?? error)), ' ', button(t('Close'), () => alerts.replaceChildren(), 'button--plain')));
}
addEventListener('error', (event) => failed(event.error ?? event.message));
addEventListener('unhandledrejection', (event) => (event.reason instanceof Locked ? event.preventDefault() : failed(event.reason)));
addEventListener('hashchange', () => draw({ focus: true }));
addEventListener('online', () => refresh());
bus.addEventListener('queue', redrawLists);
bus.addEventListener('bundle', redrawLists);
// After the county has taken a visit the cards may say something new.
let asked = null;
bus.addEventListener('sent', () => { clearTimeout(asked); asked = setTimeout(refresh, 3000); });
bus.addEventListener('revoked', () => erase(t('This phone was withdrawn. Everything on it was erased.')));

await loadWords();
await loadClock();
app.append(h('header', { class: 'bar' }, h('a', { class: 'bar__brand', href: '#today' }, mark(), 'Highground')), alerts, main, nav);
await draw();
startFlushing();
// The first page has its font before there is a worker to keep it.
async function keepFonts() {
  await navigator.serviceWorker.ready;
  await document.fonts.ready;
  const cache = await caches.open('highground-fonts');
  for (const { name } of performance.getEntriesByType('resource')) {
    if (name.endsWith('.woff2') && !(await cache.match(name))) await cache.add(name);
  }
}
if ('serviceWorker' in navigator) {
  navigator.serviceWorker.register('/field/sw.js', { scope: '/field/' }).catch(() => {});
  keepFonts().catch(() => {});
}

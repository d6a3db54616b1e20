// The worker's list and the household cards, kept on the phone. Each chunk is saved as it comes, so a broken
// connection costs one chunk at most.
import { announce } from './dom.js';
import { Offline, Refused, fetchBundle, fetchCards } from './api.js';
import { change, get, isFull } from './store.js';
import { hidden, isOpen, keepSecret, readSecret, seal, unseal } from './vault.js';
import { changeLanguage, language, wordsVersion } from './words.js';

const CHUNK = 20;
export const state = { bundle: null, index: {}, done: 0, total: 0, busy: false, trouble: '' };

export async function loadBundle() {
  state.bundle = (await readSecret('bundle')) ?? null;
  state.index = (await readSecret('index')) ?? {};
}

export function forget() {
  Object.assign(state, { bundle: null, index: {}, done: 0, total: 0, trouble: '' });
}

export const card = async (key) => unseal(await get('cards', await hidden(key)));

// The list needs a line of each card; opening hundreds of cards for it would be slow.
const line = (one, version) => ({ version, number: one.number, head: one.head, village: one.village, tag: one.tag, questions: one.form?.questions.length, minutes: one.form?.minutes });
const mark = (version) => `${version} ${language()}`;

async function keepChunk(cards, versions) {
  const sealed = await Promise.all(cards.map(async (one) => [await hidden(one.key), await seal(one)]));
  const index = { ...state.index };
  for (const one of cards) index[one.key] = line(one, mark(versions.get(one.key)));
  const sealedIndex = await seal(index);
  await change(['cards', 'meta'], (store, meta) => {
    for (const [name, record] of sealed) store.put(record, name);
    meta.put(sealedIndex, 'index');
  });
  state.index = index;
}

async function dropGone(bundle) {
  const here = new Set(bundle.households.map((one) => one.key));
  const gone = Object.keys(state.index).filter((key) => !here.has(key));
  if (!gone.length) return;
  const names = await Promise.all(gone.map(hidden));
  const index = Object.fromEntries(Object.entries(state.index).filter(([key]) => here.has(key)));
  const sealedIndex = await seal(index);
  await change(['cards', 'meta'], (store, meta) => {
    names.forEach((name) => store.delete(name));
    meta.put(sealedIndex, 'index');
  });
  state.index = index;
}

async function load() {
  const bundle = { ...(await fetchBundle()), fetched: new Date().toISOString() };
  await keepSecret('bundle', bundle);
  state.bundle = bundle;
  // New words come with a new version of the page; the old ones do until they are here.
  if (bundle.words !== wordsVersion()) await changeLanguage(language()).catch(() => {});
  await dropGone(bundle);
  const versions = new Map(bundle.households.map((one) => [one.key, one.version]));
  const due = new Set(bundle.due.map((one) => one.household));
  const stale = bundle.households.map((one) => one.key).filter((key) => state.index[key]?.version !== mark(versions.get(key)));
  stale.sort((a, b) => due.has(b) - due.has(a));
  state.total = stale.length;
  for (state.done = 0; state.done < stale.length && isOpen(); state.done = Math.min(stale.length, state.done + CHUNK)) {
    announce('bundle');
    await keepChunk((await fetchCards(stale.slice(state.done, state.done + CHUNK))).cards, versions);
  }
}

export async function refresh() {
  if (state.busy || !isOpen()) return;
  Object.assign(state, { busy: true, trouble: '', done: 0, total: 0 });
  announce('bundle');
  try {
    await load();
  } catch (error) {
    if (error instanceof Offline) state.trouble = 'offline';
    else if (isFull(error)) state.trouble = 'full';
    else if (error instanceof Refused) state.trouble = error.status === 401 ? 'unknown' : 'server';
    else if (isOpen()) throw error;
  } finally {
    state.busy = false;
    announce('bundle');
  }
}

// Visits on their way. Nothing leaves this list before the server has said that it has it.
import { announce } from './dom.js';
import { Offline, Refused, hasToken, submit } from './api.js';
import { all, change, get, isFull, put, remove, update } from './store.js';
import { isOpen, openBytes, seal, unseal } from './vault.js';
import { instance } from './xml.js';

const AGAIN = new Set([401, 408, 429]);
const KEPT = 100;

export const newId = () => `uuid:${crypto.randomUUID()}`;

// Every record with its opened content, oldest first.
export async function list() {
  const records = await all('queue');
  return Promise.all(records.map(async (record) => ({ ...(await unseal(record)), ...record, iv: null, data: null })));
}

export const waiting = async () => (await all('queue')).filter((record) => record.state !== 'done').length;

// Puts a visit in, or writes it again over `seq`. Returns false when that one is already on its way.
export async function save(visit, seq) {
  const id = visit.id ?? newId();
  const sealed = await seal({ ...visit, id, problems: [], xml: instance({ ...visit, id }) });
  const record = { id, state: 'waiting', result: '', at: new Date().toISOString(), ...sealed };
  if (seq) {
    const written = await update('queue', seq, (old) => (['waiting', 'held', 'rejected'].includes(old.state) ? { ...record, seq } : null));
    if (!written) return false;
  } else await put('queue', record);
  announce('queue');
  flush(true);
  return true;
}

// A visit that is being changed is held back, or it could leave half changed.
export async function holdBack(seq) {
  const held = await update('queue', seq, (old) => (['waiting', 'held'].includes(old.state) ? { ...old, state: 'held' } : null));
  const record = held ?? (await get('queue', seq));
  if (!held && record?.state !== 'rejected') return null;
  return { ...(await unseal(record)), state: record.state };
}

export async function release(seq) {
  await update('queue', seq, (old) => (old.state === 'held' ? { ...old, state: 'waiting' } : null));
  announce('queue');
  flush(true);
}

// Only by the worker's own word, and only what the server has refused.
export async function discard(seq) {
  const record = await get('queue', seq);
  if (!['rejected', 'files_refused'].includes(record?.state)) return;
  for (const file of (await unseal(record)).files) await remove('files', file.name);
  await remove('queue', seq);
  announce('queue');
  flush(true);
}

export async function fileBlob(file) {
  const record = await get('files', file.name);
  return record && new Blob([await openBytes(record)], { type: file.type });
}

async function settle(record, content, state, result = record.result) {
  const sealed = await seal(content);
  try {
    await change(['queue'], (queue) => queue.put({ seq: record.seq, id: record.id, at: new Date().toISOString(), state, result, ...sealed }));
  } catch (error) {
    // On a full phone what has arrived makes room; only its line in the list of arrived visits is missing.
    if (state !== 'done' || !isFull(error)) throw error;
    await remove('queue', record.seq);
  }
  announce('queue');
}

// A full phone cannot note that it sends; the server takes the same visit twice as once, so it sends all the same.
async function take(seq) {
  try {
    return await update('queue', seq, (old) => (old.state === 'waiting' ? { ...old, state: 'sending' } : null));
  } catch (error) {
    if (!isFull(error)) throw error;
    const record = await get('queue', seq);
    return record?.state === 'waiting' ? record : null;
  }
}

const summary = ({ id, household, number, day, problems }) => ({ id, household, number, day, problems, files: [] });

async function sendText(seq, held) {
  const record = await take(seq);
  if (!record) return;
  announce('queue');
  const content = await unseal(record);
  try {
    const answer = await submit(content.xml);
    const kept = { ...content, problems: answer.problems ?? [] };
    if (content.files.length) await settle(record, kept, 'files', answer.state);
    else await settle(record, summary(kept), 'done', answer.state);
    announce('sent', content.household);
  } catch (error) {
    const final = error instanceof Refused && error.status < 500 && !AGAIN.has(error.status);
    const problems = error.body?.problems ?? [];
    await settle(record, final ? { ...content, problems: [error.message, ...problems], status: error.status } : content, final ? 'rejected' : 'waiting');
    if (final) return;
    if (!(error instanceof Refused) || error.status < 500) throw error;
    // The server stumbled over this one: others may still go.
    held.add(content.household);
  }
}

async function sendFile(record, skipped) {
  const content = await unseal(record);
  const [file, ...rest] = content.files.filter((one) => !one.refused);
  const blob = await fileBlob(file);
  let problems = content.problems;
  let left = rest;
  try {
    if (blob) problems = (await submit(content.xml, [{ name: file.name, blob }])).problems ?? problems;
  } catch (error) {
    if (!(error instanceof Refused) || AGAIN.has(error.status)) throw error;
    if (error.status >= 500) { skipped.add(record.seq); return; }
    problems = [...problems, error.message];
    left = [...rest, { ...file, refused: true }];
  }
  left = [...left, ...content.files.filter((one) => one.refused)];
  const kept = { ...content, problems, files: left };
  const open = left.some((one) => !one.refused);
  if (open || !left.length) await settle(record, open ? kept : summary(kept), open ? 'files' : 'done');
  // A refused photo stays on the phone, where it can still be exported; its visit has arrived.
  else await settle(record, kept, 'files_refused');
  if (!left.includes(file) && !left.some((one) => one.name === file.name)) await remove('files', file.name);
}

async function pass() {
  const held = new Set();
  const skipped = new Set();
  // What an earlier page was sending when it was closed: the same bytes may be sent again without harm.
  for (const { seq } of (await all('queue')).filter((one) => one.state === 'sending')) {
    await update('queue', seq, (old) => ({ ...old, state: 'waiting' }));
  }
  while (isOpen()) {
    const records = await all('queue');
    const blocked = new Set(held);
    let next = null;
    for (const record of records.filter((one) => ['waiting', 'held', 'rejected'].includes(one.state))) {
      const { household } = await unseal(record);
      if (record.state === 'waiting' && !blocked.has(household)) { next = record; break; }
      blocked.add(household);
    }
    if (next) { await sendText(next.seq, held); continue; }
    const withFile = records.find((one) => one.state === 'files' && !skipped.has(one.seq));
    if (!withFile) break;
    await sendFile(withFile, skipped);
  }
  const done = (await all('queue')).filter((one) => one.state === 'done');
  for (const { seq } of done.slice(0, -KEPT)) await remove('queue', seq);
  return !held.size && !skipped.size;
}

let delay = 0;
let notBefore = 0;
let busy = false;
let again = false;
export const lastTry = { at: null, trouble: '' };

export async function flush(now = false) {
  if (!isOpen() || !hasToken() || (!now && Date.now() < notBefore)) return;
  if (busy) { again = true; return; }
  busy = true;
  try {
    // One flusher over all tabs, or two would send the same visit at once.
    await navigator.locks.request('highground-flush', { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      const clear = await pass();
      delay = clear ? 0 : Math.min(300000, (delay || 5000) * 2);
      lastTry.trouble = clear ? '' : 'server';
    });
  } catch (error) {
    delay = Math.min(300000, (delay || 5000) * 2);
    lastTry.trouble = error instanceof Offline ? 'offline' : isFull(error) ? 'full' : error instanceof Refused && error.status === 401 ? 'unknown' : 'server';
    if (!(error instanceof Offline) && !(error instanceof Refused) && !isFull(error) && isOpen()) throw error;
  } finally {
    notBefore = Date.now() + delay;
    lastTry.at = new Date();
    busy = false;
    announce('queue');
  }
  if (again) { again = false; flush(true); }
}

export function startFlushing() {
  addEventListener('online', () => flush(true));
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && flush());
  setInterval(() => flush(), 60000);
}

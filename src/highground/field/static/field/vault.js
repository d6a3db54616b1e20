// A lost phone must tell nothing. A random key seals everything personal; the PIN opens only that key.
import { all, get, put, wipe } from './store.js';
import { readTries, writeTries } from './tries.js';

const ROUNDS = 250000;
export const TRIES = 10;
let keys = null;

// What was still being read or written when the phone was locked ends with this, and nobody needs to hear of it.
export class Locked extends Error {}
function opened() {
  if (!keys) throw new Locked('The phone is locked');
  return keys;
}

const bytes = (length) => crypto.getRandomValues(new Uint8Array(length));

async function fromPin(pin, salt, rounds) {
  const base = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

async function hold(raw) {
  keys = {
    seal: await crypto.subtle.importKey('raw', raw.slice(0, 32), 'AES-GCM', false, ['encrypt', 'decrypt']),
    name: await crypto.subtle.importKey('raw', raw.slice(32), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
  };
}

export const isOpen = () => keys !== null;
export const lock = () => { keys = null; };
export const exists = async () => Boolean(await get('meta', 'vault'));

export function weakness(pin) {
  if (!/^\d{6,}$/.test(pin)) return 'short';
  const steps = new Set([...pin].slice(1).map((digit, place) => digit - pin[place]));
  return steps.size === 1 && [-1, 0, 1].includes([...steps][0]) ? 'plain' : '';
}

async function wrapped(raw, pin) {
  const salt = bytes(16);
  const iv = bytes(12);
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await fromPin(pin, salt, ROUNDS), raw);
  return { salt, iv, data, rounds: ROUNDS, wrong: 0 };
}

export async function create(pin) {
  const raw = bytes(64);
  await put('meta', await wrapped(raw, pin), 'vault');
  await writeTries(0);
  await hold(raw);
}

// How many visits would be lost; the states are readable while the phone is locked.
export const unsent = async () => (await all('queue')).filter((record) => record.state !== 'done').length;

// A full phone counts a try in a file that was made at set-up. Where it has none, a try costs a wait instead, so that the
// work on it can still be sent or exported.
const WAIT = 5000;
const pause = () => new Promise((resolve) => { setTimeout(resolve, WAIT); });
const keepWrong = (box, wrong) => put('meta', { ...box, wrong }, 'vault').catch(async () => { if (!(await writeTries(wrong))) await pause(); });
const wrongSoFar = async (box) => Math.max(box?.wrong ?? 0, (await readTries()) ?? 0);

// Written again and again until it is kept: tries that were right must not add up to the limit.
const clearBox = (box) => put('meta', { ...box, wrong: 0 }, 'vault').catch(() => pause().then(() => keys && clearBox(box)));
async function forgive(box) {
  if ((await readTries()) !== 0) await writeTries(0);
  await clearBox(box);
}

// {left: n} after a wrong PIN, {wiped: true} after the last, {} when it opened.
export async function open(pin) {
  const box = await get('meta', 'vault');
  // The try is counted before it is made: closing the browser in the middle must not win one.
  const wrong = (await wrongSoFar(box)) + 1;
  await keepWrong(box, wrong);
  let raw;
  try {
    raw = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: box.iv }, await fromPin(pin, box.salt, box.rounds), box.data);
  } catch {
    if (wrong < TRIES) return { left: TRIES - wrong };
    await wipe();
    return { wiped: true };
  }
  await hold(new Uint8Array(raw));
  forgive(box);
  return {};
}

export const triesLeft = async () => TRIES - (await wrongSoFar(await get('meta', 'vault')));

export async function sealBytes(data) {
  const iv = bytes(12);
  return { iv, data: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, opened().seal, data) };
}
export const openBytes = async (record) => crypto.subtle.decrypt({ name: 'AES-GCM', iv: record.iv }, opened().seal, record.data);

export const seal = (value) => sealBytes(new TextEncoder().encode(JSON.stringify(value)));
export const unseal = async (record) => record && JSON.parse(new TextDecoder().decode(await openBytes(record)));

// Households are told apart in the database by a keyed hash, so that its keys name nobody.
export async function hidden(text) {
  const mark = new Uint8Array(await crypto.subtle.sign('HMAC', opened().name, new TextEncoder().encode(text)));
  return [...mark].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const readSecret = async (name) => unseal(await get('meta', name));
export const keepSecret = async (name, value) => put('meta', await seal(value), name);

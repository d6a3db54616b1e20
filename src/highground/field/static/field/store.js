// IndexedDB with promises. What is personal arrives here already sealed (vault.js).

import { dropTries } from './tries.js';

const NAME = 'highground-field';
let opening = null;

function database() {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      for (const name of ['meta', 'cards', 'drafts', 'files']) asked.result.createObjectStore(name);
      // A growing number, not the instance id, is the key: visits to one household must be sent in their order.
      asked.result.createObjectStore('queue', { keyPath: 'seq', autoIncrement: true });
    };
    asked.onerror = () => { opening = null; reject(asked.error); };
    asked.onsuccess = () => {
      // Another tab erases everything: let it, and begin anew here too.
      asked.result.onversionchange = () => { asked.result.close(); location.reload(); };
      resolve(asked.result);
    };
  });
  return opening;
}

// One transaction: `work` gets the object stores and may return a request whose result is the answer.
export async function change(names, work, mode = 'readwrite') {
  const transaction = (await database()).transaction(names, mode, { durability: 'strict' });
  return new Promise((resolve, reject) => {
    const answer = work(...names.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(answer?.result);
    transaction.onabort = () => reject(transaction.error ?? new Error('The write was given up'));
  });
}

export const isFull = (error) => error?.name === 'QuotaExceededError';

export const get = (name, key) => change([name], (store) => store.get(key), 'readonly');
export const all = (name) => change([name], (store) => store.getAll(), 'readonly');
export const keys = (name) => change([name], (store) => store.getAllKeys(), 'readonly');
export const put = (name, value, key) => change([name], (store) => store.put(value, key));
export const remove = (name, key) => change([name], (store) => store.delete(key));

// Reads and writes in one transaction, so that two writers cannot pass each other. `step` returns nothing to refuse.
export async function update(name, key, step) {
  const written = {};
  await change([name], (store) => {
    store.get(key).onsuccess = (event) => {
      const next = event.target.result && step(event.target.result);
      if (next) { store.put(next); written.result = next; }
    };
  });
  return written.result;
}

export async function wipe() {
  const open = opening && (await opening);
  if (open) { open.onversionchange = null; open.close(); }
  opening = null;
  await new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(NAME);
    asked.onsuccess = asked.onerror = asked.onblocked = resolve;
  });
  await dropTries();
}

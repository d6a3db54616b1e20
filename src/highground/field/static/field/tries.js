// How many wrong PINs were typed, once more, in one byte of a file of its own. A byte that is there already can be written over
// even when the phone is full; a record of the database cannot, and deleting another one makes it no room.
const NAME = 'tries';

// null where there is no such file, or the browser can keep none.
export async function readTries() {
  try {
    const file = await (await navigator.storage.getDirectory()).getFileHandle(NAME);
    return new Uint8Array(await (await file.getFile()).arrayBuffer())[0] ?? null;
  } catch { return null; }
}

// Whether the number was written. Only a worker may write over a file in place.
export const writeTries = (count) => new Promise((resolve) => {
  const worker = new Worker('/field/js/tries-worker.js');
  const end = (written) => { worker.terminate(); resolve(written); };
  worker.onmessage = ({ data }) => end(data);
  worker.onerror = () => end(false);
  worker.postMessage(count);
});

export async function dropTries() {
  try { await (await navigator.storage.getDirectory()).removeEntry(NAME); } catch { /* there was none */ }
}

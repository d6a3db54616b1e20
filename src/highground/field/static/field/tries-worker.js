// Writes one byte over what stands in a file (tries.js), and says whether it is on the disk.
onmessage = async ({ data }) => {
  try {
    const found = await (await navigator.storage.getDirectory()).getFileHandle('tries', { create: true });
    const file = await found.createSyncAccessHandle();
    try {
      const written = file.write(Uint8Array.of(data), { at: 0 });
      file.flush();
      postMessage(written === 1);
    } finally { file.close(); }
  } catch { postMessage(false); }
};

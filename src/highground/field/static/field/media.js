// Photos, a spoken need, a signature. Each is sealed and kept beside the visit; none is ever a page's own address.
import { button, h } from './dom.js';
import { all, get, isFull, keys, put, remove } from './store.js';
import { openBytes, sealBytes, unseal } from './vault.js';
import { t } from './words.js';

const LONGEST = 1600;
const TOO_LARGE = 80 * 1024 * 1024;
const MINUTES = 3;

async function keep(blob, role, ending) {
  const name = `${role === 'need_audio' ? 'need' : role}-${crypto.randomUUID()}.${ending}`;
  await put('files', { ...(await sealBytes(await blob.arrayBuffer())), at: Date.now() }, name);
  return { name, type: blob.type, role };
}
export const forgetFile = (file) => remove('files', file.name);

// Deletes what no visit holds any more: a page that was closed between a photo and its visit leaves such files behind.
const REST = 60 * 60000;
export async function sweep() {
  // Drafts first: a draft becomes a visit of the queue before it goes, so that one of the two holds the file.
  const drafts = await all('drafts');
  const visits = await Promise.all([...drafts, ...(await all('queue'))].map(unseal));
  const held = new Set(visits.flatMap((visit) => visit.files ?? []).map((file) => file.name));
  for (const name of (await keys('files')).filter((one) => !held.has(one))) {
    const file = await get('files', name);
    if (file && Date.now() - (file.at ?? 0) > REST) await remove('files', name);
  }
}

async function shrink(file) {
  if (file.size > TOO_LARGE) throw new RangeError();
  const image = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
  const canvas = h('canvas', { width: Math.max(1, Math.round(image.width * scale)), height: Math.max(1, Math.round(image.height * scale)) });
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  // Drawn anew, a photo also loses the place and the phone's name that cameras write into it.
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.8));
  if (!blob) throw new Error('not drawn');
  return blob;
}

// A picture by canvas: the content security policy allows no blob: address, and none is needed.
async function thumbnail(file) {
  const canvas = h('canvas', { class: 'thumb', role: 'img', 'aria-label': t('Photo') });
  const record = await get('files', file.name);
  if (!record) return canvas;
  const image = await createImageBitmap(new Blob([await openBytes(record)], { type: file.type }));
  const scale = 144 / Math.max(image.width, image.height);
  canvas.width = image.width * scale;
  canvas.height = image.height * scale;
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

export function photos(files, onchange, onfull, forget) {
  const list = h('ul', { class: 'photos' });
  const said = h('p', { class: 'hint', role: 'status' });
  const input = h('input', { type: 'file', accept: 'image/*', multiple: true, id: 'photos', onchange: take });
  async function show(file) {
    const item = h('li', null, await thumbnail(file), button(t('Remove photo'), async () => {
      item.remove();
      onchange({ without: file });
      await forget(file);
    }, 'button--plain'));
    list.append(item);
  }
  async function take() {
    const taken = [...input.files];
    for (const [place, raw] of taken.entries()) {
      said.className = 'hint';
      said.textContent = t('Preparing photo {n} of {count}…', { n: place + 1, count: taken.length });
      try {
        const file = await keep(await shrink(raw), 'photo', 'jpg');
        onchange({ added: file });
        await show(file);
        said.textContent = t('Photo added.');
      } catch (error) {
        if (isFull(error)) { onfull(); said.textContent = ''; break; }
        said.className = 'error';
        said.textContent = error instanceof RangeError
          ? t('“{name}” is too large for this phone. Take a smaller photo.', { name: raw.name })
          : t('“{name}” could not be read as a photo. Take it again, or choose a JPEG.', { name: raw.name });
      }
    }
    input.value = '';
  }
  files.forEach(show);
  return h('div', { class: 'field' }, h('label', { htmlFor: 'photos' }, t('Add photos')),
    h('p', { class: 'hint' }, t('Only of the house, the damage or a paper. They are made smaller and go after the words.')), input, said, list);
}

export function recorder(file, onchange, onfull, forget) {
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return null;
  let running = null;
  const said = h('p', { class: 'hint', role: 'status' });
  const box = h('div', { class: 'field' });
  async function start() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const type = ['audio/webm', 'audio/mp4'].find((one) => MediaRecorder.isTypeSupported(one));
      const parts = [];
      running = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 24000 });
      running.ondataavailable = (event) => parts.push(event.data);
      running.onstop = async () => {
        stream.getTracks().forEach((track) => track.stop());
        running = null;
        try {
          file = await keep(new Blob(parts, { type }), 'need_audio', type === 'audio/webm' ? 'webm' : 'm4a');
          onchange({ added: file });
          said.textContent = t('The recording is kept.');
        } catch { onfull(); }
        draw();
      };
      running.start();
      setTimeout(() => running?.state === 'recording' && running.stop(), MINUTES * 60000);
      said.textContent = t('Recording. It stops by itself after {n} minutes.', { n: MINUTES });
    } catch {
      said.textContent = t('The microphone could not be used. Write the words instead.');
    }
    draw();
  }
  async function drop() {
    const gone = file;
    file = null;
    onchange({ without: gone });
    said.textContent = '';
    draw();
    await forget(gone);
  }
  async function play() {
    const record = await get('files', file.name);
    const context = new AudioContext();
    const source = context.createBufferSource();
    source.buffer = await context.decodeAudioData(await openBytes(record));
    source.connect(context.destination);
    source.onended = () => context.close();
    source.start();
  }
  const draw = () => box.replaceChildren(said, h('div', { class: 'row' },
    ...(running ? [button(t('Stop recording'), () => running.stop(), 'button--danger')]
      : file ? [button(t('Play recording'), play, 'button--plain'), button(t('Remove recording'), drop, 'button--plain')]
        : [button(t('Record their words'), start, 'button--plain')])));
  draw();
  return box;
}

export function signature(file, onchange, onfull, forget) {
  const box = h('div', { class: 'field' });
  let drawn = false;
  async function pad() {
    const canvas = h('canvas', { class: 'sign', width: 640, height: 260, tabindex: 0, role: 'img', 'aria-label': t('Sign here with a finger') });
    const pen = canvas.getContext('2d');
    pen.lineWidth = 4;
    pen.lineCap = 'round';
    pen.strokeStyle = '#14211d';
    const place = (event) => {
      const edge = canvas.getBoundingClientRect();
      return [(event.clientX - edge.left) * (canvas.width / edge.width), (event.clientY - edge.top) * (canvas.height / edge.height)];
    };
    let down = false;
    canvas.onpointerdown = (event) => { down = true; canvas.setPointerCapture(event.pointerId); pen.beginPath(); pen.moveTo(...place(event)); };
    canvas.onpointermove = (event) => { if (down) { drawn = true; pen.lineTo(...place(event)); pen.stroke(); } };
    canvas.onpointerup = () => { if (down && drawn) keepIt(canvas); down = false; };
    box.replaceChildren(h('p', { class: 'hint' }, t('Sign here with a finger')), canvas, button(t('Do without a signature'), none, 'button--plain'));
  }
  async function keepIt(canvas) {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
    try {
      const before = file;
      file = await keep(blob, 'signature', 'png');
      onchange({ added: file, without: before });
      if (before) await forget(before);
    } catch { onfull(); }
  }
  async function none() {
    const gone = file;
    file = null;
    drawn = false;
    onchange({ without: gone });
    draw();
    if (gone) await forget(gone);
  }
  const draw = () => box.replaceChildren(h('p', null, file ? t('Signed.') : t('No signature')),
    file ? button(t('Remove signature'), none, 'button--plain') : button(t('Let the family sign'), pad, 'button--plain'));
  draw();
  return box;
}

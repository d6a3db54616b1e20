// What waits, what was refused and why, what has arrived.
import { button, h, note, twice } from './dom.js';
import { now } from './clock.js';
import { discard, fileBlob, flush, lastTry, list } from './queue.js';
import { day, t } from './words.js';
import { instance } from './xml.js';

const inBase64 = (blob) => new Promise((resolve) => {
  const reader = new FileReader();
  reader.onload = () => resolve(String(reader.result).split(',')[1]);
  reader.readAsDataURL(blob);
});

// Everything unsent as one file, for a phone that cannot send any more; the office takes it in. `more` is what stands on the
// screen unsaved.
export async function exportUnsent(more = []) {
  const visits = [];
  const newer = new Set(more.map((one) => one.id));
  const unsent = (await list()).filter((one) => one.state !== 'done' && !newer.has(one.id));
  for (const visit of [...unsent, ...more.map((one) => ({ ...one, xml: instance(one) }))]) {
    const files = [];
    for (const file of visit.files) {
      const blob = await fileBlob(file);
      if (blob) files.push({ ...file, base64: await inBase64(blob) });
    }
    visits.push({ ...visit, files });
  }
  const blob = new Blob([JSON.stringify({ from: 'Highground', made: now().toISOString(), visits }, null, 1)], { type: 'application/json' });
  const link = h('a', { href: URL.createObjectURL(blob), download: `highground-unsent-${now().toISOString().slice(0, 10)}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function stateOf(one) {
  switch (one.state) {
    case 'waiting': return ['gold', t('Waiting to send')];
    case 'sending': return ['water', t('Being sent')];
    case 'held': return ['gold', t('You are changing it: it waits until you save')];
    case 'files': return ['water', t('The words have arrived; photos are waiting')];
    case 'files_refused': return ['clay', t('The words have arrived; a photo was refused')];
    case 'rejected': return ['clay', t('Not taken: look at it')];
    default:
      if (one.result === 'conflict') return ['gold', t('Arrived; someone at the county compares it with other news')];
      if (one.result === 'flagged') return ['gold', t('Arrived; someone at the county looks at it')];
      return ['green', t('Arrived')];
  }
}

// Codes that the server may answer, in words; any other text is shown as it came.
const said = (problem, one) => {
  if (one.status === 409) return t('The county already has an earlier version of this visit. Open it and save it: the correction goes as a second visit.');
  return { 'HTTP 413': t('It is too large for the county’s computer.'), 'HTTP 404': t('The county does not find this household any more.'), 'HTTP 403': t('You may not visit this household any more.') }[problem] ?? problem;
};

function item(one) {
  const [tone, text] = stateOf(one);
  const open = ['waiting', 'held', 'rejected'].includes(one.state);
  return h('li', { class: `row-card row-card--${tone}` }, h('div', { class: 'row-card__body' },
    h('strong', null, t('Household {number}', { number: one.number })), h('span', { class: 'row-card__line' }, t('Visit of {day}', { day: day(one.day) })),
    h('span', { class: `tag tag--${tone}` }, text),
    (one.problems ?? []).map((problem) => h('p', { class: 'problem' }, said(problem, one))),
    one.state === 'files_refused' && h('div', { class: 'row' }, twice(t('Delete the photo'), t('The photo has not arrived. Once deleted it is gone.'), t('Yes, delete the photo'), () => discard(one.seq))),
    open && h('div', { class: 'row' }, h('a', { class: 'button button--plain', href: `#visit/${encodeURIComponent(one.household)}/${one.seq}` }, t('Open and change')),
      one.state === 'rejected' && twice(t('Delete it'), t('This visit has not arrived. Once deleted it is gone.'), t('Yes, delete this visit'), () => discard(one.seq)))));
}

const troubleText = () => ({
  offline: t('No network at the last try. It goes by itself as soon as there is one.'),
  unknown: t('The county no longer knows this phone. Sign in again under Me; nothing is lost.'),
  full: t('The phone is full. Delete some photos or apps, then try again. Nothing is lost.'),
  server: t('The county’s computer had trouble. It is tried again by itself.'),
}[lastTry.trouble]);

export async function outboxPage() {
  const records = await list();
  const unsent = records.filter((one) => one.state !== 'done');
  const done = records.filter((one) => one.state === 'done').reverse();
  const count = unsent.length;
  const blocked = new Set(unsent.filter((one) => one.state === 'rejected').map((one) => one.household));
  const stuck = unsent.every((one) => ['rejected', 'files_refused'].includes(one.state));
  const behind = unsent.some((one) => one.state === 'waiting' && blocked.has(one.household));
  return h('div', null,
    h('h1', { tabindex: -1 }, count === 0 ? t('Nothing waiting to send') : t('{count} waiting to send', { count })),
    h('p', { class: 'lead', role: 'status' }, count === 0 ? t('Everything you saved has arrived.') : troubleText() || (stuck ? t('The county did not take it. Open it and look at the reason.') : t('It goes by itself as soon as there is a network.'))),
    lastTry.at && h('p', { class: 'hint' }, t('Last try at {time}', { time: lastTry.at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }) })),
    behind && note('gold', t('A later visit waits until the refused one of the same household is mended.')),
    count > 0 && h('ul', { class: 'list' }, unsent.map(item)),
    count > 0 && [button(t('Try now'), () => flush(true), 'button--main'), button(t('Export unsent work as a file'), () => exportUnsent(), 'button--plain'),
      h('p', { class: 'hint' }, t('Only for a phone that cannot send any more. The file is not locked. Take it to a computer at the office, sign in there, and hand it in under From phones.'))],
    done.length > 0 && [h('h2', null, done.length === 1 ? t('1 visit has arrived') : t('{count} visits have arrived', { count: done.length })), h('ul', { class: 'list' }, done.slice(0, 30).map(item))]);
}

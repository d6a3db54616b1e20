// Today's visits and all households.
import { button, field, h, note } from './dom.js';
import { refresh, state } from './bundle.js';
import { daysUntil } from './clock.js';
import { lastTry, list, waiting } from './queue.js';
import { day, t } from './words.js';

function whenText(due) {
  if (!due) return '';
  const days = daysUntil(due);
  if (days < -1) return t('due since {day}', { day: day(due) });
  if (days === -1) return t('due since yesterday');
  if (days === 0) return t('due today');
  if (days === 1) return t('due tomorrow');
  return days < 7 ? t('this week') : t('by {day}', { day: day(due) });
}

export const sendingText = (count) => (count === 0 ? t('nothing waiting to send') : t('{count} waiting to send', { count }));

export function progress() {
  if (state.busy && state.total > 0) {
    return h('div', { class: 'loading', role: 'status' }, h('p', null, t('Fetching household cards, {done} of {total}', { done: state.done, total: state.total })),
      h('progress', { max: state.total, value: state.done, 'aria-label': t('Fetching household cards') }));
  }
  if (state.busy) return h('p', { class: 'hint', role: 'status' }, t('Looking for news…'));
  if (state.trouble === 'full') return note('error', t('The phone is full: not all household cards could be kept. Delete some photos or apps, then try again.'));
  if (state.trouble === 'unknown' || lastTry.trouble === 'unknown') return note('gold', t('The county no longer knows this phone. Your work is safe here.'), ' ', h('a', { href: '#me' }, t('Sign in again')));
  if (state.trouble === 'server') return note('gold', t('The county’s computer has trouble. Your work is safe here; it is tried again.'));
  if (state.trouble === 'offline') return h('p', { class: 'hint', role: 'status' }, state.bundle ? t('No network. The list is as of {day}.', { day: day(state.bundle.fetched.slice(0, 10)) }) : t('No network.'));
  return null;
}

function row({ key, title, lines, tone, tag }) {
  return h('li', null, h('a', { class: `row-card row-card--${tone}`, href: `#visit/${encodeURIComponent(key)}/0` },
    h('span', { class: 'row-card__body' }, h('strong', null, title), lines.filter(Boolean).map((line) => h('span', { class: 'row-card__line' }, line)), tag && h('span', { class: `tag tag--${tone}` }, tag)),
    h('span', { class: 'row-card__arrow', 'aria-hidden': 'true' }, '›')));
}

const numberOf = (one) => t('Household {number}', { number: state.index[one.household]?.number ?? one.number ?? '' });

const effort = (one) => {
  const count = one.questions ?? state.index[one.household]?.questions;
  if (!count) return '';
  const asked = count === 1 ? t('1 question') : t('{count} questions', { count });
  const minutes = one.minutes ?? state.index[one.household]?.minutes;
  if (!minutes) return asked;
  return minutes === 1 ? t('{questions}, 1 minute', { questions: asked }) : t('{questions}, {minutes} minutes', { questions: asked, minutes });
};

const visits = (due) => due.length > 0 && h('ul', { class: 'list' }, due.map((one) => row({
  key: one.household, title: numberOf(one), tone: one.tone, tag: whenText(one.due),
  lines: [state.index[one.household]?.head, daysUntil(one.day) > 0 && t('planned for {day}', { day: day(one.day) }), one.why, effort(one)],
})));

export async function todayPage() {
  const records = await list();
  const visited = new Set(records.filter((one) => one.state !== 'done').map((one) => one.household));
  const due = (state.bundle?.due ?? []).filter((one) => !visited.has(one.household));
  const now = due.filter((one) => !(daysUntil(one.day) > 0));
  const later = due.filter((one) => daysUntil(one.day) > 0);
  const count = await waiting();
  const villages = (state.bundle?.areas ?? []).map((one) => one.name).join(', ');
  return h('div', null,
    h('h1', { tabindex: -1 }, now.length === 0 ? t('Today, no visits') : now.length === 1 ? t('Today, 1 visit') : t('Today, {count} visits', { count: now.length })),
    h('p', { class: 'lead' }, [villages, t('works without network'), sendingText(count)].filter(Boolean).join(' · ')),
    progress(),
    due.length > 0 ? [visits(now), later.length > 0 && h('h2', null, t('In the coming days')), visits(later)]
      : !state.busy && note('green', state.bundle ? t('Nothing is due. You can still visit any household, or look in again later.') : t('The list has not been fetched yet. Connect once, then press “Look for news”.')),
    h('a', { class: 'button button--main', href: '#households' }, t('Someone else needs a visit')),
    button(t('Look for news'), refresh, 'button--plain'));
}

export async function householdsPage() {
  const all = Object.entries(state.index).sort(([, a], [, b]) => String(a.number).localeCompare(String(b.number), undefined, { numeric: true }));
  const rows = h('ul', { class: 'list' });
  const said = h('p', { class: 'hint', role: 'status' });
  const SHOWN = 60;
  function draw(asked) {
    const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter(([, one]) => words.every((word) => `${one.number} ${one.head} ${one.village}`.toLowerCase().includes(word)));
    rows.replaceChildren(...found.slice(0, SHOWN).map(([key, one]) => row({
      key, title: t('Household {number}', { number: one.number }), tone: 'green', tag: one.tag, lines: [[one.head, one.village].filter(Boolean).join(' · ')],
    })));
    said.textContent = found.length > SHOWN ? t('The first {n} of {count}. Write a name or a number to find one.', { n: SHOWN, count: found.length })
      : found.length === 0 && all.length ? t('No household matches. Try a part of the name or the number.') : '';
  }
  draw('');
  const total = state.bundle?.households.length ?? 0;
  return h('div', null,
    h('h1', { tabindex: -1 }, total === 1 ? t('1 household') : t('{count} households', { count: total })),
    progress(),
    h('p', { class: 'hint' }, t('Not on the list? Write who it is at the end of any visit, under “Someone else needs a visit”.')),
    all.length > 0 ? field(t('Find by name, number or village'), h('input', { type: 'search', autocomplete: 'off', oninput: (event) => draw(event.target.value) }))
      : note('water', t('No household card is on the phone yet. Connect once, then press “Look for news”.')),
    said, rows, button(t('Look for news'), refresh, 'button--plain'));
}

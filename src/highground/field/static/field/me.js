// The worker's own page: who is signed in, the language, leaving.
import { button, field, h, note, twice } from './dom.js';
import { enrol, useToken } from './api.js';
import { refresh, state } from './bundle.js';
import { enrolTrouble, languageField } from './gate.js';
import { exportUnsent } from './outbox.js';
import { flush, lastTry, waiting } from './queue.js';
import { keepSecret, readSecret } from './vault.js';
import { day, t } from './words.js';

function signInAgain(me, redraw) {
  const name = h('input', { autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false' });
  const password = h('input', { type: 'password', autocomplete: 'current-password' });
  const said = h('div', { role: 'alert' });
  async function submit(event) {
    event.preventDefault();
    try {
      const answer = await enrol(name.value.trim(), password.value, me.user.name);
      // What waits here was seen by one person and must not arrive under another name.
      if (String(answer.user.id) !== String(me.user.id)) { said.replaceChildren(note('error', t('This phone holds the work of {name}. Only {name} can sign in again here.', { name: me.user.name }))); return; }
      await keepSecret('me', { ...me, ...answer });
      useToken(answer.token);
      lastTry.trouble = '';
      await flush(true);
      await refresh();
      redraw();
    } catch (error) { said.replaceChildren(note('error', enrolTrouble(error))); }
  }
  return h('form', { class: 'card', onsubmit: submit }, h('h2', null, t('Sign in again')), h('p', { class: 'hint' }, t('The county no longer knows this phone. What waits here is kept.')),
    said, field(t('Your name in Highground'), name), field(t('Password'), password), h('button', { class: 'button button--main' }, t('Sign in again')));
}

export async function mePage({ redraw, leave, lockNow }) {
  const me = await readSecret('me');
  const count = await waiting();
  const kept = await navigator.storage?.persisted?.().catch(() => false);
  return h('div', null,
    h('h1', { tabindex: -1 }, me.user.name),
    h('p', { class: 'lead' }, [me.user.role, (state.bundle?.areas ?? []).map((one) => one.name).join(', ')].filter(Boolean).join(' · ')),
    me.until && h('p', { class: 'hint' }, t('This phone is signed in until {day}.', { day: day(me.until) })),
    !kept && h('p', { class: 'hint' }, t('The browser has not promised to keep this page’s memory. Add the page to the home screen, and send your work often.')),
    (state.trouble === 'unknown' || lastTry.trouble === 'unknown') && signInAgain(me, redraw),
    h('div', { class: 'card' }, languageField(async () => { redraw(); await refresh(); })),
    button(t('Lock now'), lockNow, 'button--plain'),
    h('h2', null, t('Leave this phone')),
    h('p', { class: 'hint' }, t('Erases everything Highground keeps on this phone.')),
    count > 0 && button(t('Export unsent work as a file'), () => exportUnsent(), 'button--plain'),
    twice(t('Sign out and erase'), count === 0 ? t('Nothing unsent would be lost.') : count === 1 ? t('1 visit has not been sent and would be lost.') : t('{count} visits have not been sent and would be lost.', { count }), t('Yes, erase everything'), leave));
}

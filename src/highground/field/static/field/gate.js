// The two doors: signing in once with network, and the PIN at every start.
import { field, h, note, select } from './dom.js';
import { Offline, enrol, useToken } from './api.js';
import { TRIES, create, keepSecret, open, triesLeft, unsent, weakness } from './vault.js';
import { LANGUAGES, changeLanguage, language, t } from './words.js';

export const languageField = (redraw) => field(t('Language'), select(LANGUAGES, language(), async (name) => {
  try { await changeLanguage(name); } catch { /* without network the words stay as they are */ }
  redraw();
}));

export const enrolTrouble = (error) => {
  if (error instanceof Offline) return t('No network. The first sign-in needs one; after that the phone works without.');
  return {
    wrong_password: t('The name or the password is wrong.'), too_many: t('Too many tries. Wait a quarter of an hour.'),
    no_area: t('You have no villages yet. Ask your township to give you some.'),
  }[error.message] ?? t('The county’s computer has trouble. Try again in a few minutes.');
};

const pinInput = (autocomplete) => h('input', { type: 'password', inputmode: 'numeric', autocomplete, minlength: 6, required: true });

export function signInPage(done, redraw, message) {
  const name = h('input', { autocomplete: 'username', required: true, autocapitalize: 'none', spellcheck: 'false' });
  const password = h('input', { type: 'password', autocomplete: 'current-password', required: true });
  const phone = h('input', { autocomplete: 'off', value: t('My phone'), maxlength: 60 });
  const pin = pinInput('new-password');
  const again = pinInput('new-password');
  const trouble = h('div', { tabindex: -1 });
  const send = h('button', { class: 'button button--main' }, t('Set up this phone'));
  const complain = (text) => { trouble.replaceChildren(note('error', text)); trouble.focus(); };
  async function submit(event) {
    event.preventDefault();
    const weak = weakness(pin.value);
    if (weak) return complain(weak === 'short' ? t('A PIN needs at least 6 digits, and nothing but digits.') : t('That PIN is easy to guess. Mix the digits more.'));
    if (pin.value !== again.value) return complain(t('The two PINs differ.'));
    send.disabled = true;
    try {
      const answer = await enrol(name.value.trim(), password.value, phone.value.trim() || t('My phone'));
      await create(pin.value);
      await keepSecret('me', { token: answer.token, device: answer.device, user: answer.user, until: answer.until });
      useToken(answer.token);
      // Without this the browser may clear the work of a full phone.
      await navigator.storage?.persist?.().catch(() => false);
      return done();
    } catch (error) {
      send.disabled = false;
      return complain(enrolTrouble(error));
    }
  }
  return h('div', null, h('h1', { tabindex: -1 }, t('Set up this phone')), message && note('gold', message),
    h('p', { class: 'lead' }, t('Once, with network. After that your visits work without.')),
    h('form', { class: 'card', onsubmit: submit, novalidate: true }, trouble,
      field(t('Your name in Highground'), name), field(t('Password'), password),
      field(t('Name of this phone'), phone, { hint: t('So that it can be withdrawn when it is lost.') }),
      field(t('Choose a PIN'), pin, { hint: t('At least 6 digits. It locks what families told you. Nobody can look it up for you.') }),
      field(t('The PIN again'), again), send),
    languageField(redraw));
}

const lossText = (left, count) => (count === 0
  ? t('{left} tries left. After that everything on this phone is erased.', { left })
  : t('{left} tries left. After that everything on this phone is erased, with {count} visits that were never sent.', { left, count }));

export async function unlockPage(done, wiped) {
  const pin = pinInput('current-password');
  const trouble = h('div', { role: 'alert' });
  const send = h('button', { class: 'button button--main' }, t('Unlock'));
  const waiting = await unsent();
  const warn = (left, wrong) => trouble.replaceChildren(...[
    wrong && note('error', t('That PIN is wrong.')), left <= 3 && note('error', lossText(left, waiting)),
  ].filter(Boolean));
  warn(await triesLeft(), false);
  async function submit(event) {
    event.preventDefault();
    if (!pin.value) return;
    send.disabled = true;
    const answer = await open(pin.value);
    if (answer.wiped) { wiped(t('The PIN was wrong {n} times. Everything on this phone was erased.', { n: TRIES })); return; }
    if (!answer.left) { done(); return; }
    send.disabled = false;
    pin.value = '';
    pin.focus();
    warn(answer.left, true);
  }
  return h('div', null, h('h1', { tabindex: -1 }, t('Locked')),
    h('p', { class: 'lead' }, waiting === 0 ? t('Nothing waiting to send') : t('{count} waiting to send', { count: waiting })),
    h('form', { class: 'card', onsubmit: submit, novalidate: true }, trouble, field(t('PIN'), pin), send));
}


// One visit: the household card, the questions, what was found. Every touch is kept, so nothing is lost by a dead battery.
import { button, choices, field, h, note, select } from './dom.js';
import { card as readCard, state } from './bundle.js';
import { clockIsWrong, now, today } from './clock.js';
import { forgetFile, photos, recorder, signature } from './media.js';
import { exportUnsent } from './outbox.js';
import { ask, isKnown, tidy, trouble } from './questions.js';
import { holdBack, list, newId, release, save } from './queue.js';
import { get, isFull, put, remove } from './store.js';
import { hidden, isOpen, readSecret, seal, unseal } from './vault.js';
import { day, language, SPOKEN, t } from './words.js';

const draftName = (key, seq) => hidden(`draft ${key} ${seq}`);

function blank(key, card, form, user) {
  return {
    household: key, number: card?.number ?? '', base: card?.base ?? '', kind: form.kind ?? 'look', case: form.case ?? '', step: form.step ?? '',
    day: today(), answers: {}, confirmed: [], visitors: [], outcome: '', class_id: form.class_id ?? '', risks: (form.risks_known ?? []).map(String), reason: '', note: '',
    need_words: '', need_language: language(), someone_else: '', files: [], started: now().toISOString(), user: user.id,
  };
}

// What earlier visits to this house, still on their way, say already is not asked again, and a step that one of them takes
// is not taken twice: `decided` is that one.
async function afterEarlier(form, key, seq) {
  const earlier = (await list()).filter((one) => one.household === key && !['done', 'rejected'].includes(one.state) && (!seq || one.seq < seq));
  const said = new Set(earlier.flatMap((one) => Object.keys(one.answers)));
  const rest = { ...form, questions: form.questions.filter((one) => !said.has(one.name)) };
  const decided = form.step && earlier.find((one) => one.step === form.step && (one.outcome || one.kind === 'follow_up'));
  return decided ? { ...rest, kind: 'look', case: null, step: '', outcomes: [], least_visitors: 1, decided } : rest;
}

// A draft takes the form that the card has now: its step may have been taken meanwhile. What was answered stays.
function renew(visit, form) {
  const now = { kind: form.kind, case: form.case ?? '', step: form.step };
  const changed = Object.entries(now).some(([name, value]) => String(visit[name]) !== String(value));
  Object.assign(visit, now);
  if (!form.outcomes.some((one) => one.id === visit.outcome)) visit.outcome = '';
  return changed;
}

function aboutHousehold(card, due) {
  const line = (list) => list.filter(Boolean).join(' · ');
  const rows = (title, items) => items?.length > 0 && [h('h3', null, title), h('ul', { class: 'plainlist' }, items.map((one) => h('li', null, one)))];
  return [
    h('p', { class: 'lead' }, line([card.head, card.village, card.address])),
    card.tag && h('p', null, h('span', { class: 'tag tag--gold' }, card.tag)),
    due && note(due.tone === 'clay' ? 'clay' : 'water', h('strong', null, t('Why you are here: ')), due.why),
    h('details', { class: 'card' }, h('summary', null, t('What we know of this household')),
      rows(t('Who lives here'), card.members?.map((one) => line([one.name, one.note]))),
      card.last_visit && rows(t('Last visit'), [line([day(card.last_visit.day), card.last_visit.note])]),
      rows(t('What they asked for'), card.needs?.map((one) => line([`“${one.words}”`, one.asked_on && day(one.asked_on), one.answer || t('not answered yet')]))),
      rows(t('Known'), card.known?.map((one) => line([one.label, one.who, `${one.value}${one.since ? `, ${day(one.since)}` : ''}`])))),
  ];
}

export async function visitPage(key, place, go) {
  const seq = Number(place) || 0;
  const held = seq ? await holdBack(seq) : null;
  if (seq && !held) return h('div', null, h('h1', null, t('This visit is on its way')), h('p', null, t('It can no longer be changed here.')), h('a', { href: '#outbox' }, t('To the outbox')));
  const card = await readCard(key);
  if (!card && !held) {
    return h('div', null, h('h1', null, t('This card is not on the phone yet')),
      h('p', null, t('Connect once and open Today: the cards are fetched there.')), h('a', { href: '#today' }, t('To today')));
  }
  const form = await afterEarlier(card?.form ?? { questions: [], outcomes: [], classes: [], risks: [], companions: [], least_visitors: 1 }, key, seq);
  const name = await draftName(key, seq);
  const user = state.bundle?.user ?? (await readSecret('me')).user;
  const kept = await get('drafts', name);
  const visit = (await unseal(kept)) ?? held ?? blank(key, card, form, user);
  const changed = card && kept && !held && renew(visit, form);
  const page = h('div', { class: 'visit' });
  const troubles = h('div', { class: 'troubles', tabindex: -1 });
  const said = h('p', { class: 'hint kept', role: 'status' }, kept ? t('Kept as you left it.') : '');

  // One write at a time, and the newest state last.
  let writing = null;
  let dirty = false;
  let warned = false;
  async function write() {
    while (dirty && isOpen()) {
      dirty = false;
      try {
        const sealed = await seal(visit);
        await put('drafts', sealed, name);
        said.textContent = t('Kept on this phone.');
        if (warned) troubles.replaceChildren();
        warned = false;
      } catch (error) {
        // Said once: jumping there at every letter would keep the worker from writing on.
        if (isOpen() && !warned) full(error);
        said.textContent = t('Not kept yet.');
        warned = true;
      }
    }
    writing = null;
  }
  const touched = () => { dirty = true; writing ??= write(); };
  const set = (what) => (value) => { visit[what] = value; touched(); };
  const filed = ({ added, without }) => {
    visit.files = visit.files.filter((file) => file !== without && file.name !== without?.name).concat(added ?? []);
    touched();
  };
  // What a visit in the outbox holds stays until the change is saved: the worker may leave it as it was.
  const before = new Set((held?.files ?? []).map((file) => file.name));
  const forget = (file) => (before.has(file.name) ? null : forgetFile(file));
  const ofRole = (role) => visit.files.filter((file) => file.role === role);

  function full(error) {
    const noRoom = !error || isFull(error);
    troubles.replaceChildren(note('error',
      h('p', null, h('strong', null, noRoom ? t('The phone is full. This visit is not kept yet.') : t('This visit could not be kept.'))),
      h('p', null, noRoom ? t('What you wrote is still on the screen. Delete some photos or apps from the phone and try again, or export it as a file now.')
        : t('What you wrote is still on the screen. Try again, or export it as a file now.')),
      button(t('Export unsent work as a file'), () => exportUnsent([filledIn()]), 'button--plain')));
    troubles.focus();
  }

  const area = (what, label, hint) => field(label, h('textarea', { rows: 3, value: visit[what], oninput: (event) => set(what)(event.target.value) }), { hint });

  const more = h('div', { class: 'more' });
  function drawOutcome() {
    const outcome = form.outcomes.find((one) => one.id === visit.outcome);
    more.replaceChildren(...[
      outcome?.needs_class && form.classes.length > 0 && field(t('Class of the household'), select([['', t('Choose one')], ...form.classes], visit.class_id, set('class_id'))),
      outcome?.needs_class && form.risks.length > 0 && choices(t('What puts the household at risk'), form.risks, visit.risks, set('risks'), { many: true }),
      outcome?.needs_reason && area('reason', t('Your reason'), t('What you saw that speaks for this. The family may read it.')),
    ].filter(Boolean));
  }
  drawOutcome();

  function faults() {
    const found = [];
    const add = (message, target) => found.push([message, target]);
    for (const question of form.questions) {
      const wrong = trouble(question, visit.answers[question.name]);
      if (wrong) add(`${question.label}: ${wrong}`, `q-${question.name}`);
    }
    const outcome = form.outcomes.find((one) => one.id === visit.outcome);
    if (outcome && visit.visitors.length + 1 < form.least_visitors) add(t('This visit needs {n} people. Say who went with you.', { n: form.least_visitors }), 'who');
    if (outcome?.needs_class && form.classes.length && !visit.class_id) add(t('Choose the class of the household.'), 'outcome');
    if (outcome?.needs_reason && !visit.reason.trim()) add(t('Write the reason for the outcome.'), 'outcome');
    if (!visit.day) add(t('Say which day the visit was.'), 'day');
    else if (visit.day > today()) add(t('The day of the visit is in the future.'), 'day');
    return found;
  }

  // A second tap while the first one saves would make a second visit; a page that has saved never saves again.
  let saving = false;
  async function finish() {
    if (saving) return;
    saving = true;
    saving = await finished();
  }

  const refused = held && !['waiting', 'held'].includes(held.state) ? held.id : null;
  // The visit as it goes out. Its id stays the same from here on: exported and sent as well, it counts once.
  function filledIn() {
    const asked = new Map(form.questions.map((one) => [one.name, one]));
    // What was answered counts even where the form has stopped asking for it.
    const answers = Object.fromEntries(Object.entries(visit.answers).filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]) => [name, asked.has(name) ? tidy(asked.get(name), value) : value]));
    const confirmed = held && !card ? visit.confirmed : form.questions.filter((one) => isKnown(one, answers[one.name])).map((one) => one.name);
    const outcome = form.outcomes.find((one) => one.id === visit.outcome);
    // A refused visit may already be known by its old number; what is changed after that is a new one.
    if (!visit.id || visit.id === refused) visit.id = newId();
    visit.finished ??= now().toISOString();
    return {
      ...visit, status: undefined, state: undefined, answers, confirmed, visitors: [user.id, ...visit.visitors.filter((one) => String(one) !== String(user.id))],
      class_id: outcome?.needs_class ? visit.class_id : '', risks: outcome?.needs_class ? visit.risks : [], reason: outcome?.needs_reason ? visit.reason : '',
      need_language: visit.need_words || ofRole('need_audio').length ? visit.need_language : '',
    };
  }

  // Whether the visit is in the outbox now.
  async function finished() {
    const found = faults();
    if (found.length) {
      troubles.replaceChildren(note('error', h('p', null, h('strong', null, t('Not saved yet'))),
        h('ul', null, found.map(([message, target]) => h('li', null, h('a', {
          href: `#visit/${key}/${place}`,
          onclick: (event) => { event.preventDefault(); const goal = document.getElementById(target); goal.scrollIntoView(); (goal.querySelector('input, select, textarea') ?? goal).focus(); },
        }, message))))));
      troubles.focus();
      return false;
    }
    const whole = filledIn();
    try {
      if (!(await save(whole, seq))) { full(new Error('sent')); return false; }
    } catch (error) { full(error); return false; }
    dirty = false;
    await writing;
    await remove('drafts', name);
    go('#outbox');
    return true;
  }

  async function giveUp() {
    dirty = false;
    await writing;
    await remove('drafts', name);
    await Promise.all(visit.files.map(forget));
    if (seq) await release(seq);
    go(seq ? '#outbox' : '#today');
  }

  // The worker is always one of the visitors; only companions are chosen.
  visit.visitors = visit.visitors.map(String).filter((one) => one !== String(user.id));
  const due = state.bundle?.due.find((one) => one.household === key);
  page.append(...[
    h('a', { class: 'back', href: seq ? '#outbox' : '#today' }, seq ? t('‹ Outbox') : t('‹ Today')),
    h('h1', { tabindex: -1 }, t('Household {number}', { number: card?.number ?? visit.number })),
    card && aboutHousehold(card, due),
    held?.problems?.length > 0 && note('error', h('p', null, h('strong', null, t('The county did not take this visit:'))), held.problems.map((one) => h('p', null, one))),
    form.decided && note('water', t('Your visit of {day} waits to be sent, with what came of it. Write here what is new since.', { day: day(form.decided.day) })),
    changed && note('gold', t('The form has changed since you began this visit. Your answers are kept; look through them once more.')),
    clockIsWrong() && note('gold', t('The date on this phone is wrong. By the county’s clock today is {day}.', { day: day(today()) })),
    troubles,
    form.questions.length > 0 && h('section', { class: 'card' },
      h('h2', null, form.questions.length === 1 ? t('1 question') : t('{count} questions', { count: form.questions.length })),
      h('p', { class: 'hint' }, t('Leave open what the family does not want to answer.')),
      form.questions.map((question) => ask(question, visit.answers[question.name] ?? '', (value) => { visit.answers[question.name] = value; touched(); }))),
    h('section', { class: 'card', id: 'who' }, h('h2', null, t('The visit')),
      field(t('Day of the visit'), h('input', { type: 'date', id: 'day', value: visit.day, max: today(), oninput: (event) => set('day')(event.target.value) })),
      form.companions.length > 0 && choices(t('Who went with you'), form.companions, visit.visitors, set('visitors'), {
        many: true, hint: form.least_visitors > 1 ? t('At least {n} people, you included.', { n: form.least_visitors }) : null,
      }),
      area('note', t('Note'), t('What you saw, in a few words.'))),
    form.outcomes.length > 0 && h('section', { class: 'card', id: 'outcome' }, h('h2', null, t('What comes of it')),
      choices(t('Outcome'), [...form.outcomes.map((one) => [one.id, one.label]), ['', t('Nothing decided yet')]], [visit.outcome], ([picked]) => { set('outcome')(picked); drawOutcome(); }), more),
    h('section', { class: 'card' }, h('h2', null, t('Does the family ask for anything?')),
      area('need_words', t('In their own words'), t('Leave empty when they ask for nothing.')),
      field(t('Language of their words'), select([...SPOKEN, ['', t('another language')]], visit.need_language, set('need_language'))),
      recorder(ofRole('need_audio')[0], filed, full, forget)),
    h('section', { class: 'card' }, h('h2', null, t('Photos and signature')), photos(ofRole('photo'), filed, full, forget), h('h3', null, t('Signature')), signature(ofRole('signature')[0], filed, full, forget)),
    h('section', { class: 'card' }, h('h2', null, t('Someone else needs a visit')), area('someone_else', t('Who, and why'), t('Anyone you heard of on the way. It goes with this visit.'))),
    said,
    h('div', { class: 'do' }, button(t('Save the visit'), finish, 'button--main'), (kept || seq > 0) && button(seq ? t('Leave it as it was') : t('Clear what I wrote'), giveUp, 'button--plain')),
  ].flat(3).filter(Boolean));
  return page;
}

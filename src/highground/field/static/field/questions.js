// The questions of a card. What is known is offered to be confirmed; what nobody answered stays unanswered.
import { button, choices, field, h, select } from './dom.js';
import { day, t } from './words.js';

const NUMBERS = new Set(['money', 'integer']);
const text = (value) => (Array.isArray(value) ? value.map(String) : value === null || value === undefined ? '' : String(value));

// What is wrong with an answer, or ''. Thousands separators and spaces are taken as people write them.
export function tidy(question, value) {
  return NUMBERS.has(question.type) ? String(value).replace(/[\s,\u00a0\u2009]/g, '') : value;
}

export function trouble(question, value) {
  if (value === '' || value === undefined || !NUMBERS.has(question.type)) return '';
  const plain = tidy(question, value);
  if (!(question.type === 'money' ? /^-?\d+(\.\d{1,2})?$/ : /^-?\d+$/).test(plain)) return t('Write a number, such as 1200.');
  if (question.minimum !== null && question.minimum !== undefined && Number(plain) < Number(question.minimum)) return t('At least {n}.', { n: question.minimum });
  if (question.maximum !== null && question.maximum !== undefined && Number(plain) > Number(question.maximum)) return t('At most {n}.', { n: question.maximum });
  return '';
}

// Whether an answer says what is known already: then it was confirmed.
export function isKnown(question, answer) {
  const known = text(question.known);
  return known.length > 0 && answer !== undefined && String(answer) === String(known);
}

function control(question, value, answer) {
  const label = question.who ? `${question.label} · ${question.who}` : question.label;
  const none = ['', t('Not asked')];
  if (question.type === 'list') return choices(label, question.choices, value || [], (picked) => answer(picked.length ? picked : ''), { many: true, hint: question.hint });
  if (question.type === 'boolean') {
    return choices(label, [['true', t('Yes')], ['false', t('No')], none], [value], ([picked]) => answer(picked), { hint: question.hint, look: 'choices--row' });
  }
  if (question.type === 'category') {
    return question.choices.length > 6 ? field(label, select([none, ...question.choices], value, answer), question)
      : choices(label, [...question.choices, none], [value], ([picked]) => answer(picked), { hint: question.hint });
  }
  const input = h('input', { type: question.type === 'date' ? 'date' : 'text', value, class: NUMBERS.has(question.type) ? 'short' : '', autocomplete: 'off' });
  if (NUMBERS.has(question.type)) input.inputMode = question.type === 'money' ? 'decimal' : 'numeric';
  const wrong = h('p', { class: 'error', role: 'alert' });
  input.oninput = () => { wrong.textContent = ''; answer(input.value); };
  input.onblur = () => { wrong.textContent = trouble(question, input.value); };
  const row = field(question.unit ? `${label} (${question.unit})` : label, input, question);
  row.append(wrong);
  return row;
}

export function ask(question, value, onanswer) {
  const known = text(question.known);
  const box = h('div', { class: 'question', id: `q-${question.name}` });
  const same = (one) => isKnown(question, one);
  function draw(now) {
    const still = known.length > 0 && button(t('Still right'), () => {
      const next = same(now) ? '' : known;
      onanswer(next);
      draw(next);
      box.querySelector('.still').focus();
    }, 'button--plain still');
    if (still) {
      still.setAttribute('aria-pressed', String(same(now)));
      still.setAttribute('aria-label', `${t('Still right')}: ${question.label}`);
    }
    box.replaceChildren(...[
      control(question, text(now), (next) => {
        onanswer(next);
        if (still) still.setAttribute('aria-pressed', String(same(next)));
        now = next;
      }),
      question.known_as && h('p', { class: 'known' }, t('We have: {value}', {
        value: t('{value}, since {day}, {source}', { value: question.known_as.value, day: day(question.known_as.since), source: question.known_as.source }),
      })),
      still,
      question.why && h('p', { class: 'hint' }, question.why),
    ].filter(Boolean));
  }
  draw(value);
  return box;
}

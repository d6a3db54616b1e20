// Nodes without innerHTML: what families say never becomes markup.

import { t } from './words.js';

export const bus = new EventTarget();
export const announce = (name, detail) => bus.dispatchEvent(new CustomEvent(name, { detail }));

const FIELDS = new Set(['input', 'textarea', 'select', 'form']);

export function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  // Browsers write what stands in a field into their session file, in clear, unless it says that it must not be filled in.
  if (FIELDS.has(tag)) node.setAttribute('autocomplete', 'off');
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (['value', 'checked', 'htmlFor'].includes(name)) node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

let last = 0;
export const fresh = (prefix) => `${prefix}-${++last}`;

export const button = (text, onclick, look = '') => h('button', { type: 'button', class: `button ${look}`, onclick }, text);

export const note = (tone, ...children) => h('div', { class: `note note--${tone}`, role: tone === 'error' ? 'alert' : null }, children);

// A labelled control: the hint and the error are tied to it for screen readers.
export function field(label, control, { hint, error } = {}) {
  const id = control.id || (control.id = fresh('f'));
  const described = [];
  const part = (text, look) => {
    if (!text) return null;
    described.push(`${id}-${look}`);
    return h('p', { class: look, id: `${id}-${look}` }, text);
  };
  const nodes = [h('label', { htmlFor: id }, label), part(hint, 'hint'), part(error, 'error')];
  if (described.length) control.setAttribute('aria-describedby', described.join(' '));
  if (error) control.setAttribute('aria-invalid', 'true');
  return h('div', { class: 'field' }, nodes, control);
}

// Radios or checkboxes. `chosen` is a list of ids; `onpick` gets the new list.
export function choices(legend, options, chosen, onpick, { many = false, hint, look = '' } = {}) {
  const name = fresh('c');
  const picked = () => [...box.querySelectorAll('input:checked')].map((input) => input.value);
  const box = h('fieldset', { class: `choices ${look}` }, h('legend', null, legend), hint && h('p', { class: 'hint' }, hint),
    options.map(([id, label]) => h('label', { class: 'choice' },
      h('input', {
        type: many ? 'checkbox' : 'radio', name, value: String(id), checked: chosen.includes(String(id)), onchange: () => onpick(picked()),
      }), h('span', null, label))));
  return box;
}

export const select = (options, value, onpick) => h('select', { onchange: (event) => onpick(event.target.value) },
  options.map(([id, label]) => h('option', { value: id, selected: String(id) === String(value) }, label)));

// Two presses instead of a dialog: the second button appears beside the words that say what would be lost.
export function twice(text, warning, sure, work) {
  const box = h('div', { class: 'twice' });
  const ask = () => box.replaceChildren(note('error', h('p', null, warning), h('div', { class: 'row' },
    button(sure, () => { calm(); work(); }, 'button--danger'), button(t('No'), calm, 'button--plain'))));
  const calm = () => box.replaceChildren(button(text, ask, 'button--plain'));
  calm();
  return box;
}

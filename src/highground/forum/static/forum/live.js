// The queue of a session on a poor line: asks for changes only, sends questions and votes in batches, loses nothing.
'use strict';
(() => {
  const list = document.getElementById('queue');
  const said = document.getElementById('said');
  const form = document.getElementById('ask');
  if (!list) return;
  const word = list.dataset;
  const store = `forum-live-${word.live}`;
  const token = document.querySelector('[name=csrfmiddlewaretoken]')?.value ?? '';
  const EVERY = 4000;
  const GATHER = 700;
  let tag = '';
  let waiting = read();
  let sending = false;
  let slow = 0;

  function read() {
    try { return JSON.parse(localStorage.getItem(store) ?? '[]'); } catch { return []; }
  }

  function keep() {
    try { localStorage.setItem(store, JSON.stringify(waiting)); } catch { /* a full or closed store: the page itself still holds it */ }
  }

  function element(name, attributes, ...inside) {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...inside);
    return made;
  }

  function draw(queue) {
    const rows = queue.map((one) => {
      const under = [word[one.mode] ?? one.mode, word[one.status]].filter(Boolean).join(' · ');
      const text = element('span', { className: 'live__text' }, one.text, element('span', { className: 'table__under' }, under));
      const row = element('li', { className: `live__one live__one--${one.status}` }, element('span', { className: 'live__votes' }, String(one.votes)), text);
      const voted = one.voted || waiting.some((item) => item.vote === one.id);
      if (one.mine || voted) row.append(element('span', { className: 'small' }, one.mine ? word.mine : word.voted));
      else if (word.on && one.status === 'waiting') {
        const button = element('button', { className: 'govuk-button govuk-button--secondary', type: 'button' }, word.vote);
        button.addEventListener('click', () => { button.replaceWith(element('span', { className: 'small' }, word.voted)); add({ vote: one.id }); });
        row.append(button);
      }
      return row;
    });
    for (const item of waiting.filter((one) => one.ask)) {
      rows.push(element('li', { className: 'live__one' }, element('span', { className: 'live__votes' }, '·'),
        element('span', { className: 'live__text' }, item.text, element('span', { className: 'table__under live__waits' }, word.waits))));
    }
    list.replaceChildren(...rows);
  }

  let last = null;

  function add(item) {
    waiting.push(item);
    keep();
    if (last) draw(last);
    setTimeout(send, GATHER);
  }

  async function send() {
    if (sending || !waiting.length) return;
    sending = true;
    const batch = waiting.slice(0, 50);
    try {
      const answer = await fetch(word.live, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token }, body: JSON.stringify(batch) });
      if (answer.ok || answer.status === 422) {
        const got = await answer.json();
        waiting = waiting.slice(batch.length);
        keep();
        said.textContent = got.error ?? Object.values(got.refused ?? {})[0] ?? '';
        if (got.queue) { tag = answer.headers.get('ETag') ?? ''; last = got.queue; draw(last); }
      }
    } catch {
      said.textContent = word.cut;
    }
    sending = false;
  }

  async function look() {
    await send();
    try {
      const answer = await fetch(word.live, { headers: tag ? { 'If-None-Match': tag } : {}, cache: 'no-store' });
      slow = 0;
      if (answer.ok) {
        tag = answer.headers.get('ETag') ?? '';
        last = (await answer.json()).queue;
        draw(last);
        if (said.textContent === word.cut) said.textContent = '';
      }
    } catch {
      slow = Math.min(slow + 1, 4);
      said.textContent = word.cut;
    }
    setTimeout(look, EVERY * (1 + slow) + Math.random() * 500);
  }

  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    const field = form.elements.text;
    const text = field.value.trim();
    if (!text) { field.focus(); return; }
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    add({ ask: [...bytes].map((one) => one.toString(16).padStart(2, '0')).join(''), text });
    field.value = '';
  });
  addEventListener('online', send);
  look();
})();

// Keeps what is typed in the browser and with the organisers; a connection that breaks costs nothing.
'use strict';
(() => {
  const form = document.getElementById('draft');
  if (!form) return;
  const said = document.getElementById('said');
  const store = `forum-entry-${location.pathname}-${form.dataset.language}`;
  const names = ['title', 'problem', 'done', 'results'];
  const token = form.querySelector('[name=csrfmiddlewaretoken]').value;
  let timer = 0;
  const typed = () => Object.fromEntries(names.map((name) => [name, form.elements[name].value]));
  const keep = () => localStorage.setItem(store, JSON.stringify({ ...typed(), version: form.elements.version.value }));

  const kept = JSON.parse(localStorage.getItem(store) ?? 'null');
  const refused = document.querySelector('.govuk-error-summary');
  // What the organisers have stands in the page as it came; a browser may have put back what was typed before.
  if (kept && names.every((name) => kept[name] === form.elements[name].defaultValue)) {
    if (!refused) localStorage.removeItem(store); // What was handed over has arrived.
  } else if (kept && kept.version === form.elements.version.value) {
    for (const name of names) form.elements[name].value = kept[name] ?? '';
    said.textContent = form.dataset.found;
    timer = setTimeout(send, 1000);
  } else if (kept) {
    // Somebody saved the draft elsewhere in between: neither overwrites the other.
    said.textContent = form.dataset.other;
    const words = names.map((name) => kept[name]).filter(Boolean).join('\n\n');
    said.after(Object.assign(document.createElement('pre'), { className: 'kept', id: 'kept', textContent: words }));
  }

  async function send() {
    clearTimeout(timer);
    const words = typed();
    try {
      const answer = await fetch(location.href, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token }, body: JSON.stringify({ ...words, version: form.elements.version.value }) });
      const got = await answer.json();
      if (!answer.ok) { said.textContent = got.error; return; }
      form.elements.version.value = got.version;
      if (localStorage.getItem(store)) keep();
      if (JSON.stringify(words) === JSON.stringify(typed())) localStorage.removeItem(store);
      said.textContent = form.dataset.kept;
    } catch {
      said.textContent = form.dataset.cut;
    }
  }

  form.addEventListener('input', () => {
    keep();
    clearTimeout(timer);
    timer = setTimeout(send, 2000);
  });
  form.addEventListener('submit', () => { clearTimeout(timer); keep(); });
  addEventListener('online', send);
})();

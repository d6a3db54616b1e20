// Keeps what is typed in the browser and with the organisers; a connection that breaks costs nothing.
'use strict';
(() => {
  const form = document.getElementById('draft');
  if (!form) return;
  const said = document.getElementById('said');
  const store = `forum-entry-${location.pathname}-${form.lang}`;
  const names = ['title', 'problem', 'done', 'results'];
  const token = form.querySelector('[name=csrfmiddlewaretoken]').value;
  let timer = 0;
  const typed = () => Object.fromEntries(names.map((name) => [name, form.elements[name].value]));

  const kept = JSON.parse(localStorage.getItem(store) ?? 'null');
  if (kept && names.some((name) => kept[name] !== form.elements[name].value)) {
    for (const name of names) form.elements[name].value = kept[name] ?? '';
    said.textContent = form.dataset.found;
    timer = setTimeout(send, 1000);
  }

  async function send() {
    clearTimeout(timer);
    const words = typed();
    try {
      const answer = await fetch(location.href, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token }, body: JSON.stringify({ ...words, version: form.elements.version.value }) });
      const got = await answer.json();
      if (!answer.ok) { said.textContent = got.error; return; }
      form.elements.version.value = got.version;
      if (JSON.stringify(words) === JSON.stringify(typed())) localStorage.removeItem(store);
      said.textContent = form.dataset.kept;
    } catch {
      said.textContent = form.dataset.cut;
    }
  }

  form.addEventListener('input', () => {
    localStorage.setItem(store, JSON.stringify(typed()));
    clearTimeout(timer);
    timer = setTimeout(send, 2000);
  });
  form.addEventListener('submit', () => { clearTimeout(timer); localStorage.removeItem(store); });
  addEventListener('online', send);
})();

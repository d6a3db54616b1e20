// Check-in at a door. What is typed is kept first, answered from what this device knows, and sent when there is a network.
'use strict';
(() => {
  const main = document.getElementById('main');
  const word = main.dataset;
  const field = document.getElementById('code');
  const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
  const BATCH = 100;
  let link = '';
  let known = { people: [], came: [] };
  let waiting = [];
  let closed = false;
  let cut = false; // the last request did not get through, whatever the browser believes
  let sending = null;

  const opening = new Promise((resolve, reject) => {
    const asked = indexedDB.open('highground-door', 1);
    asked.onupgradeneeded = () => { asked.result.createObjectStore('meta'); asked.result.createObjectStore('scans', { keyPath: 'key' }); };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

  async function change(name, work, mode = 'readwrite') {
    const transaction = (await opening).transaction(name, mode, { durability: 'strict' });
    return new Promise((resolve, reject) => {
      const answer = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(answer?.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  const dayOf = (moment) => new Intl.DateTimeFormat('en-CA', { timeZone: known.zone || undefined }).format(moment);
  const today = () => dayOf(new Date());

  // The check character finds every wrong letter and every two that were swapped: a weighted sum over a prime.
  function tidy(typed) {
    const plain = [...typed.toUpperCase()].filter((one) => /[A-Z0-9]/.test(one)).join('');
    if (plain.length !== 9 || [...plain].some((one) => !ALPHABET.includes(one))) return '';
    const sum = [...plain.slice(0, 8)].reduce((total, one, place) => total + (place + 1) * ALPHABET.indexOf(one), 0);
    return ALPHABET[sum % ALPHABET.length] === plain[8] ? `${plain.slice(0, 4)}-${plain.slice(4, 8)}-${plain[8]}` : '';
  }

  function show(state, name, more) {
    const box = document.createElement('div');
    box.className = `said said--${state}`;
    const line = document.createElement('strong');
    line.textContent = name || word[state];
    box.append(line, name ? word[state] : '', more ? ` · ${more}` : '');
    document.getElementById('answer').replaceChildren(box);
  }

  function tell() {
    const off = navigator.onLine && !cut ? '' : `${word.off} · `;
    document.getElementById('state').textContent = closed ? word.closed : !link ? word.none : off + (waiting.length ? `${waiting.length} ${word.waits}` : word.sent);
    document.getElementById('came').textContent = link ? `${word.many}: ${new Set(known.came.filter(([, day]) => day === today()).map(([badge]) => badge)).size}` : '';
    const out = document.getElementById('export');
    out.hidden = !waiting.length;
  }

  async function scan(typed) {
    const code = tidy(typed);
    if (!code) { show('wrong', '', typed); return; }
    const item = { key: crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, '0')).join(''), code, at: new Date().toISOString() };
    await change('scans', (store) => store.put(item));
    waiting.push(item);
    const person = known.people.find((one) => one.badge === code);
    const before = known.came.some(([badge, day]) => badge === code && day === today());
    if (!person) show('unknown', '', code);
    else {
      show(before ? 'again' : 'in', person.name, [person.latin, person.from].filter(Boolean).join(' · '));
      if (!before) {
        known.came.push([code, today()]);
        await change('meta', (store) => store.put(known, 'known'));
      }
    }
    tell();
    send();
  }

  function send() {
    sending ??= flush().finally(() => { sending = null; tell(); });
    return sending;
  }

  async function flush() {
    while (waiting.length && link && !closed) {
      const batch = waiting.slice(0, BATCH);
      let answer;
      try {
        answer = await fetch(word.scans, { method: 'POST', credentials: 'omit', headers: { Authorization: `Door ${link}`, 'Content-Type': 'application/json' }, body: JSON.stringify(batch) });
        cut = false;
      } catch { cut = true; return; }
      if (answer.status === 401) { closed = true; return; }
      if (!answer.ok) return;
      const stored = new Set((await answer.json()).scans.map((one) => one.key));
      await change('scans', (store) => { for (const key of stored) store.delete(key); });
      waiting = waiting.filter((one) => !stored.has(one.key));
    }
  }

  async function refresh() {
    if (!link) return;
    try {
      const answer = await fetch(word.people, { credentials: 'omit', cache: 'no-store', headers: { Authorization: `Door ${link}` } });
      if (answer.status === 401) {
        closed = true;
        known = { people: [], came: [] };
        await change('meta', (store) => store.delete('known'));
      } else if (answer.ok) {
        closed = false;
        const fresh = await answer.json();
        known = fresh;
        // What is not sent yet counts too: of people who are expected, on the day on which they came.
        const expected = new Set(known.people.map((one) => one.badge));
        for (const one of waiting) if (expected.has(one.code)) known.came.push([one.code, dayOf(new Date(one.at))]);
        await change('meta', (store) => store.put(known, 'known'));
      }
      cut = false;
    } catch { cut = true; }
    document.getElementById('door').textContent = known.door ? `${known.door} · ${known.forum}` : document.getElementById('door').textContent;
    tell();
  }

  document.getElementById('scan').addEventListener('submit', (event) => {
    event.preventDefault();
    const typed = field.value;
    field.value = '';
    field.focus();
    document.getElementById('answer').replaceChildren();
    if (typed.trim()) scan(typed);
  });
  document.getElementById('export').addEventListener('click', (event) => {
    event.preventDefault();
    const made = document.createElement('a');
    made.href = URL.createObjectURL(new Blob([JSON.stringify(waiting)], { type: 'application/json' }));
    made.download = 'check-in-unsent.json';
    made.click();
    setTimeout(() => URL.revokeObjectURL(made.href), 60000);
  });
  addEventListener('online', () => { send(); refresh(); });
  addEventListener('offline', tell);
  setInterval(send, 10000);
  setInterval(refresh, 60000);

  (async () => {
    navigator.serviceWorker?.register(word.sw, { scope: '/forum/door/' });
    const given = location.hash.slice(1);
    if (given) {
      await change('meta', (store) => store.put(given, 'link'));
      history.replaceState(null, '', location.pathname);
    }
    link = (await change('meta', (store) => store.get('link'), 'readonly')) ?? '';
    known = (await change('meta', (store) => store.get('known'), 'readonly')) ?? known;
    waiting = (await change('scans', (store) => store.getAll(), 'readonly')) ?? [];
    tell();
    await send();
    await refresh();
    document.body.dataset.ready = '1';
  })();
})();

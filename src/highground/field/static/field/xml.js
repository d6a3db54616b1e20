// One visit as the XML instance the server reads. Escaping is the serializer's business.

// XML 1.0 has no place for control characters, which keyboards and pasted text do bring along.
const clean = (text) => String(text).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\ud800-\udfff]/gu, '');

export function instance(visit) {
  const doc = document.implementation.createDocument(null, 'data');
  const root = doc.documentElement;
  root.setAttribute('id', 'visit');
  root.setAttribute('version', '1');
  const add = (parent, name, value = '') => {
    const node = parent.appendChild(doc.createElementNS(null, name));
    node.textContent = clean(value ?? '');
    return node;
  };
  const one = (name, value) => add(root, name, value);

  for (const name of ['household', 'base', 'kind', 'case', 'step', 'day']) one(name, visit[name]);
  const facts = one('facts');
  const members = new Map();
  for (const [name, value] of Object.entries(visit.answers)) {
    const text = Array.isArray(value) ? value.join(' ') : value;
    if (text === '' || text === null) continue;
    const [fact, member] = name.split('@');
    if (!member) { add(facts, fact, text); continue; }
    if (!members.has(member)) {
      members.set(member, one('members'));
      add(members.get(member), 'member', member);
    }
    add(members.get(member), fact, text);
  }
  one('confirmed', (visit.confirmed ?? []).join(' '));
  one('visitors', visit.visitors.join(' '));
  for (const name of ['outcome', 'class_id']) one(name, visit[name]);
  one('risks', visit.risks.join(' '));
  for (const name of ['reason', 'note', 'need_words', 'need_language']) one(name, visit[name]);
  for (const file of visit.files) one(file.role, file.name);
  for (const name of ['someone_else', 'started', 'finished']) one(name, visit[name]);
  add(one('meta'), 'instanceID', visit.id);
  return new XMLSerializer().serializeToString(doc);
}

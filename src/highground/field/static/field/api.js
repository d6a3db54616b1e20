// Talking to the server. What went wrong decides what happens to the work, so it is told apart here.
import { announce } from './dom.js';
import { hearServer } from './clock.js';
import { language } from './words.js';

export class Offline extends Error {}
export class Refused extends Error {
  constructor(status, body) {
    super(body?.error || `HTTP ${status}`);
    this.status = status;
    this.body = body;
  }
}

let token = null;
export const useToken = (value) => { token = value; };
export const hasToken = () => Boolean(token);

export async function call(path, { method = 'GET', body, headers = {}, patience = 60000 } = {}) {
  let answer;
  let text;
  try {
    answer = await fetch(path, {
      method,
      body,
      // A device token is the only key: no cookie of somebody signed in to the site may speak here.
      credentials: 'omit',
      cache: 'no-store',
      headers: { ...headers, 'Accept-Language': language(), ...(token && { Authorization: `Bearer ${token}` }) },
      signal: AbortSignal.timeout(patience),
    });
    text = await answer.text();
  } catch (error) {
    throw new Offline(error.message);
  }
  hearServer(answer.headers.get('Date'));
  let data = null;
  try { data = JSON.parse(text); } catch { /* a proxy's own page has no JSON */ }
  if (answer.status === 401 && data?.wipe) announce('revoked');
  // A village wifi's sign-in page answers 200 with HTML: that is no network, not an acknowledgement.
  if (answer.ok && !data) throw new Offline('No JSON in the answer');
  if (!answer.ok) throw new Refused(answer.status, data);
  return data;
}

export const enrol = (username, password, name) => call('/field/enrol', {
  method: 'POST', body: JSON.stringify({ username, password, name }), headers: { 'Content-Type': 'application/json' },
});
export const fetchBundle = () => call(`/field/bundle?lang=${language()}`);
export const fetchCards = (keys) => call(`/field/cards?keys=${keys.map(encodeURIComponent).join(',')}&lang=${language()}`);

export function submit(xml, files = []) {
  const form = new FormData();
  form.append('xml_submission_file', new Blob([xml], { type: 'text/xml' }), 'visit.xml');
  for (const { name, blob } of files) form.append(name, blob, name);
  return call('/field/submission', { method: 'POST', body: form, headers: { 'X-OpenRosa-Version': '1.0' }, patience: 300000 });
}

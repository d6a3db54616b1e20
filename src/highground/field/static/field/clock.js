// What day it is, by the server's clock when the phone's own is wrong.
import { get, put } from './store.js';

const DAY = 86400000;
let ahead = 0;

export const loadClock = async () => { ahead = (await get('meta', 'clock')) ?? 0; };

export function hearServer(header) {
  const server = Date.parse(header ?? '');
  if (Number.isNaN(server)) return;
  const before = ahead;
  ahead = server - Date.now();
  if (Math.abs(ahead - before) > 60000) put('meta', ahead, 'clock').catch(() => {});
}

export const now = () => new Date(Date.now() + ahead);
export const clockIsWrong = () => Math.abs(ahead) > DAY;

export function today() {
  const date = now();
  return [date.getFullYear(), String(date.getMonth() + 1).padStart(2, '0'), String(date.getDate()).padStart(2, '0')].join('-');
}
export const daysUntil = (text) => Math.round((Date.parse(`${text}T00:00:00Z`) - Date.parse(`${today()}T00:00:00Z`)) / DAY);

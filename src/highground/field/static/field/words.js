// The words of the page. English is the key and the fallback, so a missing translation never leaves a hole.
import { get, put } from './store.js';

export const LANGUAGES = [['en', 'English'], ['zh-hans', '中文'], ['km', 'ខ្មែរ'], ['lo', 'ລາວ'], ['th', 'ไทย'], ['my', 'မြန်မာ']];
// Families speak more languages than the page; each stands here by its own name.
export const SPOKEN = [...LANGUAGES, ['vi', 'Tiếng Việt'], ['id', 'Bahasa Indonesia'], ['ms', 'Bahasa Melayu'], ['fil', 'Filipino'], ['ta', 'தமிழ்'], ['za', 'Vahcuengh']];
let words = {};
let current = 'en';
let version = '';

export function t(text, values = {}) {
  return (words[text] || text).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

export const language = () => current;
// What the server says of the words that are worn; it tells the newest with each list.
export const wordsVersion = () => version;

const wear = (name, map, mark) => {
  current = name;
  words = map ?? {};
  version = mark ?? '';
  document.documentElement.lang = name === 'zh-hans' ? 'zh-Hans' : name;
};

export async function loadWords() {
  const kept = await get('meta', 'words');
  const own = LANGUAGES.map(([id]) => id).find((id) => navigator.language.toLowerCase().startsWith(id.slice(0, 2)));
  wear(kept?.name ?? 'en', kept?.map, kept?.version);
  if (!kept && own && own !== 'en') await changeLanguage(own).catch(() => {});
}

export async function changeLanguage(name) {
  let map = {};
  let mark = '';
  try {
    const answer = await fetch(`/field/words/${name}.json`);
    if (answer.ok) { map = await answer.json(); mark = answer.headers.get('X-Words-Version') ?? ''; }
    else if (name !== 'en') throw new Error(String(answer.status));
  } catch (error) {
    if (name !== 'en') throw error;
  }
  await put('meta', { name, map, version: mark }, 'words');
  wear(name, map, mark);
}

// Browsers have no names of months in some languages; there the numbers say it.
export const day = (text) => {
  const date = new Date(`${text}T12:00:00`);
  if (Number.isNaN(date.getTime())) return text;
  const name = current === 'en' ? 'en-GB' : document.documentElement.lang;
  return Intl.DateTimeFormat.supportedLocalesOf([name]).length
    ? date.toLocaleDateString(name, { day: 'numeric', month: 'long', year: 'numeric' })
    : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'numeric', year: 'numeric' });
};

// The words of the page. English is the key and the fallback, so a missing translation never leaves a hole.
import { get, put } from './store.js';

export const LANGUAGES = [['en', 'English'], ['zh-hans', '中文'], ['km', 'ខ្មែរ'], ['lo', 'ລາວ'], ['th', 'ไทย'], ['my', 'မြန်မာ']];
let words = {};
let current = 'en';

export function t(text, values = {}) {
  return (words[text] || text).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

export const language = () => current;

const wear = (name, map) => {
  current = name;
  words = map ?? {};
  document.documentElement.lang = name === 'zh-hans' ? 'zh-Hans' : name;
};

export async function loadWords() {
  const kept = await get('meta', 'words');
  const own = LANGUAGES.map(([id]) => id).find((id) => navigator.language.toLowerCase().startsWith(id.slice(0, 2)));
  wear(kept?.name ?? 'en', kept?.map);
  if (!kept && own && own !== 'en') await changeLanguage(own).catch(() => {});
}

export async function changeLanguage(name) {
  let map = {};
  try {
    const answer = await fetch(`/field/words/${name}.json`);
    if (answer.ok) map = await answer.json();
    else if (name !== 'en') throw new Error(String(answer.status));
  } catch (error) {
    if (name !== 'en') throw error;
  }
  await put('meta', { name, map }, 'words');
  wear(name, map);
}

export const day = (text) => {
  const date = new Date(`${text}T12:00:00`);
  return Number.isNaN(date.getTime()) ? text : date.toLocaleDateString(document.documentElement.lang === 'en' ? 'en-GB' : document.documentElement.lang, { day: 'numeric', month: 'long', year: 'numeric' });
};

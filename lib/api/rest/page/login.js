import { byId } from './dom.js';

/** Below what the API is mounted: the page is its `docs`. */
export const base = location.pathname.replace(/\/docs\/?$/, '');

/** Not kept anywhere: it is gone with the page. */
let typed = '';

/** The token that was typed, else the session of the editor on the same origin. */
export function token() {
  return typed || editorSession();
}

/** Node-RED keeps it under a name that ends in the path of the editor. */
function editorSession() {
  const editor = base.replace(/\/virtflow\/v1$/, '').replaceAll('/', '-');
  try {
    return String(JSON.parse(localStorage.getItem(`auth-tokens${editor}`) ?? '{}').access_token ?? '');
  } catch {
    return '';
  }
}

/** @returns {Record<string, string>} */
export function credentials() {
  const text = token();
  return text === '' ? {} : { authorization: `Bearer ${text}` };
}

export function startLogin() {
  byId('login').addEventListener('submit', (event) => {
    event.preventDefault();
    const field = byId('token');
    if (field instanceof HTMLInputElement) {
      typed = field.value.trim();
      field.value = '';
    }
    tellWho();
  });
  tellWho();
}

function tellWho() {
  lookUp()
    .then(tell)
    .catch(() => tell({ text: 'virtflow does not answer', isBad: true }));
}

/** @param {{ text: string, isBad: boolean }} about */
function tell({ text, isBad }) {
  byId('who').textContent = text;
  byId('who').classList.toggle('bad', isBad);
}

async function lookUp() {
  if (token() === '') return { text: 'not logged in', isBad: false };
  const response = await fetch(`${base}/whoami`, { headers: credentials() });
  const body = await response.json();
  if (!response.ok) return { text: body.detail, isBad: true };
  return { text: `as ${body.name}${typed === '' ? ', by the editor' : ''}`, isBad: false };
}

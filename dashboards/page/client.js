import { byId } from './dom.js';
import { word } from './words.js';

/** Where the page is mounted, and the API beside it. */
export const base = document.body.dataset.base ?? '/dashboards';
const api = `${base.replace(/\/dashboards$/, '')}/virtflow/v1`;

/** Not kept anywhere: it is gone with the page. */
let typed = '';

export function useToken(text) {
  typed = text;
}

/** Node-RED keeps a session under a name that ends in the path of the editor. */
function editorSession() {
  const editor = base.replace(/\/dashboards$/, '').replaceAll('/', '-');
  try {
    return String(JSON.parse(localStorage.getItem(`auth-tokens${editor}`) ?? '{}').access_token ?? '');
  } catch {
    return '';
  }
}

/** Without a token of its own the page comes as the editor does. */
function credentials() {
  const token = typed || editorSession();
  return { ...(typed ? {} : { 'virtflow-editor': '1' }), ...(token ? { authorization: `Bearer ${token}` } : {}) };
}

/** @throws with the sentence of the problem */
export async function ask(path, body = undefined, signal = undefined) {
  const about = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const headers = { ...credentials(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const response = await fetch(`${api}${path}`, { ...about, headers, signal });
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  const denied = response.status === 401;
  byId('login').hidden = !denied;
  throw new Error(denied ? word('logIn') : `${problem.detail ?? response.statusText} ${problem.advice ?? ''}`);
}

/** Calls back at each event of a stream until the signal aborts; comes back by itself after a break. */
export async function listen(path, heard, signal) {
  while (!signal.aborted) {
    try {
      const response = await fetch(`${api}${path}`, { headers: credentials(), signal });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        if (part.value.includes('event: figures')) heard();
      }
    } catch {
      // The server is away, or nobody listens any more.
    }
    await new Promise((resolve) => setTimeout(resolve, signal.aborted ? 0 : 3_000));
  }
}

import { shell } from '../shell.js';
import { words } from '../words.js';

const answerWithinMs = 30_000;

/**
 * Asks virtflow's REST API as whoever is in the editor.
 * @param {'GET' | 'POST' | 'DELETE'} method
 * @param {string} path
 * @param {Record<string, unknown>} [body]
 * @returns {Promise<unknown>} the answer's JSON; rejects with a RestProblem
 */
export async function rest(method, path, body) {
  const response = await restResponse(path, {
    method,
    signal: AbortSignal.timeout(answerWithinMs),
    ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}),
  });
  return response.json();
}

/**
 * The same, with the answer as it comes in.
 * @param {string} path
 * @param {RequestInit & { lastEventId?: string, accept?: string }} init
 */
export async function restResponse(path, { lastEventId, accept, ...init }) {
  const headers = { ...headersOf(lastEventId), ...(accept ? { accept } : {}) };
  const response = await fetch(`${shell.api}${path}`, { ...init, headers }).catch(() => undefined);
  if (!response) throw unreachable();
  if (!response.ok) throw await refusalOf(response);
  return response;
}

/** @param {string | undefined} lastEventId */
function headersOf(lastEventId) {
  return {
    'content-type': 'application/json',
    ...shell.credentials(),
    ...(lastEventId ? { 'last-event-id': lastEventId } : {}),
  };
}

/** @returns {RestProblem} */
function unreachable() {
  return { status: 0, code: 'UNREACHABLE', message: words('unreachable'), advice: '' };
}

/**
 * @param {Response} response
 * @returns {Promise<RestProblem>}
 */
async function refusalOf(response) {
  const { status } = response;
  if (status === 401) shell.denied();
  const told = await response.json().catch(() => ({}));
  const { code, detail, advice } = told ?? {};
  if (typeof code === 'string' && typeof detail === 'string') {
    return { status, code, message: detail, advice: typeof advice === 'string' ? advice : '' };
  }
  if (status === 401 || status === 403) {
    return { status, code: 'DENIED', message: words('operations.denied'), advice: words('operations.deniedAdvice') };
  }
  return { status, code: `HTTP ${status}`, message: words('unreachable'), advice: '' };
}

/**
 * What was thrown, as a problem that can be shown.
 * @param {unknown} thrown
 * @returns {RestProblem}
 */
export function problemFrom(thrown) {
  if (typeof thrown === 'object' && thrown !== null && 'status' in thrown && 'code' in thrown) {
    return /** @type {RestProblem} */ (thrown);
  }
  return { status: 0, code: 'INTERNAL', message: String(thrown), advice: '' };
}

/** @param {string} id */
export function operationPath(id) {
  return `/operations/${encodeURIComponent(id)}`;
}

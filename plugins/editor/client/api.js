import { words } from './words.js';

const timeoutMs = 15_000;

/**
 * Asks virtflow. Rejects with a problem: code, message and advice.
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {Record<string, unknown>} values
 * @returns {Promise<unknown>}
 */
export async function ask(method, path, values) {
  const body = method === 'POST' ? { data: JSON.stringify(values), contentType: 'application/json' } : { data: values };
  try {
    return await $.ajax({ method, url: `virtflow/${path}`, timeout: timeoutMs, ...body });
  } catch (error) {
    throw problemOf(error);
  }
}

/**
 * @param {unknown} error
 * @returns {Problem}
 */
function problemOf(error) {
  const answer = field(error, 'responseJSON');
  const [code, message, advice] = ['code', 'message', 'advice'].map((name) => field(answer, name));
  // What comes over REST is as RFC 9457 has it.
  const sentence = message ?? field(answer, 'detail');
  if (typeof code === 'string' && typeof sentence === 'string' && typeof advice === 'string') {
    return { code, message: sentence, advice };
  }
  const denied = field(error, 'status') === 401;
  return { code: denied ? 'DENIED' : 'UNREACHABLE', message: words(denied ? 'denied' : 'unreachable'), advice: '' };
}

/**
 * @param {unknown} holder
 * @param {string} name
 * @returns {unknown}
 */
function field(holder, name) {
  if (typeof holder !== 'object' || holder === null) return undefined;
  return Object.entries(holder).find(([key]) => key === name)?.[1];
}

/**
 * Runs a question some time after the last call; an answer that a newer question has overtaken is dropped.
 * @template T, A
 * @param {number} delayMs
 * @param {(question: T) => Promise<A>} question
 * @param {(answer: A) => void} answered
 * @param {(problem: unknown) => void} failed
 */
export function debounced(delayMs, question, answered, failed) {
  let latest = 0;
  let timer = 0;
  return {
    /** @param {T} about */
    ask(about) {
      latest += 1;
      const own = latest;
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        question(about).then(
          (answer) => own === latest && answered(answer),
          (problem) => own === latest && failed(problem),
        );
      }, delayMs);
    },
    stop() {
      latest += 1;
      window.clearTimeout(timer);
    },
  };
}

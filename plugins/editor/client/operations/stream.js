import { frameReader } from './frames.js';
import { problemFrom, restResponse } from './rest.js';

const firstPauseMs = 500;
const longestPauseMs = 15_000;
/** virtflow says something every 15 seconds; a line that is silent for longer is dead. */
const silentMs = 40_000;

/**
 * Follows what happens to operations: what was missed is told at the next connection, each as it stands then.
 * @param {Omit<Listener, 'heard'> & { heard: (operation: OperationSummary) => void }} listener
 */
export function followOperations({ heard, ...listener }) {
  return followEvents('operation', { ...listener, heard: (told) => heard(/** @type {OperationSummary} */ (told)) });
}

/**
 * @typedef {{
 *   heard: (told: unknown) => void,
 *   state: (state: 'open' | 'away', problem?: RestProblem) => void,
 *   lost: () => void,
 * }} Listener `lost`: all is to be read anew, for too much was missed or nobody saw the page
 */

/**
 * Follows events of a type, over interruptions. EventSource cannot send the editor's token, so this is fetch.
 * Browsers make six connections to a place for all of its pages: a page that nobody sees leaves its own to the others.
 * @param {string} type
 * @param {Listener} listener
 */
export function followEvents(type, { heard, state, lost }) {
  const stopped = new AbortController();
  let lastEventId = '';
  let pauseMs = firstPauseMs;
  let wasHidden = false;
  /** @type {(() => void) | undefined} */
  let wake;
  let line = new AbortController();

  async function listen() {
    line = new AbortController();
    const { signal } = line;
    const end = () => line.abort();
    let watchdog = window.setTimeout(end, silentMs);
    try {
      const response = await restResponse(`/events?type=${type}`, { signal, lastEventId });
      pauseMs = firstPauseMs;
      state('open');
      if (wasHidden) lost();
      wasHidden = false;
      const take = frameReader(frame);
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        window.clearTimeout(watchdog);
        watchdog = window.setTimeout(end, silentMs);
        take(part.value);
      }
    } finally {
      window.clearTimeout(watchdog);
    }
  }

  /** @param {{ type: string, id: string, data: string }} told */
  function frame({ type: told, id, data }) {
    if (id !== '') lastEventId = id;
    if (told === type) heard(JSON.parse(data));
    if (told === 'warning') lost();
  }

  async function goOn() {
    while (!stopped.signal.aborted) {
      /** @type {unknown} */
      const thrown = document.hidden ? undefined : await listen().catch((error) => error);
      if (stopped.signal.aborted) return;
      if (document.hidden) {
        wasHidden = true;
        await woken();
      } else {
        state('away', thrown === undefined ? undefined : problemFrom(thrown));
        await pause();
      }
    }
  }

  function woken() {
    const { promise, resolve } = /** @type {PromiseWithResolvers<void>} */ (Promise.withResolvers());
    wake = resolve;
    return promise;
  }

  function pause() {
    window.setTimeout(now, pauseMs * (0.75 + Math.random() / 2));
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    return woken();
  }

  const now = () => wake?.();
  function look() {
    if (document.hidden) line.abort();
    else now();
  }

  window.addEventListener('online', now);
  document.addEventListener('visibilitychange', look);
  void goOn();
  return {
    now,
    stop() {
      stopped.abort();
      line.abort();
      now();
      window.removeEventListener('online', now);
      document.removeEventListener('visibilitychange', look);
    },
  };
}

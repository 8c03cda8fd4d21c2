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
 * }} Listener `lost`: too much was missed, all is to be read anew
 */

/**
 * Follows events of a type, over interruptions. EventSource cannot send the editor's token, so this is fetch.
 * @param {string} type
 * @param {Listener} listener
 */
export function followEvents(type, { heard, state, lost }) {
  const stopped = new AbortController();
  let lastEventId = '';
  let pauseMs = firstPauseMs;
  /** @type {(() => void) | undefined} */
  let hurry;

  async function listen() {
    const line = new AbortController();
    const end = () => line.abort();
    stopped.signal.addEventListener('abort', end, { once: true });
    let watchdog = window.setTimeout(end, silentMs);
    try {
      const response = await restResponse(`/events?type=${type}`, { signal: line.signal, lastEventId });
      pauseMs = firstPauseMs;
      state('open');
      const take = frameReader(frame);
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        window.clearTimeout(watchdog);
        watchdog = window.setTimeout(end, silentMs);
        take(part.value);
      }
    } finally {
      window.clearTimeout(watchdog);
      stopped.signal.removeEventListener('abort', end);
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
      const thrown = await listen().catch((error) => error);
      if (stopped.signal.aborted) return;
      state('away', thrown === undefined ? undefined : problemFrom(thrown));
      await pause();
    }
  }

  function pause() {
    const { promise, resolve } = /** @type {PromiseWithResolvers<void>} */ (Promise.withResolvers());
    hurry = resolve;
    window.setTimeout(resolve, pauseMs * (0.75 + Math.random() / 2));
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    return promise;
  }

  const now = () => hurry?.();
  window.addEventListener('online', now);
  void goOn();
  return {
    now,
    stop() {
      stopped.abort();
      now();
      window.removeEventListener('online', now);
    },
  };
}

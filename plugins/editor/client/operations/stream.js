import { frameReader } from './frames.js';
import { problemFrom, restResponse } from './rest.js';

const firstPauseMs = 500;
const longestPauseMs = 15_000;
/** virtflow says something every 15 seconds; a line that is silent for longer is dead. */
const silentMs = 40_000;

/**
 * Follows what happens to operations, over interruptions: what was missed is told at the next connection, each as it
 * stands then. EventSource cannot send the editor's token, so this is fetch.
 * @param {{
 *   heard: (operation: OperationSummary) => void,
 *   state: (state: 'open' | 'away', problem?: RestProblem) => void,
 *   lost: () => void,
 * }} listener `lost`: too much was missed, all is to be read anew
 */
export function followOperations({ heard, state, lost }) {
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
      const response = await restResponse('/events?type=operation', { signal: line.signal, lastEventId });
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
  function frame({ type, id, data }) {
    if (id !== '') lastEventId = id;
    if (type === 'operation') heard(JSON.parse(data));
    if (type === 'warning') lost();
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

import type { Log } from '../lib/model/log.ts';

/** Peers that vanish: an emitter without a listener turns them into uncaught errors, and nothing is broken by them. */
const peerTrouble: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

const stopWithinMs = 4_500;
const sameSignalMs = 1_000;

/**
 * Ends the process in order when it is told to, and keeps it from dying of what it can live with: a rejection that
 * nobody handled, or a peer's socket that broke. After an error that is truly unknown it stops in order and exits 1,
 * for what it holds in memory can no longer be believed.
 */
export function guardProcess(log: Log, stop: () => Promise<void>): void {
  let leavingSince: number | undefined;
  const leave = (code: number) => {
    // A terminal tells the whole group, and whoever started us passes it on: that is one signal, not two.
    if (leavingSince !== undefined && performance.now() - leavingSince < sameSignalMs) return;
    if (leavingSince !== undefined) process.exit(code === 0 ? 130 : code);
    leavingSince = performance.now();
    setTimeout(() => {
      log.error('Stopping took too long; what was under way is settled at the next start.');
      process.exit(code);
    }, stopWithinMs).unref();
    stop().then(
      () => process.exit(code),
      (error: unknown) => {
        log.error(textOf(error));
        process.exit(code || 1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => leave(0));
  // Whoever reads our output may leave before us.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.on('unhandledRejection', (reason) => log.error(`A rejection was not handled: ${textOf(reason)}`));
  process.on('uncaughtException', (error) => {
    log.error(`An error was not caught: ${textOf(error)}`);
    if (!peerTrouble.has('code' in error ? error.code : undefined)) leave(1);
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

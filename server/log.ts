import { discreet, type Log } from '../lib/model/log.ts';

/** Goes to the console until Node-RED's own log is there to take it. */
export class ServerLog implements Log {
  #target: Log;

  constructor(verbose: boolean) {
    this.#target = discreet(consoleLog(verbose));
  }

  use(target: Log): void {
    this.#target = discreet(target);
  }

  error(message: string): void {
    this.#target.error(`[virtflow] ${message}`);
  }

  warn(message: string): void {
    this.#target.warn(`[virtflow] ${message}`);
  }

  info(message: string): void {
    this.#target.info(`[virtflow] ${message}`);
  }

  debug(message: string): void {
    this.#target.debug(`[virtflow] ${message}`);
  }
}

function consoleLog(verbose: boolean): Log {
  const quiet = () => undefined;
  return {
    error: (message) => console.error(message),
    warn: (message) => console.error(message),
    info: verbose ? (message) => console.log(message) : quiet,
    debug: quiet,
  };
}

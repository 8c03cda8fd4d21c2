import { withoutSecrets } from './secret-text.ts';

/** Where the platform writes what an administrator should know; Node-RED's own log in production. */
export interface Log {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

/** A log that shows no secret, whoever writes to it and whatever others said. */
export function discreet(log: Log): Log {
  return {
    error: (message) => log.error(withoutSecrets(message)),
    warn: (message) => log.warn(withoutSecrets(message)),
    info: (message) => log.info(withoutSecrets(message)),
    debug: (message) => log.debug(withoutSecrets(message)),
  };
}

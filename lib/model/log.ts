/** Where the platform writes what an administrator should know; Node-RED's own log in production. */
export interface Log {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

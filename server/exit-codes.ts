import type { ErrorCode } from '../lib/model/catalogue.ts';

/** What a shell or a service manager sees; docs/running.md lists them. Everything else that fails is 1. */
const exitCodes: Partial<Record<ErrorCode, number>> = {
  OPTION_INVALID: 2,
  PORT_BUSY: 3,
  DATA_DIRECTORY_BUSY: 4,
  DATA_DIRECTORY_UNUSABLE: 5,
  FLOWS_BROKEN: 6,
  STORE_BROKEN: 7,
  STORE_FULL: 8,
  NODE_RED_MISSING: 9,
  AUDIT_BROKEN: 10,
  NOT_RUNNING: 12,
  SERVER_UNREACHABLE: 12,
  CREDENTIALS_MISSING: 13,
  TOKEN_INVALID: 13,
  ACCESS_DENIED: 13,
  SECRET_KEY_MISSING: 11,
  SECRET_KEY_WRONG: 11,
  SECRET_KEY_INVALID: 11,
  SECRET_KEYRING_UNAVAILABLE: 11,
};

export function exitCodeOf(code: ErrorCode): number {
  return exitCodes[code] ?? 1;
}

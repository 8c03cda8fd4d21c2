import { catalogue, type ErrorCode } from '../../model/catalogue.ts';
import type { VirtflowError } from '../../model/errors.ts';

/** HTTP's word for an error; what is not here was understood and cannot be done, which is 422. */
const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  REQUEST_INVALID: 400,
  REFERENCE_INVALID: 400,
  CREDENTIALS_MISSING: 401,
  TOKEN_INVALID: 401,
  ACCESS_DENIED: 403,
  ROUTE_UNKNOWN: 404,
  ACTION_UNKNOWN: 404,
  OPERATION_UNKNOWN: 404,
  OBJECT_UNKNOWN: 404,
  CONNECTION_UNKNOWN: 404,
  WINDOW_UNKNOWN: 404,
  RULE_UNKNOWN: 404,
  RULE_OF_NODE: 409,
  BACKTESTS_TOO_MANY: 429,
  DASHBOARD_UNKNOWN: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMED_OUT: 408,
  APPROVAL_NOT_YOURS: 403,
  APPROVAL_UNKNOWN: 404,
  ALERT_UNKNOWN: 404,
  SILENCE_UNKNOWN: 404,
  CONTACT_UNKNOWN: 404,
  ALERT_OVER: 409,
  NOTIFICATION_FAILED: 502,
  APPROVAL_CHANGED: 409,
  APPROVAL_CLOSED: 409,
  APPROVAL_LINK_INVALID: 404,
  APPROVAL_LINK_EXPIRED: 410,
  APPROVAL_LINK_USED: 410,
  OBJECT_AMBIGUOUS: 409,
  STATE_FORBIDS: 409,
  DISK_IN_USE: 409,
  SNAPSHOT_FOREIGN: 409,
  HYPERVISOR_BUSY: 409,
  BODY_TOO_LARGE: 413,
  CONTENT_TYPE_UNSUPPORTED: 415,
  LOCKED_OUT: 429,
  REQUESTS_TOO_MANY: 429,
  INTERNAL: 500,
  STORE_BROKEN: 500,
  CHANGE_OUTSIDE_OPERATION: 500,
  HYPERVISOR_FAILED: 502,
  PROTOCOL_VIOLATION: 502,
  CONNECTION_DOWN: 503,
  CONNECTION_LOST: 503,
  CONNECTION_REFUSED: 503,
  STARTING: 503,
  STOPPING: 503,
  METRIC_QUERY_INVALID: 400,
  METRIC_STORE_UNREACHABLE: 503,
  METRIC_ENGINE_MISSING: 503,
  STORE_FULL: 507,
};

/** An error as RFC 9457 has it, with what every error of virtflow carries beside. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly advice: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export function statusOf(code: ErrorCode): number {
  return statuses[code] ?? 422;
}

/** @param base where the API is mounted: the type leads to a page about the error */
export function problemOf({ code, message, advice, details }: VirtflowError, base: string): Problem {
  const type = `${base}/problems/${code}`;
  return { type, title: titleOf(code), status: statusOf(code), detail: message, code, advice, details };
}

/** `OBJECT_UNKNOWN` is "Object unknown". */
export function titleOf(code: ErrorCode): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(catalogue, text);
}

import type { ErrorTexts } from './error-texts.ts';

/** Messages of flows and requests from outside. */
export const requests = {
  MESSAGE_INVALID: {
    message: 'The message cannot be used: {reason}.',
    advice: 'Correct it and send it again; nothing was done.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    message: 'The key of the request was used for another one before: {reason}.',
    advice: 'Give each request a key of its own; nothing was done.',
  },
  REQUEST_INVALID: {
    message: 'The request cannot be used: {reason}.',
    advice: 'Correct it and send it again; nothing was done. GET openapi.json tells what each route takes.',
  },
  ROUTE_UNKNOWN: {
    message: 'There is nothing at "{path}".',
    advice: 'GET openapi.json lists all routes; docs is a page to read them.',
  },
  METHOD_NOT_ALLOWED: {
    message: '{method} does nothing here.',
    advice: 'Use one of {allowed}.',
  },
  CONTENT_TYPE_UNSUPPORTED: {
    message: 'A body of the type {type} cannot be read.',
    advice: 'Send JSON in UTF-8, with "Content-Type: application/json" and without compression.',
  },
  BODY_TOO_LARGE: {
    message: 'The body of the request is longer than {limit} bytes.',
    advice: 'Send less at once; nothing was done.',
  },
  REQUEST_TIMED_OUT: {
    message: 'The body of the request did not come in time.',
    advice: 'Send it again; nothing was done.',
  },
  REQUESTS_TOO_MANY: {
    message: 'More than {limit} requests wait for their answer.',
    advice: 'Wait for answers before you send more; this one was not done.',
  },
  CREDENTIALS_MISSING: {
    message: 'The request does not say who asks.',
    advice: 'Send the header "Authorization: Bearer vft_…"; "virtflow token create" makes such a token.',
  },
  EVENTS_TOO_SLOW: {
    message: 'The stream of events was ended, for {waiting} of them waited to be read.',
    advice: 'Connect again, read faster, or ask for fewer with filters; GET operations tells what became of those.',
  },
  EVENTS_TOO_OLD: {
    message: 'More happened since then than is told again: the latest {told} operations follow.',
    advice: 'GET operations with since= lists all of them.',
  },
  STARTING: {
    message: 'virtflow is starting.',
    advice: 'Try again in a second.',
  },
} as const satisfies ErrorTexts;

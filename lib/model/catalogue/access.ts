import type { ErrorTexts } from './error-texts.ts';

/** Who may do what: users, roles, tokens, services; the audit record. */
export const access = {
  ACCESS_DENIED: {
    message: '{principal} may not do {permission} on {target}: {reason}.',
    advice: 'Ask an administrator for the right ("virtflow user role"); nothing was done.',
  },
  LOGIN_FAILED: {
    message: 'There is no such user with this password.',
    advice: 'Check both; "virtflow password" gives a new one.',
  },
  LOCKED_OUT: {
    message: 'Too many logins failed.',
    advice: 'Try again in {seconds} s; each further failure doubles the time.',
  },
  TOKEN_INVALID: {
    message: 'The token cannot be used: {reason}.',
    advice: 'Log in again, or make another with "virtflow token create".',
  },
  TOKEN_UNKNOWN: {
    message: 'There is no API token "{id}".',
    advice: '"virtflow token list" lists those that there are.',
  },
  IDENTITY_UNKNOWN: {
    message: 'There is no service "{identity}" that flows could run as.',
    advice: '"virtflow service list" lists those that there are; "virtflow service add" makes one.',
  },
  IDENTITY_DENIED: {
    message: '{user} may not have flows run as "{identity}": "{flow}" would.',
    advice: 'Its owner may deploy that, and whom identities.use.{identity} is granted. Nothing was saved.',
  },
  IDENTITY_INVALID: {
    message: '"{flow}" does not say plainly which service it runs as: {reason}.',
    advice: 'Give VIRTFLOW_RUN_AS as a text, the name of a service. Nothing was saved.',
  },
  ACCOUNT_UNKNOWN: {
    message: 'There is no user "{account}".',
    advice: '"virtflow user list" lists those that there are.',
  },
  ACCOUNT_INVALID: {
    message: 'This cannot be done with "{account}": {reason}.',
    advice: 'Choose another; nothing was changed.',
  },
  ROLE_UNKNOWN: {
    message: 'There is no role "{role}".',
    advice: 'Roles that there are: {known}. "virtflow role set" makes another.',
  },
  ROLE_INVALID: {
    message: 'This cannot be done with the role "{role}": {reason}.',
    advice: 'Correct it and try again; nothing was changed.',
  },
  AUDIT_BROKEN: {
    message: 'The audit record does not hold from entry {sequence} on: {reason}.',
    advice: 'Keep a copy of the data directory: somebody or something changed what had been recorded.',
  },
} as const satisfies ErrorTexts;

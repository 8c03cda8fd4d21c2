import type { ErrorTexts } from './error-texts.ts';

/** Connections to hypervisors. */
export const connections = {
  CONNECTION_UNKNOWN: {
    message: 'There is no connection named "{connection}".',
    advice: 'Connections that exist: {known}. Add one as a connection node and deploy.',
  },
  CONNECTION_SETTINGS_INVALID: {
    message: 'The settings of connection "{connection}" cannot be used: {reason}.',
    advice: '{hint}',
  },
  CONNECTION_NAME_TAKEN: {
    message: 'Two connections are named "{connection}".',
    advice: 'Names of connections are unique, for targets, topics and metrics use them: rename one.',
  },
  CONNECTION_REFUSED: {
    message: 'The hypervisor at {address} cannot be reached: {reason}.',
    advice: 'Check the address, that the daemon runs there, and that a firewall lets you through.',
  },
  CONNECTION_DENIED: {
    message: 'The hypervisor at {address} refused us: {reason}.',
    advice: 'Check user and password, or the rights on its socket.',
  },
  CONNECTION_LOST: {
    message: 'The connection "{connection}" broke: {reason}.',
    advice: 'It is tried again by itself; what was under way is settled by asking the hypervisor.',
  },
  CONNECTION_DOWN: {
    message: 'The connection "{connection}" is down: {reason}.',
    advice: 'It is tried again by itself; repeat the action once it is up.',
  },
  PROTOCOL_VIOLATION: {
    message: 'The peer at {address} sent something that is not its protocol: {reason}.',
    advice: 'Check that the address leads to the hypervisor and not to another service.',
  },
  CAPABILITY_MISSING: {
    message: 'The connection "{connection}" cannot do this: it lacks {missing}.',
    advice: 'Use a connection whose hypervisor offers it, or another action.',
  },
} as const satisfies ErrorTexts;

import type { ErrorTexts } from './error-texts.ts';

/** What an action is asked to do, and what stands against it. */
export const actions = {
  ACTION_UNKNOWN: {
    message: 'There is no action "{action}".',
    advice: 'Known actions: {known}.',
  },
  PARAMETER_INVALID: {
    message: 'The parameter {parameter} cannot be used: {reason}.',
    advice: 'Correct it and try again; nothing was done.',
  },
  STATE_FORBIDS: {
    message: '{kind} "{name}" is {actual}; {action} needs it to be {expected}.',
    advice: 'Bring it into that state first; nothing was done.',
  },
  PROCEDURE_UNKNOWN: {
    message: 'The hypervisor has no procedure "{procedure}".',
    advice: 'Give its name as the interface has it, such as CONNECT_GET_VERSION.',
  },
  PROCEDURE_CLOSED: {
    message: '{procedure} cannot be called by name: {reason}.',
    advice: 'Use an action or node that does what is wanted; nothing was sent.',
  },
  PROCEDURE_CHANGES: {
    message: '{procedure} may change something.',
    advice: 'Use the action connection.call for it; nothing was sent.',
  },
  SHUTDOWN_TIMED_OUT: {
    message: 'The guest of "{name}" did not shut down within {seconds} s.',
    advice: 'Install the guest agent or ACPI support in the guest, wait longer, or allow force after the time-out.',
  },
  STATE_NOT_REACHED: {
    message: 'The hypervisor took the request, but "{name}" did not become {expected} within {seconds} s.',
    advice: "Look at the VM: it may have failed right after, and the host's log says why.",
  },
  DEFINITION_INVALID: {
    message: 'The definition cannot be used: {reason}.',
    advice: 'Correct it and try again; nothing was done.',
  },
  DISK_IN_USE: {
    message: 'The disk {disk} is also used by {users}.',
    advice: 'Leave it out of the deletion, or detach it there first.',
  },
  SNAPSHOT_FOREIGN: {
    message: 'The snapshot {name} of {vm} was not made by virtflow.',
    advice: 'Say that one of others may be deleted as well, if that is meant.',
  },
} as const satisfies ErrorTexts;

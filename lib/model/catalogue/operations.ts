import type { ErrorTexts } from './error-texts.ts';

/** What becomes of operations, of groups, and of tasks at the hypervisor. */
export const operations = {
  CHANGE_OUTSIDE_OPERATION: {
    message: 'The call {call} changes the hypervisor and was made outside an operation.',
    advice: 'This is a defect of virtflow or of a plugin: please report it. Nothing was sent.',
  },
  CHANGE_IN_PLAN: {
    message: 'The call {call} changes the hypervisor and was refused in a plan.',
    advice: 'Run the operation without plan mode to have it done.',
  },
  OPERATION_UNKNOWN: {
    message: 'There is no operation "{operation}".',
    advice: 'It may have left the history; look at the list of operations.',
  },
  TASK_GONE: {
    message: 'No task that could be stopped runs on "{name}" any more.',
    advice: 'Look at the object: it has come to its end meanwhile.',
  },
  TASK_AMBIGUOUS: {
    message: '{count} tasks run on "{name}": {tasks}.',
    advice: 'Name one of them as the parameter task.',
  },
  TASK_NOT_CANCELLABLE: {
    message: 'The hypervisor cannot stop this task: {operation} of "{name}".',
    advice: 'Wait until it has come to its end; nothing was done.',
  },
  TASK_FAILED: {
    message: 'The hypervisor\'s own task, {operation} of "{name}", failed: {reason}.',
    advice: 'Mend what the reason names, look at the object, and repeat the action.',
  },
  OPERATION_CANCELLED: {
    message: 'The operation was cancelled{by}.',
    advice: 'Look at the object before you repeat it: what was done until then stays done.',
  },
  OPERATION_TIMED_OUT: {
    message: '{action} of {target} did not finish within {seconds} s.',
    advice: 'Look at the object, then repeat it with a longer time-out, or by force.',
  },
  OPERATION_INTERRUPTED: {
    message: '{action} of {target} was interrupted and is not done: {reason}.',
    advice: 'Repeat it if it is still wanted.',
  },
  OPERATION_OUTCOME_UNKNOWN: {
    message: '{action} of {target} was interrupted, and whether it was done cannot be told: {reason}.',
    advice: 'Look at the object and decide; nothing is repeated by itself.',
  },
  OPERATION_PARTIAL: {
    message: '{failed} of {count} parts failed: {reasons}.',
    advice: 'What succeeded stays done; mend the cause and repeat the rest.',
  },
  GROUP_INVALID: {
    message: 'The group cannot be done: {reason}.',
    advice: 'Correct it and try again; nothing was done.',
  },
  STEP_SKIPPED: {
    message: '{action} of {target} was not begun: {reason}.',
    advice: 'Mend what stands against it, and have the group tried again: what succeeded is left alone.',
  },
  GROUP_ROLLED_BACK: {
    message: 'It was taken back, for a part of it failed. {reason}.',
    advice: 'All is as it was before; mend the cause and repeat it.',
  },
  GROUP_ROLL_BACK_INCOMPLETE: {
    message: 'A part of it failed, and not all that was done could be taken back. {reason}.',
    advice: 'The operation lists what is left; look at it and decide.',
  },
  UNDO_IMPOSSIBLE: {
    message: '{action} of {target} cannot be taken back: {reason}.',
    advice: 'Look at the object and do by hand what is wanted; nothing was done.',
  },
  RETRY_IMPOSSIBLE: {
    message: '{action} of {target} cannot be tried again: {reason}.',
    advice: 'Ask for it anew; nothing was done.',
  },
} as const satisfies ErrorTexts;

import type { ErrorTexts } from './error-texts.ts';

/** The governor. */
export const governor = {
  GOVERNOR_STOPPED: {
    message: '{action} of {target} is not done: {by} stopped everything at {since} ({reason}).',
    advice: 'Wait until the kill switch is released, in the editor or with "virtflow governor release".',
  },
  GOVERNOR_READ_ONLY: {
    message: '{action} of {target} is not done: {text} (rule "{rule}" of the governor).',
    advice: 'Switch the rule off to change something there.',
  },
  GOVERNOR_PROTECTED: {
    message: '{action} of {target} is never done: {text} (rule "{rule}" of the governor).',
    advice: 'Take the protection from the object, or change the rule.',
  },
  GOVERNOR_STORM: {
    message: '{action} of {target} is not done, for too much was asked for at once: {text} (rule "{rule}"); {numbers}.',
    advice: 'Look for a loop in the flow. If it stays calm, it goes on at {frees}.',
  },
  GOVERNOR_BREAKER_OPEN: {
    message: '{action} of {target} is not done, for too much failed: {text} (rule "{rule}"); {numbers}.',
    advice: 'Mend what fails. A trial is allowed at {frees}.',
  },
  GOVERNOR_COOL_DOWN: {
    message: '{action} of {target} is not done, for the object has to rest: {text} (rule "{rule}").',
    advice: 'Repeat it at {frees}.',
  },
  GOVERNOR_BUDGET: {
    message: '{action} of {target} is over a budget: {text} (rule "{rule}"); {numbers}.',
    advice: 'Repeat it when there is room again: {frees}.',
  },
  GOVERNOR_SHARE: {
    message: '{action} of {target} would leave too few running: {text} (rule "{rule}"); {numbers}.',
    advice: 'Repeat it when others are up again.',
  },
  GOVERNOR_RULES_INVALID: {
    message: 'The rules of the governor cannot be used: {reason}.',
    advice: 'Correct them; the rules from before stay in force. docs/governor.md shows each kind.',
  },
} as const satisfies ErrorTexts;

import type { ErrorTexts } from './error-texts.ts';

/** What is meant: references, targets and selectors. */
export const targets = {
  REFERENCE_INVALID: {
    message: '"{text}" is not a reference to an object.',
    advice: 'Write it as connection/kind/id, for example lab/vm/3f0c….',
  },
  OBJECT_UNKNOWN: {
    message: 'No {kind} matches "{target}".',
    advice: 'Check the name; {hint}',
  },
  OBJECT_AMBIGUOUS: {
    message: '"{target}" matches {count} objects: {matches}.',
    advice: 'Put the connection in front (connection/name) or use the id.',
  },
  TARGET_MISSING: {
    message: 'No target was given.',
    advice: 'Choose one in the node, or send it as msg.target: a name, an id, a selector or a list.',
  },
  TARGET_INVALID: {
    message: 'The target cannot be read: {reason}.',
    advice: 'A target is a name, an id, connection/name, { "selector": "power = \'running\'" } or a list of those.',
  },
  SELECTOR_INVALID: {
    message: 'The selector "{selector}" cannot be used: {reason}.',
    advice: "A selector is a JSONata condition over an object, for example power = 'running' and 'web' in tags.",
  },
} as const satisfies ErrorTexts;

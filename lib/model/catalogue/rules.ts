import type { ErrorTexts } from './error-texts.ts';

/** Rules, their tests and their trials on the past. */
export const rules = {
  RULE_INVALID: {
    message: 'The rule cannot be used: {reason}.',
    advice: 'Correct it; as it is, it does not run. docs/rules.md shows each kind.',
  },
  RULE_UNKNOWN: {
    message: 'There is no rule "{rule}".',
    advice: 'GET /rules and "virtflow rules list" show those of nodes and of rules.json.',
  },
  RULE_OF_NODE: {
    message: 'The rule "{rule}" is that of a node.',
    advice: 'Change it in its flow and deploy.',
  },
  BACKTEST_REFUSED: {
    message: 'The rule cannot be tried on the past: {reason}.',
    advice: 'Choose another range.',
  },
  BACKTESTS_TOO_MANY: {
    message: '{limit} rules are being tried on the past already.',
    advice: 'Wait until one has ended.',
  },
  RULE_TEST_FAILED: {
    message: '{failed} of {count} tests of rules failed.',
    advice: 'Lines with - were expected and did not come, lines with + came and were not expected.',
  },
} as const satisfies ErrorTexts;

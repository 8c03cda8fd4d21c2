import type { AlertTransition } from '../../lib/alerts/alert.ts';

let sequence = 0;

/** What a rule about CPU tells of something. */
export function told(status: 'firing' | 'ok', name = 'web', about: Partial<AlertTransition> = {}): AlertTransition {
  sequence += 1;
  const none = { value: null, threshold: null, clear: null, samples: [], conditionSince: null, lastSampleAt: null };
  return {
    rule: 'cpu',
    ruleName: 'CPU',
    key: name,
    name,
    object: null,
    tags: {},
    sequence,
    type: status,
    at: Date.now(),
    status,
    severity: status === 'firing' ? 'warning' : null,
    value: 95,
    why: { rule: 'cpu', says: `CPU of ${name} is ${status}.`, ...none },
    ...about,
  };
}

import type { Rules } from './rules.ts';

/**
 * What is in force where nobody has written rules: wide enough never to be met by work that somebody meant, narrow
 * enough that a loop in a flow is stopped before much is lost. docs/governor.md says why each is as it is.
 */
export const defaultRules: Rules = {
  version: 1,
  rules: [
    {
      id: 'deletes',
      type: 'budget',
      actions: ['destructive'],
      limit: 5,
      window: '10m',
    },
    {
      id: 'force-offs',
      type: 'budget',
      actions: ['vm.force-off'],
      limit: 50,
      window: '10m',
    },
    {
      id: 'failing-flow',
      type: 'breaker',
      actions: ['*'],
      failures: 50,
      window: '5m',
      openFor: '1m',
      per: 'flow',
    },
    {
      id: 'storm',
      type: 'storm',
      submissions: 2_000,
      window: '10s',
      calmFor: '30s',
      per: 'flow',
    },
    { id: 'read-only', type: 'readOnly', enabled: false },
    {
      id: 'no-flapping',
      type: 'coolDown',
      actions: ['vm.start', 'power-off', 'vm.reboot', 'vm.reset'],
      for: '30s',
      enabled: false,
    },
    {
      id: 'production',
      type: 'protect',
      actions: ['destructive'],
      selector: "'prod' in tags",
      enabled: false,
    },
  ],
};

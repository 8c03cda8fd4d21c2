import assert from 'node:assert/strict';
import { lifecycleMeaning } from '../../../../plugins/libvirt/events/lifecycle.ts';

/** virDomainEventType.detail → type, reason, what it proves of the domain. */
const meanings = {
  '0.0': ['vm.defined', 'added', 'reread'],
  '0.1': ['vm.changed', 'redefined', 'reread'],
  '0.2': ['vm.changed', 'renamed', 'reread'],
  '1.0': ['vm.undefined', 'removed', 'undefined'],
  '2.0': ['vm.started', 'booted', 'running'],
  '2.1': ['vm.started', 'migrated', 'running'],
  '2.2': ['vm.started', 'restored', 'running'],
  '2.3': ['vm.started', 'from-snapshot', 'running'],
  '2.4': ['vm.resumed', 'wakeup', 'running'],
  '3.0': ['vm.paused', 'paused', 'paused'],
  '3.2': ['vm.paused', 'io-error', 'paused'],
  '3.3': ['vm.paused', 'watchdog', 'paused'],
  '4.0': ['vm.resumed', 'resumed', 'running'],
  '5.0': ['vm.stopped', 'shutdown', 'halted'],
  '5.1': ['vm.stopped', 'destroyed', 'halted'],
  '5.2': ['vm.stopped', 'crashed', 'halted'],
  '5.3': ['vm.migrated', 'migrated', 'halted'],
  '5.4': ['vm.suspended', 'saved', 'reread'],
  '5.5': ['vm.stopped', 'failed', 'halted'],
  '6.1': ['vm.shutting-down', 'guest', 'same'],
  '6.2': ['vm.shutting-down', 'host', 'same'],
  '7.0': ['vm.paused', 'guest-suspended', 'paused'],
  '8.0': ['vm.crashed', 'panicked', 'reread'],
  '5.99': ['vm.stopped', 'detail-99', 'halted'],
} as const;

describe('lifecycle events of domains', () => {
  for (const [key, [type, reason, outcome]] of Object.entries(meanings)) {
    it(`${key} is ${type}, ${reason}`, () => {
      const [event = 0, detail = 0] = key.split('.').map(Number);
      assert.deepEqual(lifecycleMeaning(event, detail), { type, reason, outcome });
    });
  }

  it('leave out the first half of a rename, and what is not known', () => {
    assert.equal(lifecycleMeaning(1, 1), undefined);
    assert.equal(lifecycleMeaning(42, 0), undefined);
  });
});

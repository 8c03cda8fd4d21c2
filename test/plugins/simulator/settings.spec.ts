import assert from 'node:assert/strict';
import { VirtflowError } from '../../../lib/model/errors.ts';
import { readSettings } from '../../../plugins/simulator/settings.ts';

const read = (uri: string) => readSettings({ name: 'demo', uri });

function refusal(uri: string): VirtflowError {
  try {
    read(uri);
  } catch (error) {
    assert.ok(error instanceof VirtflowError);
    return error;
  }
  throw new Error(`${uri} was taken`);
}

describe('the simulator’s URI', () => {
  it('may leave everything out', () => {
    assert.deepEqual(read('simulator:///'), { world: 'default', shape: {}, wire: { latencyMs: 5, errorRate: 0 } });
  });

  it('names a world and tells its shape and how the way to it behaves', () => {
    const uri = 'simulator:///demo?hosts=5&vms=20000&seed=1&speed=0.5&latencyMs=0&errorRate=0.1';
    assert.deepEqual(read(uri), {
      world: 'demo',
      shape: { hosts: 5, vms: 20_000, seed: 1, speed: 0.5 },
      wire: { latencyMs: 0, errorRate: 0.1 },
    });
  });

  it('is refused with what is wrong and what is allowed', () => {
    const { code, message, advice } = refusal('simulator:///demo?vms=20001');
    assert.equal(code, 'CONNECTION_SETTINGS_INVALID');
    assert.match(message, /"demo".*vms is "20001"/);
    assert.equal(advice, 'Allowed is a whole number from 0 to 20000.');
    assert.match(refusal('simulator:///?colour=red').advice, /hosts, vms, seed, speed, latencyMs, errorRate/);
    assert.match(refusal('simulator:///?vms=1&vms=2').message, /twice/);
    assert.match(refusal('qemu:///system').advice, /simulator:\/\/\/\?hosts=3/);
  });
});

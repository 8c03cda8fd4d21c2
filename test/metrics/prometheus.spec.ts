import assert from 'node:assert/strict';
import { Latest } from '../../lib/metrics/latest.ts';
import { prometheusText } from '../../lib/metrics/prometheus.ts';

describe('figures for Prometheus', () => {
  it('stand in families, each after its help and type, with names and labels escaped', () => {
    const one = {
      measurement: 'vm',
      tags: { name: 'a"b\\c\nd' },
      at: 1,
      fields: { cpu_ratio: 0.5, state: 1 },
    } as const;
    const other = { measurement: 'vm', tags: { name: 'x' }, at: 1, fields: { cpu_ratio: 1e21 } } as const;
    assert.deepEqual(prometheusText([one, other]).split('\n'), [
      '# HELP virtflow_vm_cpu_ratio cpu_ratio of measurement vm.',
      '# TYPE virtflow_vm_cpu_ratio gauge',
      'virtflow_vm_cpu_ratio{name="a\\"b\\\\c\\nd"} 0.5',
      'virtflow_vm_cpu_ratio{name="x"} 1e+21',
      '# HELP virtflow_vm_state state of measurement vm.',
      '# TYPE virtflow_vm_state gauge',
      'virtflow_vm_state{name="a\\"b\\\\c\\nd"} 1',
      '',
    ]);
  });

  it('are the latest of each tier, and none that is a quarter of an hour old', () => {
    const latest = new Latest();
    const tags = { id: 'u-1' };
    latest.take([{ measurement: 'vm', tags, at: 0, fields: { state: 1, cpu_ratio: 0.1 } }]);
    latest.take([{ measurement: 'vm', tags, at: 600_000, fields: { state: 2 } }]);
    assert.deepEqual(latest.at(600_000)[0]?.fields, { state: 2, cpu_ratio: 0.1 });
    assert.deepEqual(latest.at(1_000_000)[0]?.fields, { state: 2 });
    assert.deepEqual(latest.at(2_000_000), []);
  });
});

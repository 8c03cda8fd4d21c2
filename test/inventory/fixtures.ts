import type { Vm } from '../../lib/model/objects.ts';

/** A running VM; say only what matters. */
export function aVm(about: Partial<Vm> & { id: string }): Vm {
  return {
    connection: 'lab',
    kind: 'vm',
    name: about.id,
    description: '',
    tags: [],
    power: 'running',
    host: null,
    hostName: null,
    vcpus: { current: 1, maximum: 1 },
    memoryBytes: { current: 2 ** 30, maximum: 2 ** 30 },
    persistent: true,
    autostart: false,
    template: false,
    agent: 'absent',
    disks: [],
    nics: [],
    ...about,
  };
}

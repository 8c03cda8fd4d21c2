import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { allActions } from '../../lib/actions/registry.ts';
import type { Operation, OperationRequest } from '../../lib/operations/operation.ts';
import type { Plan } from '../../lib/operations/plan.ts';
import { takeSnapshot } from '../../plugins/simulator/snapshots.ts';
import { PlatformOnSimulator } from '../platform-on-simulator.ts';

interface Case {
  readonly action: string;
  /** None: the connection. */
  readonly vm?: string;
  readonly parameters?: Record<string, unknown>;
  /** Done before, for real. */
  readonly first?: string;
}

const disks = [
  { target: 'vda', source: '/pool/own.qcow2' },
  { target: 'sda', source: '/pool/debian.iso', device: 'cdrom', readOnly: true },
];
const definition = JSON.stringify({ name: 'new-01', memoryMiB: 512, disks });

/** Each action in every situation that its plan tells apart. */
const cases: readonly Case[] = [
  { action: 'vm.start', vm: 'dev-02' },
  { action: 'vm.start', vm: 'dev-02', parameters: { paused: true } },
  { action: 'vm.start', vm: 'web-01', first: 'vm.suspend' },
  { action: 'vm.pause', vm: 'web-01' },
  { action: 'vm.resume', vm: 'dev-01' },
  { action: 'vm.suspend', vm: 'web-01' },
  { action: 'vm.suspend', vm: 'dev-01' },
  { action: 'vm.restore', vm: 'web-01', first: 'vm.suspend' },
  { action: 'vm.restore', vm: 'web-01', first: 'vm.suspend', parameters: { paused: true } },
  { action: 'vm.reset', vm: 'web-01' },
  { action: 'vm.force-off', vm: 'web-01' },
  { action: 'vm.shutdown', vm: 'web-01' },
  { action: 'vm.shutdown', vm: 'web-01', parameters: { force: true } },
  { action: 'vm.reboot', vm: 'web-01' },
  { action: 'vm.snapshot', vm: 'web-01' },
  { action: 'vm.snapshot', vm: 'dev-02', parameters: { series: 'nightly' } },
  { action: 'vm.delete-snapshot', vm: 'web-01', first: 'two snapshots', parameters: { name: 'nightly-1' } },
  {
    action: 'vm.prune-snapshots',
    vm: 'web-01',
    first: 'two snapshots',
    parameters: { series: 'nightly', keepLast: 1 },
  },
  { action: 'vm.cancel-task', vm: 'web-01', first: 'a task of others' },
  { action: 'vm.define', parameters: { definition } },
  { action: 'vm.delete', vm: 'dev-02' },
  { action: 'vm.delete', vm: 'new-01', parameters: { disks: true } },
  { action: 'vm.delete', vm: 'web-01', first: 'vm.suspend' },
];

const reading = new Set(['vm.get', 'vm.definition', 'vm.snapshots', 'sample', 'task.list', 'task.get', 'task.follow']);
const wireNames: Readonly<Record<string, string>> = { deleteDisk: 'volume.delete', 'tasks.cancel': 'task.cancel' };
const wireName = (call: string) => wireNames[call] ?? `vm.${call}`;
const powerIn = ({ changes }: Plan) => changes.find(({ what }) => what === 'power');

describe('plans of VM actions on the simulator', () => {
  let house: PlatformOnSimulator;

  beforeEach(async () => {
    house = await PlatformOnSimulator.start();
  });
  afterEach(async () => {
    mock.restoreAll();
    await house.stop();
  });

  async function operate(request: Pick<OperationRequest, 'action' | 'target' | 'parameters' | 'mode'>) {
    const { operations } = house.platform;
    const { id } = await operations.submit({ ...request, origin: { through: 'flow', principal: 'flow' } });
    return operations.finished(id);
  }

  /** Brings about the situation; answers what to ask for. */
  async function prepare({ action, vm, parameters = {}, first }: Case) {
    const connection = { connection: 'lab', kind: 'connection' } as const;
    if (vm === 'new-01') await operate({ action: 'vm.define', target: connection, parameters: { definition } });
    if (vm !== undefined && first === 'a task of others') othersBegin(vm);
    else if (vm !== undefined && first === 'two snapshots') nightsOf(vm);
    else if (vm !== undefined && first !== undefined) await house.run(first, vm);
    return { action, parameters, target: vm === undefined ? connection : house.vm(vm) };
  }

  function othersBegin(vm: string): void {
    const { tasks } = house.world;
    const cancel = (says: string) => task.end('cancelled', says);
    const task = tasks.begin({ operation: 'export', vm: house.world.vmNamed(vm), cancel });
  }

  function nightsOf(vm: string): void {
    for (const night of [1, 2]) {
      const description = `[virtflow nightly night-${night}]`;
      takeSnapshot(house.world, house.world.vmNamed(vm), { name: `nightly-${night}`, description });
    }
  }

  /** The changing calls that leave from now on, counted where the wire is. */
  function changingCalls(): string[] {
    const left: string[] = [];
    const { faults } = house.world;
    const original = faults.beforeCall.bind(faults);
    mock.method(faults, 'beforeCall', (name: string, errorRate: number) => {
      if (!reading.has(name)) left.push(name);
      original(name, errorRate);
    });
    return left;
  }

  const planIn = ({ result }: Operation) => result as unknown as Plan;

  it('are declared by every action, with how it is taken back or why it is not', () => {
    for (const { id, plan, undo } of allActions) assert.ok(plan && undo, id);
    // The simulator has no interface of its own to be called; libvirt's plans are tried on libvirt.
    const tried = allActions.filter(({ needs }) => !needs.includes('api.call'));
    assert.deepEqual([...new Set(cases.map(({ action }) => action))].sort(), tried.map(({ id }) => id).sort());
  });

  for (const one of cases) {
    const given = [one.vm ?? 'the connection', one.first && `after ${one.first}`, one.parameters && 'with parameters'];
    const name = `${one.action} of ${given.filter(Boolean).join(', ')}`;

    it(`${name}: sends nothing that changes, and a run does what was planned`, async () => {
      const request = await prepare(one);
      const left = changingCalls();
      const planned = await operate({ ...request, mode: 'plan' });
      assert.equal(planned.state, 'planned', planned.error?.message);
      assert.deepEqual([left, planned.sent], [[], []]);
      const plan = planIn(planned);
      assert.ok(!plan.nothingToDo && plan.changes.length > 0 && plan.text.startsWith(plan.sentence));

      const done = await operate(request);
      assert.equal(done.state, 'succeeded', done.error?.message);
      assert.deepEqual(left.slice(0, plan.calls.length), plan.calls.map(wireName));
      const power = powerIn(plan);
      if (power && one.vm) assert.equal(house.vm(one.vm).power, power.after);
    });

    it(`${name}: what the plan says of undoing it is true`, async () => {
      const request = await prepare(one);
      const { undo, changes } = planIn(await operate({ ...request, mode: 'plan' }));
      if ('none' in undo) return assert.match(undo.none, /^\w.*\.$/);
      await operate(request);
      assert.ok(one.vm);
      const undone = await operate({
        action: undo.action,
        target: house.vm(one.vm),
        parameters: undo.parameters ?? {},
      });
      assert.equal(undone.state, 'succeeded', undone.error?.message);
      assert.equal(house.vm(one.vm).power, changes.find(({ what }) => what === 'power')?.before);
    });
  }

  it('are refused to whoever may not do it', async () => {
    const origin = { through: 'test', principal: 'nobody' } as const;
    const request = { action: 'vm.start', target: house.vm('dev-02'), parameters: {}, mode: 'plan', origin } as const;
    await assert.rejects(house.platform.operations.submit(request), { code: 'ACCESS_DENIED' });
  });

  it('name the disks that would be deleted, and count those that are kept', async () => {
    const request = await prepare({ action: 'vm.delete', vm: 'new-01', parameters: { disks: true } });
    const { changes, risk } = planIn(await operate({ ...request, mode: 'plan' }));
    assert.deepEqual(changes, [
      { what: 'definition', before: 'defined', after: null },
      { what: 'disk vda', before: '/pool/own.qcow2', after: null },
    ]);
    assert.equal(risk.danger, 'destructive');
    assert.match(risk.text, /deleted with what is on them: 1, kept: 1/);
  });

  it('say that a shutdown may end in cutting the power only where it may', async () => {
    const target = house.vm('web-01');
    const risks = [];
    for (const force of [false, true]) {
      const parameters = { force, waitSeconds: 7 };
      risks.push(planIn(await operate({ action: 'vm.shutdown', target, parameters, mode: 'plan' })).risk.text);
    }
    assert.match(risks[0] ?? '', /7 s, it is left running/);
    assert.match(risks[1] ?? '', /7 s, its power is cut/);
  });
});

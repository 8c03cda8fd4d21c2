import { writeSync } from 'node:fs';
import { join } from 'node:path';
import Type from 'typebox';
import { action, type Run } from '../../../lib/actions/action.ts';
import { ActionRegistry } from '../../../lib/actions/registry.ts';
import { forceOff } from '../../../lib/actions/vm-power.ts';
import { Connections } from '../../../lib/connections/connections.ts';
import type { ConnectionObserver, ConnectionState, HypervisorConnection } from '../../../lib/drivers/driver.ts';
import { admit } from '../../../lib/drivers/gate.ts';
import type { Job } from '../../../lib/drivers/job.ts';
import { DriverRegistry } from '../../../lib/drivers/registry.ts';
import { Inventory } from '../../../lib/inventory/inventory.ts';
import type { Vm } from '../../../lib/model/objects.ts';
import { Operations } from '../../../lib/operations/operations.ts';
import { openDataDirectory } from '../../../lib/store/data-directory.ts';
import { openSqliteStore } from '../../../lib/store/sqlite/sqlite-store.ts';
import { aVm } from '../../inventory/fixtures.ts';
import { Client } from './client.ts';
import { WiredTasks } from './wired-tasks.ts';

/**
 * A controller that submits operations until it is killed; with `drain` it settles what is left, and leaves; with `task`
 * it submits one that the hypervisor works on for long, and says when that is at it.
 * `controller.ts <port> <directory> <submit|drain|task> <life> [token …]`: tokens are asked for again under their key.
 */
const [port = '', directory = '', mode = '', life = '', ...again] = process.argv.slice(2);
const vmCount = 12;
const atOnce = 10;

const client = await Client.connect(Number(port));
const vmOf = (id: string, tags: readonly string[] = []): Vm => aVm({ connection: 'lab', id, tags });

async function mark(vm: string, token: string, job: Job): Promise<void> {
  admit({ name: 'mark', effect: 'changes' }, job);
  const at = Date.now();
  await client.ask({ ask: 'mark', vm, token });
  job.called({ name: 'mark', at, tookMs: Date.now() - at });
}

/** `test.told` can be settled by asking, `test.blind` cannot. */
const parameters = Type.Object({ token: Type.String() });
const base = { target: 'vm', role: 'operator', danger: 'none', icon: '', label: '', summary: '', parameters } as const;
const run = async ({ target, parameters: { token }, job }: Run<'vm', { token: string }>) => {
  await mark(target.id, token, job);
  return {};
};
const told = action({
  ...base,
  id: 'test.told',
  needs: forceOff.needs,
  timeoutSeconds: 30,
  done: ({ target, parameters: { token } }) => target.tags.includes(token),
  run,
});
/** The hypervisor works on it for a while, and tells of that task alone how it ended. */
const lasting = action({
  ...base,
  id: 'test.lasting',
  needs: forceOff.needs,
  timeoutSeconds: 30,
  run: async ({ target, parameters: { token }, job }: Run<'vm', { token: string }>) => {
    admit({ name: 'begin', effect: 'changes' }, job);
    const task = { id: job.operation, type: 'test' };
    job.follow(task);
    await client.ask({ ask: 'begin', vm: target.id, token, task: task.id });
    await tasks.follow(task, ({ progress }) => job.progress(progress ?? 0), job.signal);
    return {};
  },
});
const blind = action({ ...base, id: 'test.blind', needs: forceOff.needs, timeoutSeconds: 30, run });

const tasks = new WiredTasks(client);

function connection(observer: ConnectionObserver): HypervisorConnection {
  const state: ConnectionState = { phase: 'connected', since: 0 };
  const get = async ({ id }: { id: string }) => vmOf(id, (await client.ask({ ask: 'get', vm: id })).marks);
  const unused = () => Promise.reject(new Error('not needed'));
  const vms = {
    ...{ get, definition: unused, define: unused, start: unused, shutdown: unused, reboot: unused, reset: unused },
    ...{ pause: unused, resume: unused, suspend: unused, restore: unused, forceOff: unused, undefine: unused },
    ...{ snapshots: unused, snapshot: unused, deleteSnapshot: unused, deleteDisk: unused },
  };
  return {
    name: 'lab',
    driver: 'test',
    state,
    capabilities: new Set(forceOff.needs),
    vms,
    tasks,
    start: () => {
      const objects = Array.from({ length: vmCount }, (_, index) => vmOf(`vm${index}`));
      observer.inventory({ type: 'reset', objects });
      observer.state(state);
    },
    connected: async () => undefined,
    stop: async () => undefined,
    sample: async () => [],
  };
}

openDataDirectory(directory);
const store = openSqliteStore(join(directory, 'state.db'));
const inventory = new Inventory();
const drivers = new DriverRegistry();
const refuse = () => Promise.reject(new Error('not needed'));
drivers.register({ id: 'test', label: '', check: () => undefined, connect: (_, o) => connection(o), probe: refuse });
const connections = new Connections(drivers, inventory);
const say = (...words: string[]) => writeSync(1, `${words.join(' ')}\n`);
const log = { error: say, warn: say, info: say, debug: say };
const settings = { settleWithinMs: 1000 };
const operations = new Operations({
  journal: store.journal,
  actions: new ActionRegistry([told, blind, lasting]),
  inventory,
  connections,
  log,
  settings,
});
operations.events.subscribe(({ type, operation }) => {
  if (mode === 'task' && operation.progress > 0) say('working', operation.id);
  if (type === 'ended' || type === 'settled') say('ended', operation.id, operation.state);
});
operations.start();
connections.acquire({ name: 'lab', driver: 'test', uri: '' }, 'test');

async function ask(token: string): Promise<void> {
  const number = Number(token.split('-')[1]);
  say('asked', token);
  const operation = await operations.submit({
    action: number % 4 === 0 ? blind.id : number % 15 === 7 ? lasting.id : told.id,
    target: { connection: 'lab', kind: 'vm', id: `vm${(number * 7) % vmCount}` },
    parameters: { token },
    origin,
    idempotencyKey: token,
  });
  say('accepted', operation.id, token);
  if (number % 9 === 0) operations.cancel(operation.id, 'tester');
  await operations.finished(operation.id);
}

const origin = { through: 'test', principal: 'tester' } as const;

/** Every fifth request is a group, of which one member may run into the kill. */
async function askGroup(token: string): Promise<void> {
  const number = Number(token.split('-')[1]);
  const members = ['a', 'b', 'c'].map(
    (part, index) =>
      ({
        action: told.id,
        target: { connection: 'lab', kind: 'vm', id: `vm${(number + index) % vmCount}` },
        parameters: { token: `${token}-${part}` },
      }) as const,
  );
  const order = number % 10 === 0 ? 'sequence' : 'parallel';
  const group = await operations.submitGroup({
    title: token,
    order,
    onError: 'continue',
    members,
    origin,
    idempotencyKey: token,
  });
  say('grouped', group.id, token);
  await operations.finished(group.id);
}

async function submitForever(first: number): Promise<void> {
  for (let number = first; ; number += atOnce) {
    const token = `${life}-${number}`;
    await (number % 5 === 0 ? askGroup(token) : ask(token));
  }
}

async function drain(): Promise<void> {
  await Promise.all(store.journal.unfinished().map(({ id }) => operations.finished(id)));
}

const repeated = Promise.all(again.map(ask));
if (mode === 'submit') await Promise.all(Array.from({ length: atOnce }, (_, index) => submitForever(index)));
else if (mode === 'task') await ask('certain-7');
else await drain();
await repeated;
await operations.stop(1000);
store.close();
client.close();

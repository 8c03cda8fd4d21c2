import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allActions } from '../../../lib/actions/registry.ts';
import { parameterOptions } from '../../../lib/api/cli/options.ts';
import { isError } from '../../access/fixtures.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { operator, viewer } from '../rest/house.ts';
import { CliHouse } from './cli-house.ts';

describe('the command line on a running virtflow', () => {
  let house: CliHouse;

  before(async () => {
    house = await CliHouse.open();
  });
  after(() => house.close());

  const powerOf = (name: string) => house.rest.on.vm(name).power;
  const lab = (name: string) => `lab/${name}`;

  it('does an action and waits for its end', async () => {
    const { code, printed } = await house.run('vm', 'pause', lab('web-01'), '--wait');
    assert.deepEqual([code, printed, powerOf('web-01')], [0, 'vm.pause of web-01 succeeded', 'paused']);
    assert.equal((await house.run('vm.resume', lab('web-01'), '--wait')).code, 0);
  });

  it('does not wait unless it is told to, and says where the operation is found', async () => {
    const { code, printed } = await house.run('vm', 'shutdown', lab('web-01'));
    assert.equal(code, 0);
    const [id = ''] = printed.split(' ');
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
    assert.equal((await house.run('wait', id)).code, 0);
    await house.run('vm', 'start', lab('web-01'), '--wait');
  });

  it('lists schedules, runs one, disables and enables it', async () => {
    const { scheduler } = house.rest.platform;
    const started = Promise.withResolvers<void>();
    const plan = { id: 'n1', name: 'Nightly', schedule: { type: 'daily', time: '02:00', zone: 'UTC' } } as const;
    scheduler.add(plan, () => started.resolve());
    assert.match((await house.run('schedules')).printed, /T02:00Z {2}n1 {2}Nightly$/m);
    assert.equal((await house.run('schedule', 'run', 'Nightly')).printed, 'Nightly runs');
    await started.promise;
    assert.equal((await house.run('schedule', 'disable', 'n1')).code, 0);
    assert.match((await house.run('schedules')).printed, /- +n1 {2}Nightly {2}disabled/);
    assert.equal((await house.run('schedule', 'enable', 'n1')).code, 0);
    await assert.rejects(house.run('schedule', 'run', 'none'), isError('SCHEDULE_UNKNOWN'));
    scheduler.forget('n1');
  });

  it('asks for figures and removes old ones', async () => {
    const { metrics } = house.rest.platform;
    metrics.store.start();
    const tags = { connection: 'lab', id: 'u-1', name: 'web' };
    const at = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
    metrics.store.write([
      { measurement: 'vm', tags, at, fields: { cpu_ratio: 0.5 } },
      { measurement: 'vm', tags, at: 1_000, fields: { cpu_ratio: 1 } },
    ]);
    await metrics.store.settled();
    const asked = await house.run(
      'metrics',
      'query',
      'vm',
      '--field',
      'cpu_ratio',
      '--every',
      '1m',
      '--where',
      'name=web',
    );
    assert.deepEqual([asked.code, asked.printed], [0, `${new Date(at).toISOString()}  vm.mean {name: web}  0.5`]);
    const summary = await house.run('metrics', 'summary', 'vm', '--field', 'cpu_ratio');
    assert.equal(summary.printed, 'lab/web  min 0.5  mean 0.5  max 0.5  p95 0.5  last 0.5  (1)');
    assert.equal(
      (await house.run('metrics', 'state')).printed,
      'duckdb: there, 2 written, 0 wait, 0 refused, 0 given up',
    );
    const soon = house.run('metrics', 'query', 'vm', '--field', 'cpu_ratio', '--last', 'soon');
    await assert.rejects(soon, isError('OPTION_INVALID'));
    assert.match(
      (await house.run('metrics', 'retention', 'run')).printed,
      /^1 rows \(raw\) from before .* were removed$/m,
    );
    const long = await house.run('metrics', 'summary', 'vm', '--field', 'cpu_ratio', '--last', '60d');
    assert.equal(long.printed, summary.printed);
    assert.match(long.told, /^of before \d{4}-.*Z nothing is told: it needs points that are kept no longer$/);
    assert.equal(summary.told, '');
  });

  it('tells a plan, and does nothing', async () => {
    const { code, printed } = await house.run('vm', 'force-off', lab('web-01'), '--plan');
    assert.equal(code, 0);
    assert.match(printed, /^vm\.force-off of web-01 would change power: running → halted\.\n- power/);
    assert.equal(powerOf('web-01'), 'running');
  });

  it('takes several targets or a selector, and answers in part when they end differently', async () => {
    await house.run('vm', 'pause', lab('web-01'), '--wait');
    const { code, printed, told } = await house.run('vm', 'reboot', lab('web-01'), lab('web-02'), '--wait');
    assert.equal(code, 21);
    assert.match(printed, /vm\.reboot of web-02 succeeded/);
    assert.match(told, /\[STATE_FORBIDS\]/);
    const all = await house.run('vm', 'resume', '--selector', "power = 'paused' and name = 'web-01'", '--wait');
    assert.deepEqual([all.code, all.printed], [0, 'vm.resume of web-01 succeeded']);
  });

  it('passes parameters by their declared kinds, a definition by its file', async () => {
    const file = join(await ownDirectory('cli'), 'vm.json');
    writeFileSync(file, JSON.stringify({ name: 'by-cli', memoryMiB: 256, vcpus: 1 }));
    const defined = await house.run('vm', 'define', 'lab', '--definition', file, '--wait');
    assert.deepEqual([defined.code, powerOf('by-cli')], [0, 'halted']);
    const { code } = await house.run(
      'vm',
      'shutdown',
      lab('web-02'),
      '--wait-seconds',
      '30',
      '--method',
      'acpi',
      '--wait',
    );
    assert.equal(code, 0);
    await assert.rejects(
      house.run('vm', 'shutdown', lab('web-02'), '--wait-seconds', 'long'),
      isError('OPTION_INVALID'),
    );
    await house.run('vm', 'start', lab('web-02'), '--wait');
  });

  it('has an option for every parameter of every action', () => {
    for (const action of allActions) {
      const names = Object.keys(action.parameters.properties).length;
      assert.equal(Object.keys(parameterOptions(action)).length, names, action.id);
    }
  });

  it('shows how far it is', async () => {
    const { told } = await house.as(house.rest.admin, ['vm', 'suspend', lab('db-01'), '--wait'], undefined, true);
    assert.match(told, /\[#*\.*\] +\d+ % {2}vm\.suspend of db-01/);
    await house.run('vm', 'restore', lab('db-01'), '--wait');
  });

  it('tells what is refused as the server says it, and what a viewer may not', async () => {
    await assert.rejects(house.run('vm', 'start', 'nobody'), isError('OBJECT_UNKNOWN'));
    const viewing = house.rest.user('vera', [viewer()]);
    await assert.rejects(house.as(viewing, ['vm', 'pause', lab('web-01')]), isError('ACCESS_DENIED'));
    await assert.rejects(house.as('vft_wrong', ['operations']), isError('TOKEN_INVALID'));
  });

  it('is one command when it is given twice under one key', async () => {
    const once = ['vm', 'reset', lab('web-01'), '--idempotency-key', 'k1', '--wait', '--json'];
    const [first, second] = [await house.run(...once), await house.run(...once)];
    assert.equal(JSON.parse(first.printed)[0].id, JSON.parse(second.printed)[0].id);
  });

  it('lists what there is', async () => {
    const { printed } = await house.run('list', 'vms', '--selector', "name = 'web-01'");
    assert.match(printed, /^lab\/web-01 +running/);
    assert.equal(JSON.parse((await house.run('list', 'hosts', '--json')).printed).length, 3);
    assert.match((await house.run('list', 'actions')).printed, /vm\.start/);
    assert.match((await house.run('list', 'connections')).printed, /lab +connected/);
    await assert.rejects(house.run('list', 'clouds'), isError('OPTION_INVALID'));
  });

  it('lists operations by filters, and tells all of one', async () => {
    const { printed } = await house.run('operations', '--action', 'vm.pause', '--state', 'succeeded', '--limit', '1');
    const [id = ''] = printed.split(' ');
    const { printed: all } = await house.run('operation', id);
    assert.match(all, /change: power: running → paused/);
    assert.match(all, /undo: vm\.resume/);
    assert.match(all, /call: /);
  });

  it('cancels', async () => {
    const { printed } = await house.run('vm', 'suspend', lab('db-01'));
    const [id = ''] = printed.split(' ');
    assert.equal((await house.run('cancel', id)).code, 0);
    await house.operations.finished(id);
    assert.equal((await house.run('wait', id)).code, house.operations.get(id).state === 'cancelled' ? 22 : 0);
    await house.run('vm', 'restore', lab('db-01'), '--wait').catch(() => undefined);
  });

  it('watches what happens until it is interrupted', async () => {
    const controller = new AbortController();
    const watching = house.as(house.rest.admin, ['watch', '--type', 'operation', '--json'], controller.signal);
    const asked = async () => house.rest.rest.streams;
    while ((await asked()) === 0) await new Promise((resolve) => setImmediate(resolve));
    const { id } = await house.rest.on.run('vm.reset', 'web-01');
    await house.operations.finished(id);
    controller.abort(new Error('enough'));
    await assert.rejects(watching, /enough/);
  });

  it('takes back by undo, plan first', async () => {
    const paused = await house.rest.on.run('vm.pause', 'web-01');
    assert.match((await house.run('undo', paused.id, '--plan')).printed, /paused → running/);
    assert.equal((await house.run('undo', paused.id, '--wait')).code, 0);
    assert.equal(powerOf('web-01'), 'running');
    await assert.rejects(house.run('undo', paused.id), isError('UNDO_IMPOSSIBLE'));
  });

  it('refuses a word or option that it does not know, and says what there is', async () => {
    await assert.rejects(house.run('vm', 'explode'), /knows start, pause/);
    await assert.rejects(house.run('vm', 'start', lab('web-01'), '--pausde'), isError('OPTION_INVALID'));
    await assert.rejects(house.run('vm', 'start'), isError('OPTION_INVALID'));
    await assert.rejects(house.run('cancel', 'a', 'b'), isError('OPTION_INVALID'));
    await assert.rejects(house.run('completion', 'tcsh'), isError('OPTION_INVALID'));
  });

  it('explains each command', async () => {
    const { printed } = await house.run('vm', 'shutdown', '--help');
    assert.match(printed, /--wait-seconds <number> +How long the guest may take\. 120 unless told\./);
  });

  it('is narrowed like the rights of whoever asks', async () => {
    const narrow = house.rest.user('otto', [
      operator({ selector: "'web' in tags" }),
      viewer({ selector: "'web' in tags" }),
    ]);
    const { printed } = await house.as(narrow, ['list', 'vms']);
    assert.ok(printed.includes('web-01') && !printed.includes('db-01'));
  });
});

describe('the completion of the command line', () => {
  let house: CliHouse;
  before(async () => {
    house = await CliHouse.open();
  });
  after(() => house.close());

  it('completes commands, verbs and options in bash', async () => {
    const { printed } = await house.run('completion', 'bash');
    const complete = (...words: string[]) => {
      const line = `${printed}\nCOMP_WORDS=(virtflow ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _virtflow; echo "\${COMPREPLY[*]}"`;
      return spawnSync('bash', ['-c', line], { encoding: 'utf8' }).stdout.trim().split(' ');
    };
    assert.ok(complete('v').includes('vm'));
    assert.ok(complete('st').includes('start'));
    assert.ok(complete('vm', 'sh').includes('shutdown'));
    assert.deepEqual(complete('vm', 'start', '--pau'), ['--paused']);
    assert.deepEqual(complete('undo', '--pl'), ['--plan']);
  });

  it('is made for zsh and fish, too', async () => {
    assert.match((await house.run('completion', 'zsh')).printed, /bashcompinit/);
    assert.match((await house.run('completion', 'fish')).printed, /complete -c virtflow .* -l paused -d 'Create it/);
  });
});

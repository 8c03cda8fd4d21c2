import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Activity } from '../../lib/activity/activity.ts';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import type { Feed } from '../../lib/model/feed.ts';
import type { Vm } from '../../lib/model/objects.ts';
import type { Sample } from '../../lib/model/reading.ts';
import { Platform } from '../../lib/platform.ts';
import { hostFails, hostRecovers } from '../../plugins/simulator/accidents.ts';
import { forgetWorld, simulatorDriver, simulatorOf } from '../../plugins/simulator/index.ts';
import { takeSnapshot } from '../../plugins/simulator/snapshots.ts';
import { told } from '../alerts/told.ts';
import { silent } from '../platform-on-simulator.ts';

interface Point {
  readonly [tag: string]: string | (number | null)[];
  readonly values: (number | null)[];
}

const worldName = 'activity';
const origin = { through: 'flow', principal: 'flow' } as const;

describe('what happens, as figures', function () {
  this.timeout(30_000);
  let directory = '';
  let platform: Platform;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'activity-'));
    await start();
  });

  afterEach(async () => {
    await platform.stop();
    forgetWorld(worldName);
    rmSync(directory, { recursive: true });
  });

  async function start(heard = () => {}): Promise<void> {
    const drivers = new DriverRegistry();
    drivers.register(simulatorDriver);
    const mqtt = { ...defaultMqttSettings, broker: 'off' as const };
    platform = new Platform({ dataDirectory: directory, log: silent, drivers, mqtt });
    heard();
    platform.start();
    await platform.connections
      .acquire({ name: 'lab', driver: 'simulator', uri: `simulator:///${worldName}?speed=100&hosts=2&vms=6` }, 'test')
      .connected();
  }

  const vm = (power: string) => {
    const found = platform.inventory.list({ kind: 'vm' }).find((one) => one.power === power && !one.template);
    assert.ok(found);
    return found;
  };

  async function paused(target: Vm) {
    const { id } = await platform.operations.submit({ action: 'vm.pause', target, parameters: {}, origin });
    return platform.operations.finished(id);
  }

  async function points(measurement: string, field: string, ...tags: string[]) {
    await platform.metrics.store.settled();
    const { frames } = await platform.metrics.query(
      {
        measurement,
        select: [[{ type: 'field', params: [field] }]],
        groupBy: tags.map((tag) => ({ type: 'tag', params: [tag] })),
      },
      { from: Date.now() - 600_000, to: Date.now() + 60_000, intervalMs: 1_000 },
    );
    return frames.map(({ tags: own, columns }): Point => ({ ...own, values: [...(columns[0]?.values ?? [])] }));
  }

  it('is a point for each operation that ended, with how long it waited and took', async () => {
    const target = vm('running');
    await paused(target);
    const tags = ['connection', 'host', 'id', 'name', 'action', 'outcome', 'origin'];
    const [point] = await points('operation', 'duration_seconds', ...tags);
    const { values, ...told } = point ?? { values: [] };
    const about = { connection: 'lab', host: target.hostName, id: target.id, name: target.name };
    assert.deepEqual(told, { ...about, action: 'vm.pause', outcome: 'succeeded', origin: 'flow' });
    assert.ok((values[0] ?? -1) >= 0);
    assert.deepEqual(
      (await points('operation', 'count')).flatMap((one) => one.values),
      [1],
    );
    assert.ok((await points('operation', 'waited_seconds')).flatMap((one) => one.values).every((one) => one !== null));
  });

  it('counts a refusal, which took no time, and no plan', async () => {
    const target = vm('running');
    const stranger = { through: 'rest', principal: 'ada' } as const;
    const asked = { action: 'vm.resume', target, parameters: {}, origin: stranger };
    await assert.rejects(platform.operations.submit(asked));
    const plan = { action: 'vm.pause', target, parameters: {}, origin, mode: 'plan' } as const;
    await platform.operations.finished((await platform.operations.submit(plan)).id);
    assert.deepEqual(await points('operation', 'count', 'action', 'outcome'), [
      { action: 'vm.resume', outcome: 'refused', values: [1] },
    ]);
    assert.deepEqual(await points('operation', 'duration_seconds'), []);
  });

  it('counts what ends in the same millisecond twice', async () => {
    const target = vm('running');
    const operation = await paused(target);
    for (let time = 0; time < 5; time++) platform.operations.events.publish({ type: 'ended', operation });
    const values = (await points('operation', 'count', 'action')).find(({ action }) => action === 'vm.pause')?.values;
    assert.deepEqual(values, [1, 1, 1, 1, 1, 1]);
  });

  it('is a point for each change of an alert, and how many there are by severity', async () => {
    const [host] = platform.inventory.list({ kind: 'host' });
    assert.ok(host);
    const fell = firing('critical', 1);
    hostFails(simulatorOf(worldName), host.name, 'unknown');
    await fell;
    const rose = firing('critical', 0);
    hostRecovers(simulatorOf(worldName), host.name);
    await rose;
    const levels = await points('alert', 'level', 'rule', 'name', 'host', 'severity');
    const about = { rule: 'Host down', name: host.name, host: host.name, severity: 'critical' };
    assert.deepEqual(levels, [{ ...about, values: [3, 0] }]);
    const changes = await points('alert', 'began', 'change');
    assert.deepEqual(changes, [
      { change: 'firing', values: [1] },
      { change: 'resolved', values: [0] },
    ]);
    const [counted] = await points('alert_count', 'firing', 'connection', 'severity');
    assert.deepEqual(
      { ...counted, values: [...new Set(counted?.values)] },
      {
        connection: 'lab',
        severity: 'critical',
        values: [0, 1],
      },
    );
  });

  it('is no other point of an alert after a restart', async () => {
    const [host] = platform.inventory.list({ kind: 'host' });
    assert.ok(host);
    const fell = firing('critical', 1);
    hostFails(simulatorOf(worldName), host.name, 'unknown');
    await fell;
    const before = await points('alert', 'count', 'name', 'host', 'change');
    await platform.stop();
    await start();
    assert.equal(before.length, 1);
    assert.deepEqual(await points('alert', 'count', 'name', 'host', 'change'), before);
  });

  it('is not told again of an alert that is older than what is kept', async () => {
    const [host] = platform.inventory.list({ kind: 'host' });
    assert.ok(host);
    const fell = firing('critical', 1);
    hostFails(simulatorOf(worldName), host.name, 'unknown');
    await fell;
    const [alert] = platform.alerts.list();
    assert.ok(alert);
    const all = [alert, { ...alert, id: 'old', at: alert.at - 1 }].map((one) => ({ ...one, object: null }));
    const alerts = { changes: platform.alerts.changes, list: () => all, ongoing: () => [] };
    const told: Sample[] = [];
    const metrics = { keptSince: () => alert.at, take: (samples: readonly Sample[]) => told.push(...samples) };
    const { operations, inventory, connections } = platform;
    const activity = new Activity({ operations, inventory, connections, alerts, metrics });
    activity.start();
    await Promise.resolve();
    activity.stop();
    const points = told.filter(({ measurement }) => measurement === 'alert');
    assert.deepEqual(
      points.map(({ at }) => at),
      [alert.at],
    );
  });

  it('is one write for a storm of alerts', async () => {
    let writes = 0;
    const stop = platform.metrics.samples.subscribe((samples) => {
      if (samples.some(({ measurement }) => measurement === 'alert')) writes += 1;
    });
    const storm = Array.from({ length: 1_000 }, (_, number) => told('firing', `vm-${number}`));
    void platform.alerts.takeAll(storm);
    await Promise.resolve();
    stop();
    assert.equal(writes, 1);
  });

  it('is a point for each event, so that rules over events and states are tried on the past', async () => {
    const target = vm('running');
    const begun = Date.now();
    const kept = until(platform.metrics.samples, (samples) => samples.some(({ tags }) => tags.event === 'vm.paused'));
    await paused(target);
    await kept;
    const told = await points('event', 'count', 'connection', 'kind', 'id', 'name', 'event');
    const about = { connection: 'lab', kind: 'vm', id: target.id, name: target.name };
    assert.deepEqual(
      told.filter(({ event }) => event === 'vm.paused'),
      [{ ...about, event: 'vm.paused', values: [1] }],
    );

    const hour = 3_600_000;
    const levels = [{ severity: 'warning', threshold: 600 }];
    const stuck = { kind: 'state', states: ['paused'], levels };
    const often = { kind: 'event-count', events: ['vm.paused'], windowSeconds: 60, over: 'object' };
    for (const [rule, afterMs] of [
      [stuck, 600_000],
      [{ ...often, levels: [{ severity: 'warning', threshold: 1 }] }, 0],
    ] as const) {
      const { draft } = await platform.ruleRoom.backtest({ rule, from: begun - hour, to: begun + hour });
      const [firing, ...others] = draft.firings;
      assert.deepEqual([firing?.name, others], [target.name, []], rule.kind);
      assert.ok(firing && firing.since >= begun + afterMs && firing.since < begun + afterMs + 60_000, rule.kind);
    }
  });

  it('tells how old the latest snapshot of a VM is, whoever made it, and of the others that none is known', async () => {
    const target = vm('running');
    const before = protectedVms(1);
    const { id } = await platform.operations.submit({ action: 'vm.snapshot', target, parameters: {}, origin });
    await platform.operations.finished(id);
    await before;
    const [age, ...others] = await points('protection', 'last_snapshot_age_seconds', 'name');
    assert.equal(age?.name, target.name);
    assert.ok((age?.values.at(-1) ?? Number.NaN) < 60);
    assert.deepEqual(others, []);
    const snapshots = await points('protection', 'snapshots', 'name');
    assert.deepEqual(snapshots.find(({ name }) => name === target.name)?.values.at(-1), 1);
  });

  it('finds the snapshots that there are already, and forgets those that are deleted', async () => {
    const target = vm('running');
    const world = simulatorOf(worldName);
    const simulated = [...world.objects()].find((one) => one.kind === 'vm' && one.id === target.id);
    assert.ok(simulated?.kind === 'vm');
    takeSnapshot(world, simulated, { name: 'before-update', description: 'by hand' });
    await platform.stop();
    let found: Promise<void> | undefined;
    await start(() => {
      found = protectedVms(1);
    });
    await found;
    const gone = protectedVms(0);
    const parameters = { name: 'before-update', foreign: true };
    const { id } = await platform.operations.submit({ action: 'vm.delete-snapshot', target, parameters, origin });
    assert.equal((await platform.operations.finished(id)).state, 'succeeded');
    await gone;
  });

  it('knows a backup that somebody made with a tool of the hypervisor, also after a restart', async () => {
    const target = vm('running');
    const ended = await paused(target);
    const id = randomUUID();
    platform.store.journal.insert({ ...ended, id, action: 'external.backup' });
    await platform.stop();
    await start();
    const ages = await points('protection', 'last_snapshot_age_seconds', 'id');
    assert.deepEqual(
      ages.map(({ id: vmId }) => vmId),
      [target.id],
    );
  });

  function protectedVms(known: number): Promise<void> {
    return until(platform.metrics.samples, (samples) =>
      samples.some(({ measurement, fields }) => measurement === 'protection' && fields.known === known),
    );
  }

  function firing(severity: string, count: number): Promise<void> {
    return until(platform.metrics.samples, (samples) =>
      samples.some(
        ({ measurement, tags, fields }) =>
          measurement === 'alert_count' && tags.severity === severity && fields.firing === count,
      ),
    );
  }
});

function until(feed: Feed<readonly Sample[]>, holds: (samples: readonly Sample[]) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = feed.subscribe((samples) => {
      if (!holds(samples)) return;
      unsubscribe();
      resolve();
    });
  });
}

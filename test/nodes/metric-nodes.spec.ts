import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sample } from '../../lib/model/reading.ts';
import metrics from '../../nodes/metrics/metrics.ts';
import rules from '../../nodes/rules/rules.ts';
import type { Message } from '../../nodes/runtime/red.ts';
import { House, labNode } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const out = { id: 'out', type: 'helper', z: 'tab' };
const through = { id: 'through', type: 'helper', z: 'tab' };
const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };

const sample = (cpuRatio: number, at = 1): Sample => ({
  measurement: 'vm',
  tags: { connection: 'lab', id: 'u-1', name: 'web-01' },
  at,
  fields: { cpu_ratio: cpuRatio },
});

describe('a metrics node', () => {
  let house: House;
  afterEach(() => house.close());

  async function open(config: object): Promise<void> {
    const node = { id: 'metrics', type: 'virtflow-metrics', z: 'tab', name: '', wires: [['out']], ...config };
    house = await House.open([metrics], [tab, labNode, node, out]);
    house.collect('out');
  }

  it('sends the samples of a round in one message', async () => {
    await open({});
    const { topic, payload } = await house.message();
    assert.equal(topic, 'lab');
    assert.ok((payload as Sample[]).every(({ tags }) => tags.connection === 'lab'));
    assert.ok((payload as Sample[]).length > 1);
  });

  it('sends a message for each sample, and only those that are read', async () => {
    const off = {
      cpuSeconds: 0,
      memorySeconds: 0,
      diskSeconds: 0,
      networkSeconds: 0,
      storageSeconds: 0,
      stateSeconds: 0,
    };
    await open({ ...off, output: 'each', connection: 'lab-node' });
    const { topic, payload } = await house.message();
    assert.deepEqual([topic, (payload as Sample).measurement], ['lab/host', 'host']);
  });
});

describe('a threshold node', () => {
  let house: House;
  afterEach(() => house.close());

  async function open(config: object): Promise<void> {
    const rule = {
      id: 'rule',
      type: 'virtflow-threshold',
      z: 'tab',
      name: 'busy',
      criticalThreshold: '90',
      forSeconds: '0',
      wires: [['out'], ['through']],
      ...config,
    };
    house = await House.open([rules], [tab, rule, out, through, caught]);
    house.collect('out');
  }

  it('has its alerts withdrawn when it is taken away, and nobody told that they are over', async () => {
    await open({});
    const { alerts } = house.platform;
    house.node('rule').receive({ payload: sample(0.95, Date.now()) });
    await house.message(({ topic }) => topic === 'firing');
    assert.deepEqual(
      alerts.ongoing().map(({ state }) => state),
      ['firing'],
    );
    await house.deploy([tab, out, through, caught]);
    assert.deepEqual(
      alerts.list().map(({ state }) => state),
      ['withdrawn'],
    );
  });

  it('tells when an alert begins and when it ends', async () => {
    await open({});
    const now = Date.now();
    house.node('rule').receive({ payload: [sample(0.95, now)] });
    const firing = await house.message(({ topic }) => topic === 'firing');
    house.node('rule').receive({ payload: sample(0.1, now + 1) });
    await house.message(({ topic }) => topic === 'resolved');
    const { ruleName, name, severity, value } = firing.payload as Record<string, unknown>;
    assert.deepEqual([ruleName, name, severity, value], ['busy', 'web-01', 'critical', 95]);
  });

  it('judges a number in a message, apart for each topic', async () => {
    await open({ source: 'property', unit: 'absolute' });
    house.node('rule').receive({ topic: 'room', payload: 91 });
    house.node('rule').receive({ topic: 'hall', payload: '12' });
    assert.equal(((await house.message(({ topic }) => topic === 'firing')).payload as { key: string }).key, 'room');
  });

  it('passes on what came in through its second output', async () => {
    await open({ passThrough: true });
    const passed = new Promise<Message>((resolve) => {
      house.node('through').on('input', (message: Message) => resolve(message));
    });
    house.node('rule').receive({ payload: [], mine: 1 });
    assert.equal((await passed).mine, 1);
  });

  it('refuses a message that holds no samples', async () => {
    await open({});
    house.node('rule').receive({ payload: 'high' });
    assert.equal(((await house.message()).error as { code: string }).code, 'MESSAGE_INVALID');
  });

  it('does not run with thresholds that contradict each other', async () => {
    await open({ warningThreshold: 95 });
    house.node('rule').receive({ payload: [] });
    assert.equal(((await house.message()).error as { code: string }).code, 'RULE_INVALID');
  });
});

describe('a rule node', () => {
  let house: House;
  afterEach(() => house.close());

  async function open(rule: unknown): Promise<void> {
    const text = typeof rule === 'string' ? rule : JSON.stringify(rule);
    const node = {
      id: 'rule',
      type: 'virtflow-rule',
      z: 'tab',
      name: 'any',
      rule: text,
      wires: [['out'], ['through']],
    };
    house = await House.open([rules], [tab, node, out, through, caught]);
    house.collect('out');
  }

  it('counts the events that a vm events node sends', async () => {
    const levels = [{ severity: 'critical', threshold: 2 }];
    await open({ kind: 'event-count', events: ['vm.crashed'], windowSeconds: 600, over: 'object', levels });
    const object = { connection: 'lab', kind: 'vm', id: 'u-1' };
    for (const at of [Date.now() - 5, Date.now()]) {
      const event = { type: 'vm.crashed', at, object, name: 'web-01', reason: null, details: {} };
      house.node('rule').receive({ payload: event });
    }
    const { payload } = await house.message(({ topic }) => topic === 'firing');
    assert.deepEqual((payload as { name: string }).name, 'web-01');
  });

  it('judges samples', async () => {
    const figure = { value: { field: 'cpu_ratio' }, unit: 'percent', direction: 'above' };
    await open({
      kind: 'rate',
      ...figure,
      overSeconds: 1,
      per: 'second',
      levels: [{ severity: 'info', threshold: 50 }],
    });
    const now = Date.now();
    house.node('rule').receive({ payload: [sample(0.1, now - 1_000), sample(0.9, now)] });
    await house.message(({ topic }) => topic === 'firing');
  });

  it('does not run with what is no rule', async () => {
    await open('{ "kind": "guess" }');
    house.node('rule').receive({ payload: [] });
    assert.equal(((await house.message()).error as { code: string }).code, 'RULE_INVALID');
  });
});

describe('an influx node', () => {
  let house: House;
  const servers: (() => void)[] = [];

  afterEach(async () => {
    await house.close();
    for (const close of servers.splice(0)) close();
  });

  /** The least of an InfluxDB: it takes what is written. */
  async function influxServer(): Promise<{ url: string; written: Promise<string> }> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        response.statusCode = 204;
        response.end();
        if (body.includes('cpu_ratio')) resolve(body);
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    servers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, written: promise };
  }

  async function open(url: string): Promise<void> {
    const server = { id: 'server', type: 'virtflow-influxdb', name: 'db', url, database: 'test' };
    const sink = { id: 'sink', type: 'virtflow-influx', z: 'tab', name: '', server: 'server', wires: [] };
    house = await House.open([metrics], [tab, server, sink, out, caught]);
    house.collect('out');
  }

  it('writes what it is sent', async () => {
    const { url, written } = await influxServer();
    await open(url);
    house.node('sink').receive({ payload: [sample(0.5, 1_700_000_000_000)] });
    assert.match(await written, /^vm,connection=lab,id=u-1,name=web-01 cpu_ratio=0\.5 1700000000000$/m);
  });

  it('keeps samples on disk while the server is away, and tells Catch nodes once', async () => {
    await open('http://127.0.0.1:1');
    const waiting = house.status('sink', ({ fill }) => fill === 'yellow');
    house.node('sink').receive({ payload: [sample(0.5)] });
    await waiting;
    assert.equal(((await house.message()).error as { code: string }).code, 'SINK_UNREACHABLE');
  });

  it('refuses what is no sample', async () => {
    await open('http://127.0.0.1:1');
    house.node('sink').receive({ payload: { cpu: 1 } });
    await house.message(({ error }) => (error as { code: string }).code === 'MESSAGE_INVALID');
  });

  it('says so when it has no server', async () => {
    const sink = { id: 'sink', type: 'virtflow-influx', z: 'tab', name: '', server: '', wires: [] };
    house = await House.open([metrics], [tab, sink, out, caught]);
    house.collect('out');
    house.node('sink').receive({ payload: [] });
    assert.equal(((await house.message()).error as { code: string }).code, 'CONNECTION_SETTINGS_INVALID');
  });
});

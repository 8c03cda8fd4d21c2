import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Host } from '../../../../lib/model/objects.ts';
import { readDomain } from '../../../../plugins/libvirt/domain-xml/domain-definition.ts';
import type { DomainNews } from '../../../../plugins/libvirt/events/domain-news.ts';
import {
  afterEvent,
  type DomainRecord,
  isPreludeOfStart,
  vmOf,
} from '../../../../plugins/libvirt/inventory/domain-record.ts';
import { Mirror } from '../../../../plugins/libvirt/inventory/mirror.ts';

const host: Host = {
  ...{ connection: 'lab', kind: 'host', id: 'h', name: 'kvm1', description: '', tags: [], pool: null },
  ...{ live: true, enabled: true, cpu: { count: 1, sockets: 1, model: 'x', mhz: 1 }, memoryBytes: 1 },
  ...{ hypervisor: { name: 'QEMU', version: '7.2.0' }, address: null },
};

function record(power: DomainRecord['power'], persistent = true): DomainRecord {
  const definition = { ...readDomain('<domain><name>web</name></domain>'), uuid: 'u' };
  return { definition, power, persistent, autostart: false };
}

const news = (type: DomainNews['type'], effect: DomainNews['effect']): DomainNews => ({
  ...{ id: 'u', name: 'web', type, reason: null, details: {}, effect },
});
const started = news('vm.started', { kind: 'power', power: 'running' });
const stopped = news('vm.stopped', { kind: 'power', power: 'halted' });
const defined = news('vm.defined', { kind: 'reread' });
const rebooted = news('vm.rebooted', { kind: 'none' });

/** A mirror whose questions to the daemon are answered by the test. */
function mirrorOf(...known: DomainRecord[]) {
  const told: string[] = [];
  const questions: PromiseWithResolvers<DomainRecord | undefined>[] = [];
  const mirror = new Mirror<DomainRecord, DomainNews>(
    {
      connection: 'lab',
      kind: 'vm',
      read: () => {
        const question = Promise.withResolvers<DomainRecord | undefined>();
        questions.push(question);
        return question.promise;
      },
      objectOf: (each) => vmOf(each, host),
      after: (each, { effect }) => afterEvent(each, effect),
      leavesDoubt: ({ effect }) => effect.kind === 'power',
      isNew: (each, item) => !isPreludeOfStart(each, item),
      typeOf: ({ type }) => type,
    },
    {
      inventory: (change) =>
        told.push(change.type === 'put' && change.object.kind === 'vm' ? change.object.power : 'gone'),
      event: ({ type }) => told.push(type),
    },
  );
  mirror.load(new Map(known.map((each) => [each.definition.uuid, each])));
  const answer = async (question: number, with_: DomainRecord | undefined) => {
    questions[question]?.resolve(with_);
    await turn();
  };
  return { mirror, told, questions, answer };
}

describe('the mirror of what the daemon has', () => {
  it('tells the inventory first, then the event, both at once when the event proves what became of the object', () => {
    const { mirror, told } = mirrorOf(record('halted'));
    mirror.hear(started);
    assert.deepEqual(told, ['running', 'vm.started']);
  });

  it('asks before it tells of an object that it does not know, and keeps the order of what comes meanwhile', async () => {
    const { mirror, told, questions, answer } = mirrorOf();
    mirror.hear(defined);
    mirror.hear(started);
    assert.deepEqual(told, []);
    await answer(0, record('halted')); // asked for before it started: too old to be believed
    assert.deepEqual(told, []);
    assert.equal(questions.length, 2);
    await answer(1, record('running'));
    assert.deepEqual(told, ['running', 'vm.defined', 'vm.started']);
  });

  it('does not believe an answer that was asked for before the latest event', async () => {
    const { mirror, told, answer } = mirrorOf(record('halted'));
    mirror.hear(started);
    mirror.hear(stopped);
    await answer(0, record('running'));
    assert.deepEqual(told, ['running', 'vm.started', 'halted', 'vm.stopped']);
    await answer(1, record('halted'));
    assert.deepEqual(told, ['running', 'vm.started', 'halted', 'vm.stopped']);
  });

  it('does not wait for ever for a quiet moment', async () => {
    const { mirror, told, answer } = mirrorOf();
    mirror.hear(defined);
    for (const question of [0, 1, 2]) {
      mirror.hear(rebooted);
      await answer(question, record('running'));
    }
    assert.deepEqual(told, ['running', 'vm.defined', 'vm.rebooted', 'vm.rebooted', 'vm.rebooted']);
  });

  it('loses a transient domain when it stops, and a persistent one when it is undefined', () => {
    const transient = mirrorOf(record('running', false));
    transient.mirror.hear(stopped);
    assert.deepEqual(transient.told, ['gone', 'vm.stopped']);
    const persistent = mirrorOf(record('halted'));
    persistent.mirror.hear(news('vm.undefined', { kind: 'undefined' }));
    assert.deepEqual(persistent.told, ['gone', 'vm.undefined']);
  });

  it('keeps a domain that is undefined while it runs', () => {
    const { mirror } = mirrorOf(record('running'));
    mirror.hear(news('vm.undefined', { kind: 'undefined' }));
    assert.equal(mirror.get('u')?.persistent, false);
  });

  it('tells an event even when the object came and went before it could be asked for', async () => {
    const { mirror, told, answer } = mirrorOf();
    mirror.hear(started);
    await answer(0, undefined);
    assert.deepEqual(told, ['vm.started']);
  });

  it('tells what waited when the daemon cannot answer', async () => {
    const { mirror, told, questions } = mirrorOf(record('running'));
    mirror.hear(news('vm.device-added', { kind: 'reread' }));
    questions[0]?.reject(new Error('no'));
    await turn();
    assert.deepEqual(told, ['vm.device-added']);
  });

  it('does not tell of a resume that is part of a start', () => {
    const { mirror, told } = mirrorOf(record('halted'));
    mirror.hear(news('vm.resumed', { kind: 'power', power: 'running' }));
    mirror.hear(news('vm.agent-disconnected', { kind: 'agent', agent: 'disconnected' }));
    assert.deepEqual(told, []);
  });

  it('tells nothing any more once it is stopped', async () => {
    const { mirror, told, answer } = mirrorOf(record('halted'));
    mirror.hear(defined);
    mirror.stop();
    await answer(0, record('running'));
    mirror.hear(started);
    assert.deepEqual(told, []);
  });

  it('says nothing of an answer that brings nothing new', async () => {
    const { mirror, told, answer } = mirrorOf(record('halted'));
    mirror.hear(started);
    await answer(0, record('running'));
    assert.deepEqual(told, ['running', 'vm.started']);
  });
});

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { readDomain } from '../../../../plugins/libvirt/domain-xml/domain-definition.ts';
import type { DomainRecord } from '../../../../plugins/libvirt/inventory/domain-record.ts';
import { type AgentSource, GuestAgents } from '../../../../plugins/libvirt/metrics/guest-agents.ts';
import { LibvirtCode, LibvirtError, RpcError } from '../../../../plugins/libvirt/rpc/index.ts';

const never = new AbortController().signal;
const quick = { answerMs: 10, roundMs: 60_000, pauseMs: 60_000, longestPauseMs: 60_000 };
type Answer = 'answers' | 'silent' | LibvirtError | RpcError;

/** A daemon whose guests have agents that answer, fail or are silent. */
class Daemon {
  readonly agents: Map<string, Answer>;
  readonly asked: string[] = [];
  readonly absent = new Set<string>();
  /** How long an answer takes. */
  tookMs = 0;
  readonly #silent = new Map<string, () => void>();

  constructor(agents: Record<string, Answer>) {
    this.agents = new Map(Object.entries(agents));
  }

  get source(): AgentSource {
    const call = async (_name: string, { dom }: { dom: { uuid: string } }) => {
      this.asked.push(dom.uuid);
      const answer = this.agents.get(dom.uuid);
      if (answer instanceof Error) throw answer;
      if (this.tookMs > 0) await delay(this.tookMs);
      if (answer === 'silent') await new Promise<void>((resolve) => this.#silent.set(dom.uuid, resolve));
      return { params: [] };
    };
    const records = () => [...this.agents.keys()].map((uuid) => this.#record(uuid));
    return { daemon: { call } as unknown as AgentSource['daemon'], domains: { records } };
  }

  /** The agents that are silent wake up, and what they were asked is answered. */
  wake(): void {
    for (const resolve of this.#silent.values()) resolve();
    for (const guest of this.#silent.keys()) this.agents.set(guest, 'answers');
  }

  #record(uuid: string): DomainRecord {
    const agent = this.absent.has(uuid) ? 'absent' : 'connected';
    const definition = { ...readDomain(`<domain><name>${uuid}</name></domain>`), uuid, agent } as const;
    return { definition, power: 'running', persistent: true, autostart: false };
  }
}

const unresponsive = libvirtError(LibvirtCode.AGENT_UNRESPONSIVE);

function libvirtError(code: number): LibvirtError {
  const words = { str1: null, str2: null, str3: null, int1: 0, int2: 0 };
  return new LibvirtError('DOMAIN_GET_GUEST_INFO', { code, domain: 10, message: 'no', level: 2, ...words });
}

describe('the agents of guests', () => {
  const read = async (agents: GuestAgents) =>
    (await agents.read(never)).map(({ record }) => record.definition.uuid).sort();

  it('are asked where there is one', async () => {
    const daemon = new Daemon({ a: 'answers', b: 'answers', c: 'answers' });
    daemon.absent.add('b');
    assert.deepEqual(await read(new GuestAgents(daemon.source, quick)), ['a', 'c']);
    assert.deepEqual(daemon.asked, ['a', 'c']);
  });

  it('that fail or are silent take nothing from the others, and are left alone for a while', async () => {
    const daemon = new Daemon({ a: 'silent', b: 'silent', c: 'silent', d: unresponsive, e: 'answers', f: 'answers' });
    const agents = new GuestAgents(daemon.source, quick);
    assert.deepEqual(await read(agents), ['e', 'f']);
    daemon.asked.length = 0;
    assert.deepEqual(await read(agents), ['e', 'f']);
    assert.deepEqual(daemon.asked, ['e', 'f']);
  });

  it('are asked again after that, those that answered first', async () => {
    const daemon = new Daemon({ a: unresponsive, b: 'answers' });
    const agents = new GuestAgents(daemon.source, { ...quick, pauseMs: 1 });
    await read(agents);
    daemon.agents.set('a', 'answers');
    daemon.asked.length = 0;
    await delay(5);
    assert.deepEqual(await read(agents), ['a', 'b']);
    assert.deepEqual(daemon.asked, ['b', 'a']);
  });

  it('that a round had no time for are the first of the next', async () => {
    const daemon = new Daemon({ a: 'answers', b: 'answers', c: 'answers', d: 'answers', e: 'answers' });
    const agents = new GuestAgents(daemon.source, { ...quick, answerMs: 60_000, roundMs: 20 });
    daemon.tookMs = 30;
    assert.deepEqual(await read(agents), ['a', 'b', 'c']);
    assert.deepEqual((await read(agents)).slice(-2), ['d', 'e']);
  });

  it('are not asked anew while what they were asked is unanswered', async () => {
    const daemon = new Daemon({ a: 'silent' });
    const agents = new GuestAgents(daemon.source, { ...quick, pauseMs: 0 });
    assert.deepEqual(await read(agents), []);
    assert.deepEqual(await read(agents), []);
    assert.deepEqual(daemon.asked, ['a']);
    daemon.wake();
    await delay(0);
    assert.deepEqual(await read(agents), ['a']);
  });

  it('never hold more than eight of the daemon’s workers', async () => {
    const daemon = new Daemon(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`g${i}`, 'silent'])));
    const agents = new GuestAgents(daemon.source, quick);
    await read(agents);
    await read(agents);
    assert.ok(daemon.asked.length >= 6 && daemon.asked.length <= 8, `${daemon.asked.length}`);
  });

  it('are asked no more where the hypervisor cannot', async () => {
    const daemon = new Daemon({ a: libvirtError(LibvirtCode.NO_SUPPORT), b: 'answers' });
    const agents = new GuestAgents(daemon.source, quick);
    await read(agents);
    daemon.asked.length = 0;
    assert.deepEqual(await read(agents), []);
    assert.deepEqual(daemon.asked, []);
  });

  it('are given up when told to, and when the connection is lost', async () => {
    const daemon = new Daemon({ a: 'silent', b: 'silent' });
    const abort = new AbortController();
    const reading = new GuestAgents(daemon.source, { ...quick, answerMs: 60_000 }).read(abort.signal);
    const reason = new Error('enough');
    setImmediate(() => abort.abort(reason));
    await assert.rejects(reading, reason);
    const lost = new RpcError('CONNECTION_LOST', 'gone');
    await assert.rejects(new GuestAgents(new Daemon({ a: lost }).source, quick).read(never), lost);
  });
});

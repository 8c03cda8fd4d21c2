import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { TaskRecord } from '../../../../lib/drivers/tasks.ts';
import { readDomain } from '../../../../plugins/libvirt/domain-xml/domain-definition.ts';
import { LibvirtError, RpcError, type TypedParameter } from '../../../../plugins/libvirt/rpc/index.ts';
import { readJobStatus } from '../../../../plugins/libvirt/tasks/block-job.ts';
import { domainJobTask, readDomainJob } from '../../../../plugins/libvirt/tasks/domain-job.ts';
import { TaskWatch, type TaskWatchPort } from '../../../../plugins/libvirt/tasks/task-watch.ts';

const uuid = '6f8d3c52-5a0e-4f0e-9d52-0c1a7be0a001';
const dom = { uuid, name: 'web', id: 1 };

type Job = {
  readonly type: number;
  readonly operation?: number;
  readonly elapsed?: number;
  readonly remaining?: number;
};

/** A daemon with one domain, whose answers the test decides. */
class Daemon {
  job: Job | 'hung' = { type: 0 };
  completed: Job = { type: 0 };
  state = { state: 1, reason: 1 };
  block: { found: number; type: number; cur: number; end: number } = { found: 0, type: 0, cur: 0, end: 0 };
  asked = 0;
  /** What an answer waits for, once it was found. */
  hold: Promise<void> = Promise.resolve();

  readonly call = (async (name: string, args: { flags?: number }) => {
    if (name === 'DOMAIN_GET_STATE') return this.state;
    if (name === 'DOMAIN_GET_BLOCK_JOB_INFO') return this.block;
    this.asked += 1;
    const { job } = this;
    if (job === 'hung') throw new RpcError('TIMEOUT', 'it hangs');
    const answer = args.flags === 0 ? job : this.completed;
    await this.hold;
    return { type: answer.type, params: paramsOf(answer) };
  }) as TaskWatchPort['daemon']['call'];
}

function paramsOf({ operation = 2, elapsed = 10, remaining = 50 }: Job): TypedParameter[] {
  const values = { operation, time_elapsed: elapsed, data_total: 100, data_remaining: remaining };
  return Object.entries(values).map(([field, value]) => ({ field, value }) as TypedParameter);
}

const record = {
  definition: readDomain(`<domain><name>web</name><uuid>${uuid}</uuid><memory>1</memory><devices>
    <disk type='file' device='disk'><source file='/a'/><target dev='vda'/></disk></devices></domain>`),
  ...({ power: 'running', persistent: true, autostart: false } as const),
};

describe('the watch over jobs of domains', () => {
  let daemon: Daemon;
  let watch: TaskWatch;
  let told: TaskRecord[];
  const inShort = () => told.map(({ operation, state, progress }) => [operation, state, progress]);

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
    daemon = new Daemon();
    told = [];
    const domains = { get: () => record, records: () => [record] };
    watch = new TaskWatch({ connection: 'lab', daemon, domains, tell: (one) => told.push(one) });
  });
  afterEach(() => {
    watch.stop();
    mock.timers.reset();
  });

  it('tells what remains to be done as progress, and asks only while there is a job', async () => {
    daemon.job = { type: 2, remaining: 75 };
    await watch.lookAtAll();
    assert.deepEqual(inShort(), [['save', 'running', 0.25]]);
    daemon.job = { type: 2, remaining: 90 };
    await watch.lookAtAll();
    assert.equal(told.length, 1, 'progress never goes back');
    watch.jobCompleted({ callbackID: 1, dom, params: paramsOf({ type: 3 }) });
    assert.deepEqual(inShort().at(-1), ['save', 'succeeded', 1]);
    daemon.job = { type: 0 };
    mock.timers.tick(500);
    await new Promise(setImmediate);
    const { asked } = daemon;
    mock.timers.tick(60_000);
    await new Promise(setImmediate);
    assert.equal(daemon.asked, asked);
  });

  it('does not take an answer that is older than the end for a new job', async () => {
    daemon.job = { type: 2 };
    await watch.lookAtAll();
    const { promise, resolve } = Promise.withResolvers<void>();
    daemon.hold = promise;
    const looking = watch.lookAtAll();
    daemon.job = { type: 0 };
    watch.jobCompleted({ callbackID: 1, dom, params: paramsOf({ type: 3 }) });
    resolve();
    await looking;
    assert.deepEqual(
      told.map(({ state }) => state),
      ['running', 'succeeded'],
    );
  });

  it('tells a job that follows another apart from it', async () => {
    daemon.job = { type: 2, elapsed: 60_000 };
    await watch.lookAtAll();
    daemon.job = { type: 2, elapsed: 100 };
    await watch.lookAtAll();
    assert.deepEqual(
      told.map(({ state, startedAt }) => [state, startedAt]),
      [
        ['running', 940_000],
        ['ended', 940_000],
        ['running', 999_900],
      ],
    );
  });

  it('reads in the state of the domain that a save was cancelled, or done', async () => {
    const ends = [
      { state: { state: 1, reason: 7 }, end: 'cancelled' },
      { state: { state: 5, reason: 5 }, end: 'succeeded' },
      { state: { state: 1, reason: 1 }, end: 'ended' },
    ];
    for (const { state, end } of ends) {
      daemon.job = { type: 2 };
      await watch.lookAtAll();
      daemon.job = { type: 0 };
      daemon.state = state;
      await watch.lookAtAll();
      assert.equal(told.at(-1)?.state, end);
    }
  });

  it('leaves a job as it is while its guest hangs', async () => {
    daemon.job = { type: 2 };
    await watch.lookAtAll();
    daemon.job = 'hung';
    await watch.lookAtAll();
    assert.equal(told.length, 1);
    assert.equal((await watch.find(domainJobTask(uuid, 'save')))?.state, 'running');
  });

  it('looks at a disk when QEMU says that a job of it changes, and hears its end', async () => {
    watch.begin();
    await new Promise(setImmediate);
    daemon.block = { found: 1, type: 2, cur: 30, end: 100 };
    const event = { callbackID: 1, dom, event: 'JOB_STATUS_CHANGE', seconds: 0, micros: 0 };
    watch.jobStatus({ ...event, details: '{"status":"running","id":"copy-vda-libvirt-1-format"}' });
    await new Promise(setImmediate);
    assert.deepEqual(inShort(), [['block-copy', 'running', 0.3]]);
    watch.blockJob({ callbackID: 1, dom, dst: 'vda', type: 2, status: 1 });
    assert.deepEqual(inShort().at(-1), ['block-copy', 'failed', 0.3]);
  });

  it('tells a start, which is brief and cannot be stopped, by its call alone', async () => {
    daemon.job = { type: 1, operation: 1 };
    await watch.lookAtAll();
    assert.deepEqual(told, []);
  });

  it('says nothing when the domain cannot be asked', async () => {
    const answer = { code: 55, domain: 10, message: 'not running', level: 2, str1: null, str2: null, str3: null };
    const refuse = mock.method(daemon, 'call', () =>
      Promise.reject(new LibvirtError('DOMAIN_GET_JOB_STATS', { ...answer, int1: 0, int2: 0 })),
    );
    await watch.lookAtAll();
    assert.deepEqual(told, []);
    refuse.mock.restore();
  });
});

describe('what QEMU says of its jobs', () => {
  it('is about a disk, or a backup, or none of libvirt’s business', () => {
    const about = (id: string) => readJobStatus(JSON.stringify({ status: 'running', id }));
    assert.deepEqual(about('commit-vdb-libvirt-3-format'), { disk: 'vdb', isBackup: false });
    assert.deepEqual(about('backup-vda-libvirt-1-format'), { disk: 'vda', isBackup: true });
    assert.equal(about('create-libvirt-2-format'), undefined);
    assert.equal(readJobStatus(null), undefined);
  });
});

describe('a domain’s job', () => {
  it('has failed when a backup’s end says so, with what libvirt says', () => {
    const params = [
      { field: 'operation', value: 9 },
      { field: 'success', value: false },
      { field: 'errmsg', value: 'no space left' },
    ] as TypedParameter[];
    const job = readDomainJob(3, params);
    assert.deepEqual([job?.operation, job?.state, job?.says], ['backup', 'failed', 'no space left']);
  });

  it('can be stopped where libvirt can stop it', () => {
    const abortable = (operation: number) => readDomainJob(2, paramsOf({ type: 2, operation }))?.abortable;
    assert.deepEqual([2, 5, 9].map(abortable), [true, true, true]);
    assert.deepEqual([1, 3, 4].map(abortable), [false, false, false]);
  });
});

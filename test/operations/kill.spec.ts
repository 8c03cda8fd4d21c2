import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as passes } from 'node:timers/promises';
import { endStates, type Operation } from '../../lib/operations/operation.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { Client } from './kill/client.ts';

const kills = Number(process.env.VIRTFLOW_KILLS ?? 30);
/** One life in four may end while it still starts; the others die when operations are under way. */
const longestStartMs = 500;
const longestWorkMs = 250;
const askedAgain = 20;

const script = (name: string) => join(import.meta.dirname, 'kill', name);

/** What the lives of a controller said before they died. */
interface Said {
  readonly asked: Set<string>;
  readonly accepted: Map<string, string>;
  readonly grouped: Map<string, string>;
  readonly ended: Map<string, string>;
}

describe(`operations under ${kills} kills at random moments`, () => {
  let hypervisor: ChildProcess;
  let port: string;
  let directory: string;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'virtflow-kill-'));
    hypervisor = spawn(process.execPath, [script('hypervisor-process.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
    assert.ok(hypervisor.stdout);
    const [line] = await once(hypervisor.stdout, 'data');
    port = String(line).trim();
  });
  after(() => {
    hypervisor.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  async function live(mode: 'submit' | 'drain', life: string, again: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, [script('controller.ts'), port, directory, mode, life, ...again], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const output = text(child.stdout);
    if (mode === 'submit') {
      if (Math.random() < 0.25) await passes(Math.random() * longestStartMs);
      else await Promise.race([once(child.stdout, 'data'), exited]).then(() => passes(Math.random() * longestWorkMs));
      child.kill('SIGKILL');
    }
    const [code] = await exited;
    if (mode === 'drain') assert.equal(code, 0, await output);
    return output;
  }

  function listen(output: string, said: Said): void {
    for (const line of output.split('\n').slice(0, -1)) {
      const [what, first = '', second = ''] = line.split(' ');
      if (what === 'asked') said.asked.add(first);
      else if (what === 'accepted') said.accepted.set(first, second);
      else if (what === 'grouped') said.grouped.set(first, second);
      else if (what === 'ended') {
        assert.equal(said.ended.get(first), undefined, `${first} ended twice`);
        said.ended.set(first, second);
      } else assert.fail(line);
    }
  }

  it('are taken up again at the task that the hypervisor still works on', async function () {
    this.timeout(60_000);
    const child = spawn(process.execPath, [script('controller.ts'), port, directory, 'task', 'first'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    for await (const part of child.stdout) {
      output += String(part);
      if (output.includes('working')) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    const [, id = ''] = /working (\S+)/.exec(output) ?? [];
    assert.match(await live('drain', 'second', []), new RegExp(`ended ${id} succeeded`));
    const store = openSqliteStore(join(directory, 'state.db'));
    const rules = store.journal.get(id)?.why.map(({ rule }) => rule);
    store.close();
    assert.deepEqual(rules, ['interrupted', 'task-followed', 'task-ended', 'changes-sent']);
    const client = await Client.connect(Number(port));
    assert.deepEqual((await client.ask({ ask: 'counts' })).counts, { 'certain-7': 1 });
    client.close();
  });

  it('are neither lost nor done twice, and each comes to an honest end', async function () {
    this.timeout(60_000 + kills * 10_000);
    const said: Said = { asked: new Set(), accepted: new Map(), grouped: new Map(), ended: new Map() };
    for (let life = 0; life < kills; life += 1) {
      listen(await live('submit', `${life}`, [...said.asked].slice(-askedAgain)), said);
    }
    listen(await live('drain', 'last', []), said);

    const client = await Client.connect(Number(port));
    const { counts = {} } = await client.ask({ ask: 'counts' });
    client.close();
    const store = openSqliteStore(join(directory, 'state.db'));
    const operations = new Map<string, Operation>();
    for (let before: number | undefined; ; ) {
      const page = store.journal.history({ limit: 1000, ...(before === undefined ? {} : { before }) });
      const fresh = page.filter(({ id }) => !operations.has(id));
      if (fresh.length === 0) break;
      for (const operation of fresh) operations.set(operation.id, operation);
      before = (page.at(-1)?.queuedAt ?? 0) + 1;
    }
    store.close();

    for (const id of said.grouped.keys()) assertWhole(id, operations);
    const byState: Record<string, number> = {};
    let followed = 0;
    for (const [id, operation] of operations) {
      if (operation.group) continue;
      const token = String(operation.parameters.token);
      const count = counts[token] ?? 0;
      const code = operation.error?.code ?? operation.state;
      byState[code] = (byState[code] ?? 0) + 1;
      const about = `${id} ${operation.action} ${code} done ${count} times: ${JSON.stringify(operation.why)}`;
      assert.ok(endStates.has(operation.state), about);
      assert.ok(count <= 1, about);
      if (operation.state === 'succeeded') assert.equal(count, 1, about);
      if (code === 'OPERATION_INTERRUPTED') assert.equal(count, 0, about);
      if (operation.why.some(({ rule }) => rule === 'task-followed')) followed += 1;
      if (operation.action === 'test.told') assert.notEqual(code, 'OPERATION_OUTCOME_UNKNOWN', about);
    }
    for (const [id, token] of said.accepted) assert.equal(operations.get(id)?.parameters.token, token, `${id} is lost`);
    for (const [id, state] of said.ended) assert.equal(operations.get(id)?.state, state);
    const recorded = new Set([...operations.values()].map(({ parameters }) => parameters.token));
    assert.ok(kills < 10 || said.grouped.size > 0);
    for (const token of Object.keys(counts)) assert.ok(recorded.has(token), `${token} was done by no operation`);
    assert.ok(operations.size >= kills, 'the lives were too short to show anything');
    console.log(
      `      ${operations.size} operations, ${said.grouped.size} groups, ${said.accepted.size} accepted: ${JSON.stringify(byState)}; ${followed} tasks followed by the next life`,
    );
  });
});

/** A group that was accepted has ended, and each of its members was begun once. */
function assertWhole(id: string, operations: ReadonlyMap<string, Operation>): void {
  const group = operations.get(id);
  assert.ok(group && endStates.has(group.state), `the group ${id} is lost`);
  const members = [...operations.values()].filter(({ parent }) => parent === id).map(({ member }) => member);
  assert.deepEqual(members.sort(), [0, 1, 2], JSON.stringify(group));
}

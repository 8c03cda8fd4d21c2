import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as passes } from 'node:timers/promises';
import { newPlace, RunningVirtflow, runToEnd, VirtflowProcess } from './virtflow-process.ts';

const kills = Number(process.env.VIRTFLOW_KILLS ?? 5);
const longestLifeMs = 500;

interface Approval {
  readonly id: string;
  readonly state: string;
  readonly round: number;
}

describe(`approvals under ${kills} kills in the middle of asking and answering`, function () {
  this.timeout(30_000 + kills * 15_000);
  const place = newPlace();
  const data = join(place.directory, 'data');

  after(async () => {
    await VirtflowProcess.endAll();
    place.remove();
  });

  async function ask(url: string, token: string, path: string, body?: object): Promise<unknown> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return (await fetch(`${url}virtflow/v1${path}`, { headers, ...post })).json();
  }

  async function newToken(name: string): Promise<string> {
    await runToEnd('user', 'add', name, '--role', 'administrator', '--data-dir', data);
    const { output } = await runToEnd('token', 'create', name, '--data-dir', data);
    return /vft_\S+/.exec(output)?.[0] ?? assert.fail(output);
  }

  async function vmsOf(url: string, token: string): Promise<{ id: string }[]> {
    for (;;) {
      const page = (await ask(url, token, "/inventory/vms?selector=power%20%3D%20'running'")) as {
        items?: { id: string }[];
      };
      if (page.items && page.items.length > 0) return page.items;
    }
  }

  it('lose none that was accepted, run nothing that was not approved, and keep each answer that was given', async () => {
    let virtflow = await RunningVirtflow.start(data);
    const [anna, ben] = [await newToken('anna'), await newToken('ben')];
    writeFileSync(join(data, 'approvals.json'), JSON.stringify({ policies: [{ name: 'all', actions: ['vm.*'] }] }));
    const accepted = new Set<string>();
    const granted = new Set<string>();

    const work = async (url: string) => {
      for (const { id: target } of await vmsOf(url, anna)) {
        const told = (await ask(url, anna, '/actions/vm.reset', { target })) as { operations?: { id: string }[] };
        const id = told.operations?.[0]?.id;
        if (id === undefined) continue;
        accepted.add(id);
        const answer = { decision: 'grant', round: 1 };
        const answered = (await ask(url, ben, `/approvals/${id}/answer`, answer)) as Partial<Approval>;
        if (answered.state === 'granted') granted.add(id);
      }
    };

    for (let life = 0; life < kills; life += 1) {
      await vmsOf(virtflow.url, anna);
      const working = work(virtflow.url).catch(() => undefined);
      await passes(Math.random() * longestLifeMs);
      await virtflow.process.end('SIGKILL');
      await working;
      virtflow = await RunningVirtflow.start(data);
    }

    for (const id of accepted) {
      const waits = async () =>
        (await ask(virtflow.url, ben, `/operations/${id}`)) as { state: string; why: { rule: string }[] };
      let operation = await waits();
      while (operation.state === 'queued' || operation.state === 'waiting') {
        const approval = (await ask(virtflow.url, ben, `/approvals/${id}`)) as Partial<Approval>;
        if (approval.state === 'pending') {
          assert.ok(!granted.has(id) || (approval.round ?? 0) > 1, 'an answer that was given is kept');
          await ask(virtflow.url, ben, `/approvals/${id}/answer`, { decision: 'grant', round: approval.round });
        }
        operation = await waits();
      }
      while (operation.state === 'running' || operation.state === 'interrupted') operation = await waits();
      // One that was running when it was killed is settled by asking, and a reset leaves nothing that could be seen.
      const ends = ['succeeded', 'failed'];
      assert.ok(ends.includes(operation.state), JSON.stringify(operation));
      assert.ok(
        operation.why.some(({ rule }) => rule === 'approved'),
        JSON.stringify(operation),
      );
    }
    assert.ok(accepted.size > 0, 'something was asked for');
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as passes } from 'node:timers/promises';

const kills = Number(process.env.VIRTFLOW_KILLS ?? 6);
const longestLifeMs = 3_000;

interface Got {
  readonly id: string;
  readonly title: string;
  readonly firing: readonly { readonly name: string }[];
  readonly ended: readonly { readonly name: string }[];
}

describe(`who was told what, under ${kills} kills at random moments`, function () {
  this.timeout(60_000 + kills * 20_000);
  const directory = mkdtempSync(join(tmpdir(), 'virtflow-alerts-kill-'));
  const got: Got[] = [];
  const said = {
    begun: new Set<string>(),
    sent: new Set<string>(),
    on: new Set<string>(),
    over: new Set<string>(),
    event: [] as number[],
  };
  let hook: Server;

  before(async () => {
    hook = createServer(async (request, response) => {
      got.push(JSON.parse(await text(request)));
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(hook, 'listening');
    const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
    const routes = [{ name: 'all', contacts: ['hook'], groupBy: ['rule'], groupWait: '1s', groupInterval: '1s' }];
    const contacts = [{ name: 'hook', type: 'webhook', settings: { url } }];
    const settings = { contacts, routes, storm: { most: 10_000 }, flapping: { count: 100 } };
    writeFileSync(join(directory, 'alerts.json'), JSON.stringify(settings));
    for (let life = 0; life < kills; life += 1) await live(`life${life}`, 'work');
    await live('last', 'drain');
  });
  after(() => {
    hook.closeAllConnections();
    hook.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function live(name: string, mode: 'work' | 'drain'): Promise<void> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'kill/life.ts'), directory, name, mode], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const output = text(child.stdout);
    if (mode === 'work') {
      await Promise.race([once(child.stdout, 'data'), exited]);
      await passes(Math.random() * longestLifeMs);
      child.kill('SIGKILL');
    }
    const [code] = await exited;
    if (mode === 'drain') assert.equal(code, 0);
    for (const line of (await output).split('\n').slice(0, -1)) {
      const [what, about = ''] = line.split(' ');
      if (what === 'event') said.event.push(Number(about));
      else if (what === 'begun' || what === 'sent' || what === 'on' || what === 'over') said[what].add(about);
    }
  }

  /** The messages, by id, that say something of an alert. */
  const idsOf = (name: string, where: 'firing' | 'ended') =>
    new Set(got.filter((one) => one[where].some((note) => note.name === name)).map(({ id }) => id));

  it('everybody is told of what goes on, and of an end exactly once', () => {
    assert.ok(said.begun.size > 3 * kills, `only ${said.begun.size} alerts began`);
    for (const name of said.begun) {
      const [beginnings, ends] = [idsOf(name, 'firing').size, idsOf(name, 'ended').size];
      assert.ok(said.on.has(name) || said.over.has(name), `${name} is lost`);
      if (said.on.has(name)) assert.ok(beginnings > 0, `nobody was told of ${name}`);
      assert.equal(ends, said.over.has(name) && beginnings > 0 ? 1 : 0, `the end of ${name}`);
    }
  });

  it('a message comes twice only where the process died while it was sent, under the same id', () => {
    const twice = got.length - new Set(got.map(({ id }) => id)).size;
    assert.ok(twice <= kills, `${twice} came twice`);
  });

  it('what a flow sends arrives, each once by its id', () => {
    const arrived = new Set(got.map(({ id }) => id));
    for (const id of said.sent) assert.ok(arrived.has(id), `${id} did not arrive`);
    const titles = got.filter(({ firing, ended }) => firing.length + ended.length === 0);
    const ids = new Map(titles.map(({ id, title }) => [title, id]));
    for (const { id, title } of titles) assert.equal(ids.get(title), id, `${title} was sent under two ids`);
  });

  it('a reader of events hears each, and again only the last that it heard before it died', () => {
    const heard = [...new Set(said.event)];
    assert.deepEqual(
      heard,
      heard.map((_, index) => index + 1),
    );
    assert.ok(said.event.length - heard.length <= kills, `${said.event.length - heard.length} came twice`);
  });
});

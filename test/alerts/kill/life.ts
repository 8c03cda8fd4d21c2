import { writeSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertRecord } from '../../../lib/alerts/alert.ts';
import { AlertRoom } from '../../../lib/alerts/alert-room.ts';
import type { AlertEvent } from '../../../lib/alerts/event.ts';
import { Inventory } from '../../../lib/inventory/inventory.ts';
import { Feed } from '../../../lib/model/feed.ts';
import { Safe } from '../../../lib/secrets/safe.ts';
import { openSqliteStore } from '../../../lib/store/sqlite/sqlite-store.ts';
import { told } from '../told.ts';

/**
 * A life of alerts: they begin and end, and a flow sends messages, as often as it can until it is killed. Whatever is on
 * disk is said. As a `drain`, it ends what goes on, and stops once everybody was told.
 */
const [directory = '', life = '', mode = 'work'] = process.argv.slice(2);
const say = (...words: readonly unknown[]) => writeSync(1, `${words.join(' ')}\n`);
const store = openSqliteStore(join(directory, 'state.db'));
const safe = new Safe(store, { name: 'a test', keys: () => [Buffer.alloc(32, 'k')] });
safe.open();
const silent = () => {};
const room = new AlertRoom({
  store,
  dataDirectory: directory,
  inventory: new Inventory(),
  connections: { events: new Feed(), states: new Feed() },
  rules: { addSink: () => silent },
  audit: { append: silent, change: (work) => work() },
  reveal: (text) => text,
  safe,
  log: { error: silent, warn: silent, info: silent, debug: silent },
});

function hear({ number }: AlertEvent): void {
  say('event', number);
  room.journal.read('reader', number);
}

for (const event of room.journal.unread('reader')) hear(event);
room.journal.events.subscribe(hear);
room.start();
say('ready');
if (mode === 'drain') await drain();
else await work();

async function work(): Promise<void> {
  for (let round = 0; ; round += 1) {
    const name = `${life}-${round}`;
    await room.take(told('firing', name));
    say('begun', name);
    const message = { sender: 'node', contact: 'hook', giveUpAfterMs: 3_600_000, run: `run-${name}`, message: {} };
    const { id } = room.dispatches.send({ ...message, content: { title: name, text: 'x', html: null, note: null } });
    say('sent', id);
    if (round % 2 === 1) {
      await room.take(told('ok', `${life}-${round - 1}`));
    }
    // Otherwise nothing of it would leave before the kill.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function drain(): Promise<void> {
  const isOwed = () => room.notifications().some(({ state }) => state === 'waiting');
  while (isOwed() || !room.list().every(isSettled)) await change();
  for (const { name, endedAt } of room.list()) say(endedAt === null ? 'on' : 'over', name);
  await room.stop();
  store.close();
}

/** Something was told, or tried. */
function change(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ends = [room.changes.subscribe(() => resolve()), room.dispatches.changes.subscribe(() => resolve())];
  return promise.finally(() => {
    for (const end of ends) end();
  });
}

/** Nobody is owed its beginning or its end. */
function isSettled({ history, endedAt }: AlertRecord): boolean {
  const last = history.findLast(({ what }) => what === 'told');
  return endedAt === null ? last !== undefined : last === undefined || last.at >= endedAt;
}

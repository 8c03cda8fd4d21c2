import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Deliveries, type DeliveriesSettings } from '../../lib/runs/deliveries.ts';
import type { Ask, Delivery } from '../../lib/runs/delivery.ts';
import type { RunMark } from '../../lib/runs/mark.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { Journal } from '../../lib/store/store.ts';
import { silent } from '../platform-on-simulator.ts';
import { aSafe, KeyInHand } from '../secrets/fixtures.ts';
import { anOperation } from '../store/an-operation.ts';

const ask = (name = 'web', more: Partial<Ask> = {}): Ask => ({
  action: 'vm.start',
  parameters: {},
  mode: 'run',
  many: false,
  targets: [{ name, target: { connection: 'lab', kind: 'vm', id: name } }],
  ...more,
});

describe('deliveries', () => {
  const key = new KeyInHand();
  let store: ReturnType<typeof openSqliteStore>;
  let deliveries: Deliveries;
  let journal: Journal;
  let log: string[];

  const begin = (settings: Partial<DeliveriesSettings> = {}) => {
    log = [];
    deliveries = new Deliveries(store, aSafe(store, key), { ...silent, warn: (line) => log.push(line) }, settings);
    deliveries.start();
    journal = deliveries.journal(store.journal);
  };

  beforeEach(() => {
    store = openSqliteStore(':memory:');
    begin();
  });
  afterEach(() => {
    mock.timers.reset();
    deliveries.stop();
    store.close();
  });

  /** The process dies and starts again: what was in memory is gone. */
  const restart = () => begin();
  const accept = (node: string, mark?: RunMark, what = ask()) =>
    deliveries.accept(deliveries.arrive(mark, node), { payload: node }, what, what.targets[0]?.name);
  const operationOf = (delivery: Delivery) =>
    anOperation({ origin: { through: 'flow', principal: 'node-red', run: delivery.run, delivery: delivery.id } });
  /** Accepts a message, and submits what it asks. */
  function take(node: string, mark?: RunMark, what = ask()): Delivery {
    const delivery = accept(node, mark, what);
    assert.ok(delivery);
    journal.insert(operationOf(delivery));
    return delivery;
  }
  const markOf = ({ id, run }: Delivery): RunMark => ({ run, delivery: id });
  const nodesLeft = () => deliveries.left().map(({ node }) => node);
  /** Lets what is over go from the disk, as the next thing that is written does. */
  const write = () => journal.update(anOperation());

  it('are on disk together with their first operation, and not before', () => {
    const delivery = accept('a');
    assert.ok(delivery);
    assert.equal(deliveries.isKept(delivery.id), false);
    journal.insert(operationOf(delivery));
    assert.equal(deliveries.isKept(delivery.id), true);
    restart();
    assert.deepEqual(deliveries.left(), [delivery]);
  });

  it('are not on disk when the operation is not', () => {
    const delivery = accept('a');
    assert.ok(delivery);
    const broken = deliveries.journal({
      ...store.journal,
      insert: () => {
        throw new Error('the disk is full');
      },
    });
    assert.throws(() => broken.insert(operationOf(delivery)), /full/);
    restart();
    assert.deepEqual(deliveries.left(), []);
  });

  it('that are written together are kept together, and what they came from goes when the last of them has it', () => {
    const parent = take('a');
    const mark = markOf(parent);
    for (const place of ['b', 'c']) deliveries.hold(mark, place);
    deliveries.sent(parent.id);
    const [b, c] = [accept('b', mark), accept('c', mark)];
    assert.ok(b && c);
    const both = () => {
      journal.insert(operationOf(b));
      journal.insert(operationOf(c));
    };
    const broken = () =>
      journal.together(() => {
        both();
        throw new Error('no');
      });
    assert.throws(broken, /no/);
    assert.deepEqual(
      [b, c].map(({ id }) => deliveries.isKept(id)),
      [false, false],
    );
    assert.deepEqual(nodesLeft(), []);
    journal.together(both);
    assert.deepEqual(
      [b, c].map(({ id }) => deliveries.isKept(id)),
      [true, true],
    );
    write();
    restart();
    assert.deepEqual(nodesLeft().sort(), ['b', 'c']);
  });

  it('are encrypted', () => {
    take('a', undefined, ask('web', { parameters: { password: 'hunter2' } }));
    assert.doesNotMatch(JSON.stringify(store.states.list('delivery')), /hunter2|vm\.start/);
  });

  it('are kept on their own when a key answers an operation of before', () => {
    const delivery = accept('a');
    assert.ok(delivery);
    deliveries.keep(delivery.id);
    restart();
    assert.equal(deliveries.left().length, 1);
  });

  it('go once they were sent on and nothing of them is under way', () => {
    const delivery = take('a');
    deliveries.sent(delivery.id);
    write();
    assert.deepEqual(deliveries.left(), []);
  });

  it('stay while a message of theirs is on its way or in a node', () => {
    const delivery = take('a');
    deliveries.hold(markOf(delivery), 'mail');
    deliveries.sent(delivery.id);
    write();
    restart();
    assert.deepEqual(nodesLeft(), ['a']);
  });

  it('go with the transaction that keeps the next one, where that is all that came of them', () => {
    const first = take('a');
    deliveries.hold(markOf(first), 'b');
    deliveries.sent(first.id);
    take('b', markOf(first));
    restart();
    assert.deepEqual(nodesLeft(), ['b']);
  });

  it('stay until the last of several nodes has taken what it was sent', () => {
    const first = take('a');
    for (const node of ['b', 'c']) deliveries.hold(markOf(first), node);
    deliveries.sent(first.id);
    take('b', markOf(first));
    restart();
    assert.deepEqual(nodesLeft(), ['a', 'b']);
  });

  it('are known again when they are sent again after a restart', () => {
    const first = take('a');
    for (const node of ['b', 'c']) deliveries.hold(markOf(first), node);
    deliveries.sent(first.id);
    const second = take('b', markOf(first));
    // The process dies before it has written that both are over; the second is on disk again, with the first.
    restart();
    deliveries.takeUp(first);
    deliveries.sent(first.id);
    assert.equal(accept('b', markOf(first)), undefined);
    assert.deepEqual(nodesLeft(), ['b']);
    assert.equal(second.parent, first.id);
  });

  it('are remembered when over for as long as what they came from may be sent again, and no longer', () => {
    const first = take('a');
    for (const node of ['b', 'mail']) deliveries.hold(markOf(first), node);
    deliveries.sent(first.id);
    const second = take('b', markOf(first));
    deliveries.sent(second.id);
    write();
    restart();
    assert.deepEqual(nodesLeft(), ['a']);
    deliveries.takeUp(first);
    assert.equal(accept('b', markOf(first)), undefined);
    deliveries.sent(first.id);
    deliveries.letGo(markOf(first), 'b arrives');
    write();
    assert.deepEqual(store.states.list('delivery-over'), []);
  });

  it('never meet: several messages that came from one are several', () => {
    const first = take('a');
    for (let i = 0; i < 4; i += 1) deliveries.hold(markOf(first), 'b');
    deliveries.sent(first.id);
    const asks = [ask('web'), ask('db'), ask('web'), ask('web', { parameters: { paused: true } })];
    const ids = asks.map((what) => take('b', markOf(first), what).id);
    assert.equal(new Set(ids).size, 4);
  });

  it('are the same after a restart in whatever order what asks different things comes', () => {
    const first = take('a');
    deliveries.hold(markOf(first), 'mail');
    deliveries.sent(first.id);
    for (const name of ['web', 'db']) take('b', markOf(first), ask(name));
    restart();
    deliveries.takeUp(first);
    for (const name of ['db', 'web']) assert.equal(accept('b', markOf(first), ask(name)), undefined);
    assert.ok(accept('b', markOf(first), ask('mail')), 'what was not taken before is taken now');
  });

  it('are new ones each time when what they came from is over, as in a loop or from a store of messages', () => {
    const first = take('a');
    deliveries.sent(first.id);
    write();
    const ids = [take('b', markOf(first)).id, take('b', markOf(first)).id];
    assert.equal(new Set(ids).size, 2);
  });

  it('go on with the node that is opened in the place of theirs, and not with one that has them in hand', () => {
    take('a');
    assert.deepEqual(deliveries.left(), []);
    deliveries.putDown('a');
    assert.deepEqual(nodesLeft(), ['a']);
  });

  it('are not held by what stood in nodes that a deploy stopped', () => {
    const delivery = take('a');
    deliveries.hold(markOf(delivery), 'delay');
    deliveries.sent(delivery.id);
    deliveries.stopped((node) => node === 'delay');
    write();
    restart();
    assert.deepEqual(deliveries.left(), []);
  });

  it('are given up with a word when no node takes them up for long', () => {
    const delivery = take('gone');
    mock.timers.enable({ apis: ['setInterval', 'Date'], now: Date.now() });
    begin();
    mock.timers.tick(23 * 3600 * 1000);
    assert.deepEqual([nodesLeft(), log], [['gone'], []]);
    mock.timers.tick(2 * 3600 * 1000);
    assert.deepEqual(deliveries.left(), []);
    assert.equal(log.length, 1);
    assert.match(log[0] ?? '', new RegExp(`run ${delivery.run} is given up: node gone, which did vm.start of web`));
  });
});

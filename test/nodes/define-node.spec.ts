import assert from 'node:assert/strict';
import { VirtflowError } from '../../lib/model/errors.ts';
import { Feed } from '../../lib/model/feed.ts';
import type { NodeDescription } from '../../nodes/forms/node-description.ts';
import { defineNode, type LiveNode } from '../../nodes/runtime/define-node.ts';
import type { NodeContext } from '../../nodes/runtime/node-context.ts';
import type { Message, NodeRed } from '../../nodes/runtime/red.ts';
import { House } from './house.ts';

const description = {
  type: 'virtflow-test',
  version: 1,
  category: 'virtflow',
  colour: '#fff',
  icon: 'x',
  inputs: 1,
  outputs: 1,
  label: 'test',
  summary: 'Test.',
  fields: [],
} as const satisfies NodeDescription;

const flow = [
  { id: 'tab', type: 'tab', label: 'test' },
  { id: 'node', type: 'virtflow-test', z: 'tab', name: '', wires: [['out']] },
  { id: 'out', type: 'helper', z: 'tab' },
  { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] },
  { id: 'completed', type: 'complete', z: 'tab', name: '', scope: ['node'], uncaught: false, wires: [['out']] },
];

describe('the wrapper of every node', () => {
  let house: House;
  const rejections: unknown[] = [];
  const note = (reason: unknown) => rejections.push(reason);

  before(() => process.on('unhandledRejection', note));
  after(() => process.off('unhandledRejection', note));

  async function open(opened: (node: NodeContext) => LiveNode | undefined): Promise<void> {
    const set = (RED: NodeRed) => defineNode(RED, { description, open: opened });
    house = await House.open([set], flow);
    house.collect('out');
  }

  afterEach(async () => {
    await house.close();
    assert.deepEqual(rejections.splice(0), []);
  });

  it('completes a message whose handler returns', async () => {
    await open(() => ({ input: () => undefined }));
    house.node('node').receive({ mine: 1 });
    assert.equal((await house.message()).mine, 1);
  });

  const thrown: readonly [name: string, thrown: unknown, code: string][] = [
    ['an error of the catalogue', new VirtflowError('TARGET_MISSING'), 'TARGET_MISSING'],
    ['an Error', new Error('odd'), 'INTERNAL'],
    ['a text', 'odd', 'INTERNAL'],
    ['nothing', undefined, 'INTERNAL'],
    ['an object that cannot be printed', Object.create(null), 'INTERNAL'],
  ];
  for (const [name, error, code] of thrown) {
    it(`tells Catch nodes when a handler throws ${name}`, async () => {
      await open(() => ({
        input: () => {
          throw error;
        },
      }));
      house.node('node').receive({});
      assert.equal(codeOf(await house.message()), code);
    });

    it(`tells Catch nodes when a handler rejects with ${name}`, async () => {
      await open(() => ({ input: () => Promise.reject(error) }));
      house.node('node').receive({});
      assert.equal(codeOf(await house.message()), code);
    });
  }

  it('reports an error even when the message cannot be copied', async () => {
    await open(() => ({ input: () => Promise.reject(new VirtflowError('TARGET_MISSING')) }));
    const hostile = {
      get trap(): never {
        throw new Error('looked at');
      },
    };
    house.node('node').receive(hostile);
    assert.equal(codeOf(await house.message()), 'TARGET_MISSING');
  });

  it('stays down when it cannot be opened, and says why for each message', async () => {
    await open(() => {
      throw new VirtflowError('RULE_INVALID', { reason: 'none' });
    });
    house.node('node').receive({});
    const { error } = await house.message();
    assert.equal(codeOf({ error }), 'RULE_INVALID');
  });

  it('takes subscriptions off and aborts its signal when it closes', async () => {
    const feed = new Feed<number>();
    let signal: AbortSignal | undefined;
    await open((node) => {
      signal = node.signal;
      node.listen(feed, () => assert.fail('heard after it was closed'));
      return {};
    });
    assert.equal(feed.listeners, 1);
    await house.close();
    feed.publish(1);
    assert.deepEqual([feed.listeners, signal?.aborted], [0, true]);
    await open(() => ({}));
  });

  it('fails the node, not the feed, when a listener throws', async () => {
    const feed = new Feed<number>();
    await open((node) => {
      node.listen(feed, () => {
        throw new VirtflowError('RULE_INVALID', { reason: 'odd' });
      });
      return {};
    });
    const status = house.status('node', ({ fill }) => fill === 'red');
    feed.publish(1);
    assert.equal((await status).text, 'RULE_INVALID');
    assert.equal(codeOf(await house.message()), 'RULE_INVALID');
  });

  it('closes even when closing fails', async () => {
    await open(() => ({ close: () => Promise.reject(new Error('odd')) }));
  });

  it('keeps a status shorter than 20 characters', async () => {
    await open((node) => ({ input: () => node.status({ text: 'a text that is far too long to be shown' }) }));
    const status = house.status('node', () => true);
    house.node('node').receive({});
    assert.equal((await status).text, 'a text that is far…');
  });
});

function codeOf({ error }: Message): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
}

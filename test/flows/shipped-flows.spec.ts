import assert from 'node:assert/strict';
import { newPlace, RunningVirtflow, VirtflowProcess } from '../server/virtflow-process.ts';
import { redeploy } from './deployment.ts';
import { type FlowNode, flowNames, readFlow } from './flow-file.ts';

for (const name of flowNames()) {
  describe(`flows/${name}.json`, () => {
    const nodes = readFlow(name);
    const [tab] = nodes.filter(({ type }) => type === 'tab');
    const onCanvas = nodes.filter(({ z }) => z !== undefined);

    it('is one tab that says what it is for', () => {
      assert.equal(nodes.filter(({ type }) => type === 'tab').length, 1);
      assert.ok(tab?.info);
      assert.ok(onCanvas.every(({ z }) => z === tab?.id));
    });

    it('begins with a comment that explains it', () => {
      const [first] = onCanvas;
      assert.equal(first?.type, 'comment');
      assert.ok(String(first?.info).length > 100);
    });

    it('has every wire and every configuration node that it names', () => {
      const ids = new Set(nodes.map(({ id }) => id));
      const named = onCanvas.flatMap((node) => [...wiresOf(node), ...configurationsOf(node)]);
      assert.deepEqual(
        named.filter((id) => !ids.has(id)),
        [],
      );
    });

    it('tells somebody of what goes wrong', () => assert.ok(onCanvas.some(({ type }) => type === 'catch')));

    it('stands in order: nothing on top of something else', () => {
      const places = onCanvas.map(({ x, y }) => `${x},${y}`);
      assert.equal(new Set(places).size, places.length);
    });

    it('leaves room beneath every node for its status', () => {
      const nodesWithStatus = onCanvas.filter(({ type }) => type !== 'comment');
      const covered = nodesWithStatus.filter((node) => nodesWithStatus.some((other) => covers(other, node)));
      assert.deepEqual(
        covered.map(({ name }) => name),
        [],
      );
    });
  });
}

describe('the shipped flows', function () {
  this.timeout(60_000);
  const place = newPlace();

  after(async () => {
    await VirtflowProcess.endAll();
    place.remove();
  });

  it('are found by a newcomer, four on the canvas and all among the examples to import, and start without a complaint when all are enabled', async () => {
    const virtflow = await RunningVirtflow.start(place.directory);
    const password = await virtflow.process.says(/password {2}(\S+)/);
    const token = (await virtflow.logIn(password)) ?? '';
    const labels: unknown[] = [];
    const enable = (node: FlowNode) => {
      if (node.type !== 'tab') return node;
      labels.push(node.label);
      return { ...node, disabled: false };
    };
    await redeploy(virtflow, token, enable, flowNames().flatMap(readFlow));
    assert.deepEqual(labels.slice(0, 4), ['Welcome', 'First light', 'Office hours', 'Rolling restart']);
    assert.equal(labels.length, flowNames().length);
    const offered = (await virtflow.get('library/examples/flows/@virtflow/node-red', token)) as { fn: string }[];
    assert.deepEqual(offered.map(({ fn }) => fn).sort(), flowNames().sort());
    const { code, output } = await virtflow.process.end();
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /\[error\]|Unknown|missing/i);
  });
});

/** A status stands in the 20 pixels beneath its node, which is 30 high. */
function covers(lower: FlowNode, upper: FlowNode): boolean {
  const down = Number(lower.y) - Number(upper.y);
  return down > 0 && down < 60 && Math.abs(Number(lower.x) - Number(upper.x)) < 100;
}

function wiresOf({ wires }: FlowNode): string[] {
  return Array.isArray(wires) ? wires.flat().map(String) : [];
}

function configurationsOf({ connection, server, broker }: FlowNode): string[] {
  return [connection, server, broker].filter((id) => typeof id === 'string' && id !== '').map(String);
}

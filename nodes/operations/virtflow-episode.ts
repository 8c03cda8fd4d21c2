import { VirtflowError } from '../../lib/model/errors.ts';
import { Episodes, type Turn } from '../../lib/runs/episodes.ts';
import { markProperty } from '../../lib/runs/mark.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { Message, NodeRed, Send } from '../runtime/red.ts';

const condition = { kind: 'typed', types: ['jsonata'], default: 'false' } as const;

const fields = [
  {
    kind: 'typed',
    name: 'key',
    label: 'Of',
    description: 'What it is about: each value has episodes of its own.',
    icon: 'fa-key',
    types: ['msg', 'str', 'jsonata'],
    default: 'topic',
  },
  {
    ...condition,
    name: 'begins',
    label: 'Begins when',
    description: 'True of a message that begins it.',
    icon: 'fa-play',
  },
  { ...condition, name: 'ends', label: 'Ends when', description: 'True of a message that ends it.', icon: 'fa-stop' },
] as const satisfies readonly Field[];

export const episodeDescription = {
  type: 'virtflow-episode',
  version: 1,
  category: 'virtflow',
  colour: colours.generic,
  icon: 'font-awesome/fa-hourglass-half',
  inputs: 1,
  outputs: 2,
  label: 'episode',
  summary:
    'Sends the message that begins something and the one that ends it, each once, also over restarts. Both belong to one run, so that at its end undo takes back what was done at its begin.',
  inputLabel: 'message',
  outputLabels: ['begins', 'ends'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

type EpisodeNode = NodeContext<typeof fields>;

export function registerEpisode(RED: NodeRed): void {
  defineNode(RED, { description: episodeDescription, open });
}

const longestKey = 200;

function open(node: EpisodeNode): LiveNode {
  const { operations, store } = node.platform;
  const hasArrived = (run: string, since: number) => operations.history({ run, since, limit: 1 }).length > 0;
  const episodes = new Episodes(store.states, node.id, hasArrived);
  show(node, episodes);
  // Conditions are looked at in the order of the messages, however long one takes.
  let last: Promise<unknown> = Promise.resolve();
  return {
    input(message, send) {
      const mine = last.then(() => take(node, episodes, message, send));
      last = mine.catch(() => {});
      return mine;
    },
    close: (removed) => {
      if (removed) episodes.forget();
    },
  };
}

async function take(node: EpisodeNode, episodes: Episodes, message: Message, send: Send): Promise<void> {
  const turn = await turnOf(node, message);
  if (turn === undefined || node.signal.aborted) return;
  const key = await keyOf(node, message);
  const episode = episodes.turn(key, turn, Date.now());
  show(node, episodes);
  if (!episode) return;
  const { run, begunAt, endedAt = null } = episode;
  const told = { ...message, episode: { key, begunAt, endedAt }, [markProperty]: { run } };
  send(turn === 'begins' ? [told, null] : [null, told]);
}

async function turnOf(node: EpisodeNode, message: Message): Promise<Turn | undefined> {
  const { begins, ends } = node.config;
  if ((await node.evaluate(begins, 'jsonata', message)) === true) return 'begins';
  return (await node.evaluate(ends, 'jsonata', message)) === true ? 'ends' : undefined;
}

async function keyOf(node: EpisodeNode, message: Message): Promise<string> {
  const type = typeof node.raw.keyType === 'string' ? node.raw.keyType : 'msg';
  const key = await node.evaluate(node.config.key, type, message);
  if ((typeof key === 'string' && key !== '' && key.length <= longestKey) || typeof key === 'number')
    return String(key);
  throw new VirtflowError('MESSAGE_INVALID', { reason: 'it does not tell what the episode is about' });
}

function show(node: EpisodeNode, episodes: Episodes): void {
  const count = episodes.open;
  const text = count === 0 ? node.words('status.calm') : node.words('status.open', { count });
  node.status({ fill: count === 0 ? 'grey' : 'yellow', shape: count === 0 ? 'ring' : 'dot', text });
}

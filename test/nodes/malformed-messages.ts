import { allActions } from '../../lib/actions/registry.ts';
import { seeded } from '../seeded.ts';

/** What our nodes look at, and what they do not. */
const properties = [
  'target',
  'parameters',
  'payload',
  'action',
  'steps',
  'retry',
  'operation',
  'plan',
  'weight',
  'timeoutSeconds',
  'idempotencyKey',
  'cancel',
  'schedule',
  'topic',
  'selector',
  'measurement',
  'fields',
  'tags',
  'at',
  'slot',
  'connection',
  'kind',
  'id',
  'parts',
  'error',
  'length',
  'toString',
  'then',
];

const texts = [
  '',
  ' ',
  'web-01',
  'lab/web-01',
  'lab/vm/nothing',
  '/',
  '//',
  '__proto__',
  'constructor',
  "power = 'running'",
  'power =',
  '$f := function($n) { $f($n) }; $f(1)',
  '<img src=x onerror=alert(1)>',
  '\u0000\uffff\ud800',
  'ä'.repeat(5_000),
  '1e309',
  '-1',
  'vm',
  'vm.fly',
  ...allActions.map(({ id }) => id),
];

const numbers = [0, -0, 1, -1, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 53, 5e-324, 86_401];

class Odd {
  get value(): never {
    throw new Error('looked at');
  }
  toJSON(): never {
    throw new Error('printed');
  }
}

/** Messages of every shape, the same for the same seed. */
export function malformedMessages(seed: number): () => Record<string, unknown> {
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const oneOf = <T>(all: readonly T[]): T => all[below(all.length)] as T;
  let count = 0;

  const leaves: readonly (() => unknown)[] = [
    () => oneOf(texts),
    () => oneOf(numbers),
    () => undefined,
    () => null,
    () => true,
    () => false,
    () => 10n,
    () => Symbol('odd'),
    () => () => 'called',
    () => new Date(Number.NaN),
    () => Buffer.from('odd'),
    () => new Map([[{}, []]]),
    () => new Error('odd'),
    () => new Odd(),
    () => Object.create(null),
    () => Promise.resolve(),
    () => /odd/g,
    () => new Float64Array(3),
    () => ({ selector: oneOf(texts) }),
    () => ({ connection: 'lab', kind: 'vm', id: oneOf(texts) }),
    () => ({ connection: 'lab', kind: oneOf(texts), id: 7 }),
    () => circular(),
  ];

  function circular(): object {
    const list: unknown[] = [];
    list.push(list, { list });
    return list;
  }

  function value(depth: number): unknown {
    const kind = depth > 3 ? 9 : below(10);
    if (kind === 0) return Array.from({ length: below(5) }, () => value(depth + 1));
    if (kind === 1) return record(depth + 1);
    return oneOf(leaves)();
  }

  function record(depth: number): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    for (let left = below(5); left > 0; left -= 1) made[oneOf(properties)] = value(depth);
    return made;
  }

  /** What our nodes look at is there more often than not, or hardly anything would come past the first check. */
  function likely(): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    for (const name of properties.slice(0, 7)) if (below(2) === 0) made[name] = value(1);
    return made;
  }

  return () => {
    count += 1;
    const message = { ...likely(), ...record(0), _msgid: `m${count}` };
    // Now and then one that throws when it is copied, or that cannot be added to.
    if (below(200) === 0) Object.defineProperty(message, 'trap', { enumerable: true, get: () => new Odd().value });
    return below(200) === 0 ? Object.freeze(message) : message;
  };
}

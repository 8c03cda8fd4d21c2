import { Books, type Keeper } from '../../lib/governor/books.ts';
import type { Around, Ask, Member, Step } from '../../lib/governor/rule-book.ts';
import { parseRules, type Rules } from '../../lib/governor/rules.ts';
import type { Use } from '../../lib/governor/use.ts';

export const noKeeper: Keeper = { breaker: () => {}, storm: () => {} };
export const nowhere: Around = { members: () => [] };

export function rulesOf(...rules: readonly Record<string, unknown>[]): Rules {
  return parseRules({ version: 1, rules });
}

export function booksOf(...rules: readonly Record<string, unknown>[]): Books {
  return new Books(rulesOf(...rules), noKeeper);
}

let count = 0;

export function aUse(about: Partial<Use> = {}): Use {
  count += 1;
  const operation = `operation-${count}`;
  return {
    operation,
    submission: operation,
    action: { id: 'vm.delete', danger: 'destructive' },
    connection: 'lab',
    object: `lab/vm/${count}`,
    host: 'lab/host/one',
    pool: null,
    flow: 'flow-1',
    principal: 'flow',
    undoes: false,
    selectors: new Set(),
    ...about,
  };
}

export function ask(use: Use, now: number, about: Partial<Ask> = {}): Ask {
  return { use, now, moment: 'turn', around: nowhere, ...about };
}

export function step(type: Step['type'], use: Use, at: number, about: Partial<Step> = {}): Step {
  return { type, use, at, ...(type === 'ended' ? { began: true, failed: false } : {}), ...about };
}

export function aMember(id: string, running: boolean, host = 'lab/host/one'): Member {
  return { object: `lab/vm/${id}`, connection: 'lab', host, pool: null, running };
}

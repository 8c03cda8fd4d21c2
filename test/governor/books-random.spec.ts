import assert from 'node:assert/strict';
import { Books } from '../../lib/governor/books.ts';
import type { Breaker } from '../../lib/governor/breaker.ts';
import type { Step } from '../../lib/governor/rule-book.ts';
import type { Use } from '../../lib/governor/use.ts';
import { seeded } from '../seeded.ts';
import { aMember, ask, aUse, rulesOf, step } from './uses.ts';

const rules = rulesOf(
  { id: 'all', type: 'budget', actions: ['*'], limit: 7, window: '20s' },
  { id: 'each-host', type: 'budget', actions: ['vm.*'], limit: 3, window: '15s', per: 'host', onExceed: 'wait' },
  { id: 'third', type: 'budget', actions: ['*'], percent: 30, window: '10s', per: 'host' },
  { id: 'up', type: 'share', actions: ['*'], percent: 40, per: 'host' },
  { id: 'rest', type: 'coolDown', actions: ['*'], for: '8s' },
  { id: 'sick', type: 'breaker', actions: ['*'], failures: 4, window: '30s', openFor: '5s', per: 'flow' },
);
const vms = 20;
const hostOf = (vm: number) => `lab/host/${vm % 2}`;

/** A governed house in which things happen at random, and its books may be lost at any moment. */
class RandomHouse {
  readonly random: () => number;
  readonly running = new Set(Array.from({ length: vms }, (_, vm) => vm));
  readonly steps: Step[] = [];
  readonly lined: Use[] = [];
  readonly flight: Use[] = [];
  readonly kept = new Map<string, { scope: string; rule: string; breaker: Breaker; at: number }>();
  books = this.#books();
  now = 0;
  refusals = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  #books(): Books {
    const breaker = (rule: string, scope: string, one: Breaker, at: number) =>
      this.kept.set(`${rule}/${scope}`, { rule, scope, breaker: one, at });
    return new Books(rules, { breaker, storm: () => {} });
  }

  get around() {
    const all = Array.from({ length: vms }, (_, vm) => aMember(String(vm), this.running.has(vm), hostOf(vm)));
    return { members: () => all };
  }

  pick(most: number): number {
    return Math.floor(this.random() * most);
  }

  note(one: Step): void {
    this.steps.push(one);
    this.books.note(one);
  }

  /** Books that know only what is on disk. */
  restarted(): Books {
    const kept = [...this.kept.values()];
    const books = this.#books();
    for (const { rule, scope, breaker, at } of kept) books.restoreBreaker(rule, scope, breaker, at);
    for (const one of this.steps) if (one.at > this.now - books.reachMs - 60_000) books.note(one);
    return books;
  }

  happen(): void {
    this.now += 1 + this.pick(600);
    const what = this.random();
    if (what < 0.4) this.submit();
    else if (what < 0.75) this.turn();
    else this.end();
  }

  submit(): void {
    const vm = this.pick(vms);
    const use = aUse({ object: `lab/vm/${vm}`, host: hostOf(vm), flow: `flow-${this.pick(2)}` });
    if (this.books.judge(ask(use, this.now, { moment: 'asked', around: this.around }))) this.refusals += 1;
    else {
      this.lined.push(use);
      this.note(step('lined-up', use, this.now));
    }
  }

  turn(): void {
    const [use] = this.lined.splice(this.pick(this.lined.length), 1);
    if (!use) return;
    if (this.flight.some(({ object }) => object === use.object)) this.lined.push(use);
    else if (this.books.judge(ask(use, this.now, { around: this.around }))) {
      this.refusals += 1;
      this.note(step('ended', use, this.now, { began: false, failed: true }));
    } else {
      this.flight.push(use);
      this.note(step('let', use, this.now));
    }
  }

  end(): void {
    const [use] = this.flight.splice(this.pick(this.flight.length), 1);
    if (!use) return;
    const vm = Number(use.object?.split('/').at(-1));
    if (this.random() < 0.3) this.running.delete(vm);
    else this.running.add(vm);
    this.note(step('ended', use, this.now, { failed: this.random() < 0.4 }));
  }

  /** What was really let through within a window. */
  let(windowMs: number, of: (use: Use) => boolean): number {
    return this.steps.filter(({ type, use, at }) => type === 'let' && at > this.now - windowMs && of(use)).length;
  }
}

describe('the books of the governor, at random', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    it(`keep every limit over any interleaving and any restart (seed ${seed})`, () => {
      const house = new RandomHouse(seed);
      for (let round = 0; round < 600; round += 1) {
        house.happen();
        if (house.random() < 0.05) house.books = house.restarted();
        assert.ok(house.let(20_000, () => true) <= 7, 'all');
        for (const host of ['lab/host/0', 'lab/host/1']) {
          assert.ok(house.let(15_000, (use) => use.host === host) <= 3, 'each host');
          assert.ok(house.let(10_000, (use) => use.host === host) <= 3, 'a third of ten');
          const worked = new Set(house.flight.map(({ object }) => object));
          const members = house.around.members().filter((one) => one.host === host);
          const away = members.filter(({ running, object }) => !running || worked.has(object)).length;
          assert.ok(away <= 4, `${away} of ten are away`);
        }
      }
      assert.ok(house.refusals > 50 && house.steps.some(({ type }) => type === 'let'));
    });

    it(`say the same after a restart at any moment (seed ${seed})`, () => {
      const house = new RandomHouse(seed);
      for (let round = 0; round < 300; round += 1) {
        house.happen();
        const restarted = house.restarted();
        const { now, around } = house;
        assert.deepEqual(plain(restarted, now, around), plain(house.books, now, around));
        const use = aUse({ object: `lab/vm/${round % vms}`, host: hostOf(round % vms), flow: 'flow-0' });
        const one = ask(use, now, { moment: round % 2 === 0 ? 'asked' : 'turn', around });
        assert.deepEqual(restarted.judge(one), house.books.judge(one));
      }
    });
  }
});

function plain(books: Books, now: number, around: RandomHouse['around']) {
  return books.usage(now, around).map(({ rule, usage }) => ({
    rule: rule.id,
    usage: usage.toSorted((a, b) => (a.scope < b.scope ? -1 : 1)),
  }));
}

import assert from 'node:assert/strict';
import { render } from '../../lib/alerts/render.ts';
import { seeded } from '../seeded.ts';
import { hosts, isExplained, PureHouse, vms } from './pure-house.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const seeds = Array.from({ length: 40 }, (_, index) => index + 1);
const contact = (name: string) => ({ name, type: 'any', settings: {} });
const contacts = [contact('ops'), contact('boss')];
const escalation = [{ after: '10m', contacts: ['boss'] }];
const settings = (more: object = {}, route: object = {}) => ({
  contacts,
  routes: [{ name: 'all', contacts: ['ops'], escalation, ...route }],
  storm: { most: 10_000 },
  flapping: { count: 100 },
  ...more,
});

/** A house in which at random alerts begin and end, hosts die and come back, people silence and acknowledge. */
function live(seed: number, of: object, steps = 60): PureHouse {
  const random = seeded(seed);
  const one = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const house = new PureHouse(of);
  for (let index = 0; index < steps; index += 1) {
    const dice = random();
    if (dice < 0.35) house.tell('firing', one(vms));
    else if (dice < 0.6) house.tell(one(['ok', 'ok', 'gone', 'no-data']), one(vms));
    else if (dice < 0.7) house.tell(one(['firing', 'ok']), one(hosts));
    else if (dice < 0.75) house.silence(one(vms), one([5, 20, 60]) * minute);
    else if (dice < 0.85 && house.ongoing.length > 0)
      house.do({ type: 'acknowledge', alert: one(house.ongoing).id, by: 'anna', comment: '' });
    house.pass(one([10 * second, minute, 7 * minute]));
  }
  return house;
}

/** What a contact was told of an alert, in order. */
function storyOf(house: PureHouse, id: string, to: string): readonly ('on' | 'over')[] {
  return house.told.flatMap(({ notification: { contact: who, firing, ended } }) => {
    if (who !== to) return [];
    const isOver = ended.some((note) => note.id === id);
    return [...(firing.some((note) => note.id === id) ? ['on' as const] : []), ...(isOver ? ['over' as const] : [])];
  });
}

const eachStory = (house: PureHouse, look: (story: readonly ('on' | 'over')[], id: string, to: string) => void) => {
  for (const id of house.alerts.keys()) for (const { name } of contacts) look(storyOf(house, id, name), id, name);
};

describe('the step that decides who is told what', function () {
  this.timeout(120_000);

  it('tells no end of what it did not tell the beginning of, and each end once', () => {
    for (const seed of seeds) {
      eachStory(live(seed, settings()), (story, id, to) => {
        for (const [index, what] of story.entries())
          if (what === 'over') assert.equal(story[index - 1], 'on', `seed ${seed}: ${to} was told an end of ${id}`);
      });
    }
  });

  it('tells the end of all that it told, once nothing keeps it from it', () => {
    for (const seed of seeds) {
      const house = live(seed, settings());
      for (const name of [...hosts, ...vms]) house.tell('ok', name);
      house.pass(2 * hour);
      eachStory(house, (story, id, to) => {
        if (story.length > 0) assert.equal(story.at(-1), 'over', `seed ${seed}: ${to} waits for the end of ${id}`);
      });
      assert.equal(house.groups.size, 0, `seed ${seed}: groups are left`);
    }
  });

  it('makes no event and no message of settings that are saved', () => {
    for (const seed of seeds) {
      const house = live(seed, settings({}, { repeat: '7d' }));
      house.silences = [];
      for (const { id } of house.ongoing) house.do({ type: 'acknowledge', alert: id, by: 'anna', comment: '' });
      house.pass(hour);
      const before = [house.told.length, house.events.length];
      const renamed = { name: 'everything', repeat: '7d', groupBy: ['rule'], contacts: ['ops', 'boss'] };
      house.configure({ ...settings({ contacts: [...contacts, contact('new')] }), routes: [renamed] });
      house.pass(hour);
      assert.deepEqual([house.told.length, house.events.length], before, `seed ${seed}`);
    }
  });

  it('renders every one of those that it tells together', () => {
    for (const seed of seeds) {
      for (const { notification } of live(seed, settings({}, { groupBy: [] })).told) {
        const { text } = render(notification, contact('ops'), null);
        for (const { says, state } of [...notification.firing, ...notification.ended, ...notification.content])
          assert.ok(text.includes(state === 'gone' ? 'the object vanished' : says), `seed ${seed}: ${says}\n${text}`);
        const lines = text.match(/^(critical|warning|info): /gm) ?? [];
        assert.equal(lines.length, notification.firing.length, `seed ${seed}`);
      }
    }
  });

  it('neither escalates nor repeats what somebody has acknowledged', () => {
    for (const seed of seeds) {
      for (const { notification, before } of live(seed, settings({}, { repeat: '30m' })).told) {
        const { kind, firing } = notification;
        const fresh = firing.filter(({ id }) => !before.get(id)?.acknowledged);
        if (kind === 'repeat') assert.equal(fresh.length, firing.length, `seed ${seed}: ${kind}`);
        if (kind === 'escalation') assert.ok(fresh.length > 0, `seed ${seed}: ${kind}`);
      }
    }
  });

  it('tells nothing apart of what an outage explains, and nothing of what is silenced', () => {
    for (const seed of seeds) {
      for (const one of live(seed, settings()).told) {
        const { firing, at } = one.notification;
        for (const { id } of firing) {
          assert.ok(!isExplained(one, id), `seed ${seed}: ${id} is a part of an incident`);
          const silenced = one.before.get(id)?.silenced;
          assert.ok(!silenced || silenced.until <= at, `seed ${seed}: ${id} is silenced`);
        }
      }
    }
  });

  it('sends a contact no more than the storm cap within its time, and one word of it', () => {
    for (const seed of seeds) {
      const house = live(seed, settings({ storm: { most: 3, per: '30m' } }, { groupBy: ['object'] }));
      for (const { name } of contacts) {
        const sent = house.told.map(({ notification }) => notification).filter((one) => one.contact === name);
        for (const { at } of sent) {
          const within = sent.filter((one) => one.at > at - 30 * minute && one.at <= at);
          const plain = within.filter(({ kind }) => kind !== 'storm');
          assert.ok(plain.length <= 3, `seed ${seed}: ${plain.length} messages to ${name}`);
        }
      }
    }
  });

  it('tells of what flaps once, and of its end once it has been quiet', () => {
    for (const seed of seeds) {
      const random = seeded(seed);
      const house = new PureHouse(settings({ flapping: { count: 3, within: '1h', quiet: '15m' } }, { escalation: [] }));
      for (let index = 0; index < 60; index += 1) {
        house.tell(index % 2 === 0 ? 'firing' : 'ok', 'a');
        house.pass((1 + Math.floor(random() * 5)) * minute);
      }
      const during = house.told.length;
      // Three beginnings and two ends until it counts as flapping; after that only what repeats after 4 hours.
      assert.ok(during <= 7, `seed ${seed}: ${during} messages`);
      house.pass(2 * hour);
      const [story] = [...house.alerts.keys()].map((id) => storyOf(house, id, 'ops'));
      assert.equal(story?.at(-1), 'over', `seed ${seed}`);
    }
  });

  it('forgets a rule that was taken away without a word', () => {
    for (const seed of seeds) {
      const house = live(seed, settings());
      house.silences = [];
      const before = house.told.length;
      house.do({ type: 'withdraw', rule: 'cpu' });
      house.pass(2 * hour);
      const later = house.told.slice(before).flatMap(({ notification: { firing } }) => firing);
      assert.ok(
        later.every(({ rule }) => rule !== 'cpu'),
        `seed ${seed}`,
      );
      assert.ok(
        house.ongoing.every(({ rule }) => rule !== 'cpu'),
        `seed ${seed}`,
      );
    }
  });
});

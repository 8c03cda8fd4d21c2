import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultRules } from '../../lib/governor/defaults.ts';
import type { Log } from '../../lib/model/log.ts';
import { closeHouses } from '../operations/house.ts';
import { GovernedHouse } from './house.ts';

const budget = { id: 'resets', type: 'budget', actions: ['vm.reset'], limit: 1, window: '1h' };
const open: GovernedHouse[] = [];

describe('the file of rules', () => {
  afterEach(async () => {
    for (const { governor } of open.splice(0)) governor.stop();
    await closeHouses();
  });

  function aFiledHouse(log?: Log) {
    const governed = new GovernedHouse(log ? { log } : {});
    open.push(governed);
    const path = join(governed.house.directory, 'governor.json');
    const write = (...rules: object[]) => writeFileSync(path, JSON.stringify({ version: 1, rules }));
    const changes = (one = governed) => one.audited().filter(({ what }) => what === 'governor.rules-changed');
    return { governed, path, write, changes };
  }

  it('is not needed: then the defaults are in force', () => {
    const { governed, changes } = aFiledHouse();
    assert.deepEqual(governed.governor.rules(), defaultRules);
    assert.deepEqual(changes(), []);
  });

  it('counts as soon as it is written, over what was done before it, and its change is audited', async () => {
    const { governed, write, path, changes } = aFiledHouse();
    const { house } = governed;
    const [one, two] = governed.vms(3);
    await house.run('vm.reset', one);
    write(budget);
    await assert.rejects(house.submit('vm.reset', two), { code: 'GOVERNOR_BUDGET' });
    const [change] = changes();
    assert.equal(change?.who, path);
    assert.deepEqual(change.about, { before: defaultRules.rules, after: [budget] });
    rmSync(path);
    assert.equal((await house.run('vm.reset', two)).state, 'succeeded');
    assert.equal(changes().length, 2);
  });

  it('that is broken leaves the last good rules in force, also over a restart, and says so', async () => {
    const logged: string[] = [];
    const error = (text: string) => void logged.push(text);
    const { governed, write, path } = aFiledHouse({ error, warn: () => {}, info: () => {}, debug: () => {} });
    write(budget);
    governed.governor.rules();
    writeFileSync(path, '{ "version": 1, "rules": [');
    assert.deepEqual(governed.governor.rules().rules, [budget]);
    assert.match(String((await governed.governor.usage()).problem?.message), /governor\.json/);
    assert.match(logged.join('\n'), /governor\.json cannot be used/);
    write({ ...budget, limit: 'many' });
    assert.match(String((await governed.governor.usage()).problem?.message), /rule "resets": "limit"/);
    const next = governed.crash();
    open.push(next);
    assert.deepEqual(next.governor.rules().rules, [budget]);
    write();
    assert.deepEqual(next.governor.rules().rules, []);
    assert.equal((await next.governor.usage()).problem, null);
  });

  it('that was changed while virtflow did not run is audited at the next start', () => {
    const { governed, write, changes } = aFiledHouse();
    const next = (() => {
      write(budget);
      return governed.crash();
    })();
    open.push(next);
    assert.equal(changes(next).length, 1);
  });

  it('is written by whoever sets rules, whose name is audited; what cannot be read changes nothing', () => {
    const { governed, path, changes } = aFiledHouse();
    governed.governor.setRules('alice', { version: 1, rules: [budget] });
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), { version: 1, rules: [budget] });
    assert.throws(() => governed.governor.setRules('alice', { version: 1, rules: [{}] }), {
      code: 'GOVERNOR_RULES_INVALID',
    });
    assert.deepEqual(governed.governor.rules().rules, [budget]);
    assert.deepEqual(
      changes().map(({ who }) => who),
      ['alice'],
    );
  });
});

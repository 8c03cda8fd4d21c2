import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';
import { governorCommand } from '../../server/governor-command.ts';
import { parseInvocation } from '../../server/options.ts';
import { PlatformOnSimulator } from '../platform-on-simulator.ts';

describe('virtflow governor', () => {
  let house: PlatformOnSimulator;
  beforeEach(async () => {
    house = await PlatformOnSimulator.start('hosts=1&vms=6');
  });
  afterEach(async () => {
    mock.restoreAll();
    await house.stop();
  });

  /** Says it beside the platform that runs, and answers what was printed. */
  async function say(...args: string[]): Promise<string> {
    const invocation = parseInvocation(['governor', ...args]);
    if (!('options' in invocation)) throw new Error('it is no command');
    const lines: string[] = [];
    const log = mock.method(console, 'log', (line: string) => lines.push(line));
    const { access, json } = invocation.options;
    await governorCommand(house.platform.dataDirectory, access, json).finally(() => log.mock.restore());
    return lines.join('\n');
  }

  const running = () =>
    house.platform.inventory.list({ kind: 'vm' }).find(({ power }) => power === 'running')?.name ?? '';

  it('shows the rules, and what is used of them by the virtflow that runs', async () => {
    assert.match(await say('show'), /on {2}deletes +at most 5 destructive within 10 minutes\n/);
    assert.match(await say('show'), /off read-only +nothing may be changed\n/);
    await house.run('vm.force-off', running());
    assert.match(await say('usage'), /force-offs: .*\n {2}#\.{19} 1 of 50$/m);
    assert.equal(JSON.parse(await say('usage', '--json')).killed, null);
  });

  it('stops everything and releases it, with who and why', async () => {
    await say('kill', '--reason', 'fire drill');
    const error = { code: 'GOVERNOR_STOPPED', message: /\(command line\) stopped everything at .* \(fire drill\)/ };
    await assert.rejects(house.run('vm.pause', running()), error);
    assert.match(await say('usage'), /^STOPPED by .*: fire drill/);
    assert.match(await say('release'), /^Released what .* had stopped \(fire drill\)\.$/);
    assert.equal((await house.run('vm.pause', running())).state, 'succeeded');
    assert.equal(await say('release'), 'It was not stopped.');
  });

  it('checks a file before it is put into force', async () => {
    const file = join(house.platform.dataDirectory, 'new-rules.json');
    writeFileSync(file, await say('show', '--json'));
    assert.match(await say('check', file), /can be used: 7 rules/);
    writeFileSync(file, '{"version":1,"rules":[{"id":"a","type":"budget"}]}');
    await assert.rejects(say('check', file), { code: 'GOVERNOR_RULES_INVALID' });
    await assert.rejects(say('check', '/nowhere'), { code: 'GOVERNOR_RULES_INVALID' });
  });

  it('refuses what it does not understand', async () => {
    await assert.rejects(say('kill'), { code: 'OPTION_INVALID' });
    await assert.rejects(say('show', '--reason', 'x'), { code: 'OPTION_INVALID' });
    await assert.rejects(say('halt'), { code: 'OPTION_INVALID' });
  });
});

import type { Access } from '../lib/access/access.ts';
import { ActionRegistry } from '../lib/actions/registry.ts';
import { describeRule } from '../lib/governor/describe.ts';
import { Governor } from '../lib/governor/governor.ts';
import { readRules } from '../lib/governor/rule-set.ts';
import type { Rule } from '../lib/governor/rules.ts';
import { timeText } from '../lib/governor/sentences.ts';
import type { GovernorState } from '../lib/governor/standing.ts';
import { Inventory } from '../lib/inventory/inventory.ts';
import type { Store } from '../lib/store/store.ts';
import { whoTypes, withAccess } from './access/with-access.ts';
import { type AccessWords, invalid, type Subcommand, subcommand, wordsAs } from './access/words.ts';

interface Asked {
  readonly governor: Governor;
  readonly words: readonly string[];
  readonly options: AccessWords;
  readonly json: boolean;
}

const commands: Readonly<Record<string, Subcommand<(asked: Asked) => Promise<void> | void>>> = {
  show: { run: show, takes: [] },
  usage: { run: usage, takes: [] },
  check: { run: check, takes: [] },
  kill: { run: kill, takes: ['reason', 'cancel-running'] },
  release: { run: release, takes: [] },
};

const log = { error: console.error, warn: () => undefined, info: () => undefined, debug: () => undefined };
const barWidth = 20;

/** `virtflow governor show|usage|check|kill|release`; beside a running virtflow as well, which follows at once. */
export async function governorCommand(dataDirectory: string, options: AccessWords, json: boolean): Promise<void> {
  const { run, words } = subcommand(commands, options);
  await withAccess(dataDirectory, async (access, store) => {
    const governor = governorOf(dataDirectory, access, store);
    try {
      await run({ governor, words, options, json });
    } finally {
      governor.stop();
    }
  });
}

/** One that reads what was counted; the operations are another process's matter. */
function governorOf(dataDirectory: string, { audit, journal }: Access, { states }: Store): Governor {
  const parts = {
    dataDirectory,
    journal,
    states,
    audit,
    actions: new ActionRegistry(),
    inventory: new Inventory(),
    log,
  };
  const governor = new Governor(parts);
  governor.look();
  return governor;
}

function show({ governor, words, json }: Asked): void {
  wordsAs(words);
  const rules = governor.rules();
  if (json) console.log(JSON.stringify(rules, null, 2));
  else for (const rule of rules.rules) console.log(ruleLine(rule));
}

function ruleLine(rule: Rule): string {
  return `${rule.enabled === false ? 'off' : 'on '} ${rule.id.padEnd(18)} ${describeRule(rule)}`;
}

async function usage({ governor, words, json }: Asked): Promise<void> {
  wordsAs(words);
  const state = await governor.usage();
  if (json) console.log(JSON.stringify(state, null, 2));
  else for (const line of linesOf(state)) console.log(line);
}

function check({ words }: Asked): void {
  const [path = ''] = wordsAs(words, 'file');
  const { rules } = readRules(path);
  console.log(`${path} can be used: ${rules.length} rules.`);
}

function kill({ governor, words, options }: Asked): void {
  wordsAs(words);
  const { reason, 'cancel-running': cancelRunning = false } = options;
  if (reason === undefined) throw invalid('--reason', 'it is missing');
  governor.kill(whoTypes(), reason, { cancelRunning });
  console.log('Stopped: nothing runs until "virtflow governor release".');
}

function release({ governor, words }: Asked): void {
  wordsAs(words);
  const released = governor.release(whoTypes());
  console.log(released ? `Released what ${released.by} had stopped (${released.reason}).` : 'It was not stopped.');
}

function* linesOf({ killed, problem, rules }: GovernorState): Generator<string> {
  if (killed) yield `STOPPED by ${killed.by} since ${timeText(killed.at)}: ${killed.reason}`;
  if (problem) yield `${problem.message} Older rules are in force.`;
  for (const { rule, text, scopes } of rules) {
    yield `${rule}: ${text}`;
    for (const { scope, used, limit, freesAt } of scopes) {
      const until = freesAt === null ? '' : `, until ${timeText(freesAt)}`;
      yield `  ${bar(used, limit)} ${used} of ${limit}${scope === '' ? '' : ` for ${scope}`}${until}`;
    }
  }
}

function bar(used: number, limit: number): string {
  const full = limit === 0 ? barWidth : Math.min(barWidth, Math.ceil((used / limit) * barWidth));
  return `${'#'.repeat(full)}${'.'.repeat(barWidth - full)}`;
}

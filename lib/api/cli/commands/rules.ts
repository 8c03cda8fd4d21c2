import { readFileSync } from 'node:fs';
import { parseDuration } from '../../../metrics/store/duration.ts';
import { VirtflowError } from '../../../model/errors.ts';
import { parseJson } from '../../../model/json.ts';
import { runTrials } from '../../../rules/trials.ts';
import { type Command, type CommandCall, textIn, wordOf } from '../command.ts';
import { timeOf } from '../views.ts';

type Line = Readonly<Record<string, unknown>>;

const list: Command = {
  name: 'rules list',
  words: '',
  says: 'All rules: those of nodes, and those of rules.json.',
  options: {},
  run: async (call) => {
    const body = await call.client.ask('/rules');
    if (call.json) return printJson(call, body);
    const { items, problem } = record(body);
    for (const item of records(items)) call.terminal.print(ruleLine(item));
    if (problem) call.terminal.print(`! ${record(problem).message} Older rules are in force.`);
    return 0;
  },
};

const show: Command = {
  name: 'rules show',
  words: '<rule>',
  says: 'A rule, and how every object stands under it.',
  options: {},
  run: async (call) => {
    const body = await call.client.ask(`/rules/${encodeURIComponent(wordOf(call, 'rule'))}`);
    if (call.json) return printJson(call, body);
    call.terminal.print(ruleLine(record(body)));
    call.terminal.print(JSON.stringify(record(body).rule));
    for (const { name, status, severity, since, says } of records(record(body).objects)) {
      const level = typeof severity === 'string' ? ` ${severity}` : '';
      call.terminal.print(`${timeOf(Number(since))}  ${String(name)}  ${String(status)}${level}  ${String(says)}`);
    }
    return 0;
  },
};

const put: Command = {
  name: 'rules put',
  words: '<file>',
  says: 'Add a rule to rules.json, or replace the one of its id; - reads standard input.',
  options: {},
  run: async (call) => {
    const rule = record(readJson(wordOf(call, 'file')));
    if (typeof rule.id !== 'string') throw new VirtflowError('RULE_INVALID', { reason: 'it has no id' });
    const path = `/rules/${encodeURIComponent(rule.id)}`;
    return answered(call, await call.client.ask(path, { method: 'PUT', body: { rule } }));
  },
};

const remove: Command = {
  name: 'rules delete',
  words: '<rule>',
  says: 'Delete a rule of rules.json; its alerts are withdrawn.',
  options: {},
  run: async (call) => {
    await call.client.ask(`/rules/${encodeURIComponent(wordOf(call, 'rule'))}`, { method: 'DELETE' });
    return 0;
  },
};

const enable = switching('enable', true, 'Enable a rule of rules.json.');
const disable = switching('disable', false, 'Disable a rule of rules.json; its alerts are withdrawn.');

const backtest: Command = {
  name: 'rules backtest',
  words: '<file>',
  says: 'When a rule would have fired, and how that differs from the rule of today.',
  options: {
    last: { type: 'string', value: 'time', says: 'The range up to now: 6h, 7d, 30d; 24h unless told.' },
    against: { type: 'string', value: 'rule', says: 'The rule of today that it is held against; its own unless told.' },
  },
  run: async (call) => {
    const { client, values } = call;
    const rule = record(readJson(wordOf(call, 'file')));
    const to = Date.now();
    const against = textIn(values, 'against');
    const body = { rule, from: to - durationIn(values), to, ...(against !== undefined && { against }) };
    const told = await client.ask('/rules/backtest', { method: 'POST', body });
    if (call.json) return printJson(call, told);
    for (const line of backtestLines(record(told))) call.terminal.print(line);
    return 0;
  },
};

const test: Command = {
  name: 'rules test',
  words: '<file>',
  says: 'Run the tests of a file of rules; needs no virtflow that runs.',
  options: {},
  runHere: (call) => {
    const { terminal, json } = call;
    const results = runTrials(readJson(wordOf(call, 'file')));
    if (json) terminal.print(JSON.stringify(results, null, 2));
    else {
      for (const { name, passed, difference } of results) {
        terminal.print(`${passed ? 'ok    ' : 'FAILED'} ${name}`);
        for (const line of difference) terminal.print(`         ${line}`);
      }
    }
    const failed = results.filter(({ passed }) => !passed).length;
    if (failed > 0) throw new VirtflowError('RULE_TEST_FAILED', { failed, count: results.length });
    return 0;
  },
};

export const ruleCommands: readonly Command[] = [list, show, put, remove, enable, disable, backtest, test];

function switching(verb: string, enabled: boolean, says: string): Command {
  return {
    name: `rules ${verb}`,
    words: '<rule>',
    says,
    options: {},
    run: async (call) => {
      const path = `/rules/${encodeURIComponent(wordOf(call, 'rule'))}/enabled`;
      return answered(call, await call.client.ask(path, { method: 'PUT', body: { enabled } }));
    },
  };
}

function answered(call: CommandCall, body: unknown): number {
  if (call.json) return printJson(call, body);
  call.terminal.print(ruleLine(record(body)));
  return 0;
}

function printJson({ terminal }: CommandCall, body: unknown): number {
  terminal.print(JSON.stringify(body, null, 2));
  return 0;
}

/** `busy  threshold  CPU is busy  rules.json  firing 2, ok 40` */
function ruleLine({ rule, from, enabled, counts }: Line): string {
  const { id, kind, name } = record(rule);
  const { type, flow } = record(from);
  const place = type === 'file' ? 'rules.json' : `flow ${String(flow ?? '?')}`;
  const standing = Object.entries(record(counts)).map(([status, count]) => `${status} ${String(count)}`);
  const state = enabled === false ? 'disabled' : standing.join(', ') || 'nothing seen yet';
  return [id, kind, name, place, state].map(String).join('  ');
}

function backtestLines({ draft, today, apart }: Line): readonly string[] {
  const { firings, count, objects, samples, more } = record(draft);
  const lines = records(firings).map(({ since, until, name, severity, says }) => {
    const end = typeof until === 'number' ? timeOf(until) : 'still so'.padEnd(19);
    return `${timeOf(Number(since))}  ${end}  ${String(severity)}  ${String(name)}  ${String(says)}`;
  });
  lines.push(`${String(count)} times, for ${String(objects)} objects by ${String(samples)} samples`);
  if (Number(more) > 0) lines.push('! it fired too often for all of it to be told');
  if (today) {
    const { same, moved, added, gone } = record(apart);
    lines.push(
      `today's rule: ${String(record(today).count)} times; the same ${same}, moved ${moved}, new ${added}, gone ${gone}`,
    );
  }
  return lines;
}

function durationIn(values: CommandCall['values']): number {
  const text = textIn(values, 'last') ?? '24h';
  const duration = parseDuration(text);
  if (duration !== undefined) return duration;
  throw new VirtflowError('OPTION_INVALID', {
    option: '--last',
    reason: `"${text.slice(0, 50)}" is no time such as 7d`,
  });
}

function readJson(path: string): unknown {
  try {
    return parseJson(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch (error) {
    const reason = `${path}: ${error instanceof Error ? error.message : String(error)}`;
    throw new VirtflowError('RULE_INVALID', { reason }, { cause: error });
  }
}

function record(value: unknown): Line {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function records(value: unknown): readonly Line[] {
  return Array.isArray(value) ? value.map(record) : [];
}

import { parseArgs } from 'node:util';
import { labAvailability } from '../lab/availability.ts';
import { asMarkdown, asText, type Measured, machine, summary } from './report.ts';
import type { Row } from './row.ts';
import { collection } from './rows/collection.ts';
import { dashboard } from './rows/dashboard.ts';
import { editor } from './rows/editor.ts';
import { events } from './rows/events.ts';
import { flowMessages } from './rows/flow-messages.ts';
import { history } from './rows/history.ts';
import { libvirtOperations } from './rows/libvirt-operations.ts';
import { memory } from './rows/memory.ts';
import { metricStores } from './rows/metric-stores.ts';
import { operations } from './rows/operations.ts';
import { outage } from './rows/outage.ts';
import { rules } from './rows/rules.ts';
import { stateCalls } from './rows/state-calls.ts';
import { statistics } from './rows/statistics.ts';
import { throughput } from './rows/throughput.ts';

const rows: readonly Row[] = [
  statistics,
  stateCalls,
  events,
  operations,
  libvirtOperations,
  throughput,
  history,
  collection,
  metricStores,
  rules,
  outage,
  flowMessages,
  memory,
  editor,
  dashboard,
];

const usage = `npm run bench -- [--only ROW[,ROW]] [--rounds N] [--minutes N] [--days N] [--markdown]

  --only      measures these rows: ${rows.map(({ id }) => id).join(', ')}
  --rounds    how many rounds, 7 unless told; quick rows have several times as many
  --minutes   how long the collection of 5,000 VMs is watched, 2 unless told
  --days      of how many days the metric stores hold figures, 30 unless told
  --markdown  writes docs/benchmarks.md to standard output`;

interface Options {
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly minutes: number;
  readonly days: number;
  readonly markdown: boolean;
  readonly help: boolean;
}

/** @throws Error for the command line */
function options(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string', default: '7' },
      minutes: { type: 'string', default: '2' },
      days: { type: 'string', default: '30' },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only?.split(',') ?? rows.map(({ id }) => id);
  const unknown = only.find((id) => !rows.some((row) => row.id === id));
  if (unknown !== undefined) throw new Error(`there is no row "${unknown}"`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1 on');
  const minutes = Number(values.minutes);
  if (!(minutes >= 1)) throw new Error('--minutes takes a number from 1 on');
  const days = Number(values.days);
  if (!Number.isInteger(days) || days < 1) throw new Error('--days takes a whole number from 1 on');
  return { ...values, rows: rows.filter(({ id }) => only.includes(id)), rounds, minutes, days };
}

/** Measures the rows one after the other; what is being done goes to standard error, the figures to standard output. */
async function main({ rows, rounds, minutes, days, markdown }: Options): Promise<void> {
  if (!markdown) console.log(`${machine()}; ${rounds} rounds`);
  const all: Measured[] = [];
  for (const row of rows) {
    const log = (line: string) => console.error(`… ${row.id}: ${line}`);
    const reason = await whyNot(row);
    if (reason !== undefined) {
      log(`left out: ${reason}`);
      continue;
    }
    log('begins');
    const measured = { row, figures: await row.measure({ rounds, minutes, days, log }) };
    all.push(measured);
    if (!markdown) console.log(asText(measured));
  }
  console.log(markdown ? asMarkdown(all, rounds) : summary(all));
}

async function whyNot({ needs }: Row): Promise<string | undefined> {
  for (const facility of needs) {
    const answer = await labAvailability(facility);
    if (!answer.ok) return answer.reason;
  }
  return undefined;
}

// With an exit of its own, what was brought up is taken down.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

/** @returns the exit code */
async function run(): Promise<number> {
  try {
    const chosen = options();
    if (chosen.help) console.log(usage);
    else await main(chosen);
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  }
}

// Ends even if a row that failed left something open; exit hooks take down what was brought up.
process.exit(await run());

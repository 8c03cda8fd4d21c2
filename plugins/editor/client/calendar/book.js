import { ask } from '../api.js';
import { rest } from '../operations/rest.js';
import { words } from '../words.js';
import { holderSentence } from './clash-words.js';
import { drawnSchedules } from './drawn.js';
import { daysLater } from './moves.js';

/** Of each schedule; of one that comes more often the first are shown. */
const mostRuns = 60;

/**
 * What the calendar shows: what is deployed, as REST tells it, and what is drawn but not deployed, as the server judges it.
 */
export class CalendarBook {
  /** @type {CalendarEntry[]} */
  entries = [];
  /** @type {CalendarSchedule[]} */
  schedules = [];
  /** @type {CalendarWindowState[]} */
  windows = [];
  /** @type {CalendarConflict[]} */
  conflicts = [];
  /** @type {{ schedule: string, message: string }[]} */
  problems = [];
  /** What is wrong with the windows' file. */
  fileProblem = '';
  zone = 'UTC';
  from = 0;
  until = 0;

  /**
   * @param {number} from a midnight
   * @param {number} days
   */
  async load(from, days) {
    const until = daysLater(from, days);
    const query = new URLSearchParams({ from: String(from), until: String(until), most: String(mostRuns) });
    const [calendar, schedules, windows] = await Promise.all([
      rest('GET', `/calendar?${query}`),
      rest('GET', '/schedules'),
      rest('GET', '/calendar/windows'),
    ]);
    this.schedules = Object(schedules).items;
    this.windows = Object(windows).items;
    this.fileProblem = Object(windows).problem?.message ?? '';
    const judged = await judgeDrawn(this.schedules, from, until);
    this.#take(Object(calendar), judged);
    [this.from, this.until] = [from, until];
  }

  /**
   * @param {{ past: Record<string, unknown>[], next: CalendarJudgement['runs'], windows: CalendarSpan[] }} calendar
   * @param {CalendarJudgement & { changed: Set<string> }} judged
   */
  #take({ past, next, windows }, { runs, conflicts, problems, zone, changed }) {
    this.conflicts = conflicts;
    this.problems = problems;
    this.zone = zone;
    const deployed = next.filter(({ schedule }) => !changed.has(schedule));
    const goOn = lastOfMany([...deployed, ...runs]);
    this.entries = [
      ...past.map((slot) => pastEntry(slot, this.schedule(String(slot.schedule)) !== undefined)),
      ...deployed.map((run) => nextEntry(run, 'next')),
      ...runs.map((run) => nextEntry(run, this.schedule(run.schedule)?.enabled === false ? 'disabled' : 'drawn')),
      ...windows.map(windowEntry),
    ]
      .map((entry) => (goOn.has(entry.key) ? { ...entry, why: words('calendar.goesOn', { count: mostRuns }) } : entry))
      .sort((a, b) => a.at - b.at || (a.kind === 'window' ? -1 : 1));
  }

  /** @param {string} id */
  schedule(id) {
    return this.schedules.find((one) => one.id === id);
  }

  /** @param {string} id */
  window(id) {
    return this.windows.find(({ window }) => window.id === id);
  }

  /** The clashes that something is part of. @param {CalendarEntry} entry */
  conflictsOf(entry) {
    return this.conflicts.filter(({ schedules, window }) =>
      entry.kind === 'run' ? schedules.includes(entry.schedule) : window === entry.id,
    );
  }
}

/**
 * How the server judges what is drawn.
 * @param {readonly CalendarSchedule[]} deployed
 * @param {number} from
 * @param {number} until
 * @param {{ window?: CalendarWindow, schedule?: { id: string, config: Record<string, unknown> } }} [typed] what stands in a form
 * @returns {Promise<CalendarJudgement & { changed: Set<string> }>} `changed`: what is drawn otherwise than it is deployed
 */
export async function judgeDrawn(deployed, from, until, { window, schedule } = {}) {
  const drawn = drawnSchedules(deployed, schedule);
  const answer = await ask('POST', 'calendar/judge', {
    from,
    until,
    most: mostRuns,
    ...drawn,
    ...(window && { window }),
  });
  const changed = drawn.schedules.filter(({ isChanged }) => isChanged).map(({ id }) => id);
  return { .../** @type {CalendarJudgement} */ (answer), changed: new Set([...changed, ...drawn.gone]) };
}

/** The last run that is shown of each schedule that comes more often. @param {CalendarJudgement['runs']} runs */
function lastOfMany(runs) {
  const all = [...Map.groupBy(runs, ({ schedule }) => schedule).values()].filter((own) => own.length >= mostRuns);
  return new Set(all.map((own) => `${own.at(-1)?.schedule} ${own.at(-1)?.at}`));
}

/** @param {Record<string, any>} slot @param {boolean} isThere whether its schedule still is @returns {CalendarEntry} */
function pastEntry({ schedule, name, flow, slot, result, why = '', facts, run, operations, outcome }, isThere) {
  const isGone = !isThere && !isOwn(schedule);
  return {
    kind: 'run',
    key: `${schedule} ${slot}`,
    schedule,
    name: isGone ? words('calendar.gone') : nameOf(schedule, name),
    flow,
    at: slot,
    state: result,
    why: facts ? words(`calendar.because.${facts.kind}`, facts) : why,
    run,
    operations,
    isPast: true,
    isAsked: outcome === 'asked',
    isGone,
  };
}

/**
 * @param {CalendarJudgement['runs'][number]} run
 * @param {'next' | 'drawn' | 'disabled'} kind
 * @returns {CalendarEntry}
 */
function nextEntry({ schedule, name, flow, at, heldBy }, kind) {
  const state = heldBy !== null && kind !== 'disabled' ? 'held' : kind;
  const why = [heldBy ? holderSentence(heldBy) : '', kind === 'drawn' ? words('calendar.notDeployed') : '']
    .filter(Boolean)
    .join(' ');
  const about = { schedule, name: nameOf(schedule, name), flow, at };
  return { kind: 'run', key: `${schedule} ${at}`, ...about, state, why, isPast: false, isAsked: false };
}

/** Schedules that virtflow itself keeps, which no form names. */
const ownSchedules = new Set(['virtflow-metrics-retention']);

/** @param {string} schedule */
function isOwn(schedule) {
  return ownSchedules.has(schedule);
}

/** @param {string} schedule @param {string} name as it is called in English */
function nameOf(schedule, name) {
  return isOwn(schedule) ? words(`calendar.own.${schedule}`) : name;
}

/** @param {CalendarSpan} span @returns {CalendarEntry} */
function windowEntry({ id, kind, name, reason, from, until }) {
  return { kind: 'window', key: `window ${id} ${from}`, sort: kind, id, name, reason, at: from, from, until };
}

import { standingPermissions } from '../../lib/access/permission.ts';
import type { DueSlot, Overlap, Plan, SlotFact } from '../../lib/calendar/plan.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { markProperty } from '../../lib/runs/mark.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { afterFlowsStarted } from '../runtime/after-start.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import { NodeFailure } from '../runtime/failure.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import { standingOrigin } from '../runtime/origin.ts';
import type { Message, NodeRed, Status } from '../runtime/red.ts';
import { Runs } from './runs.ts';
import { scheduleFields } from './schedule-fields.ts';
import { misfireOf, scheduleOf } from './schedule-setting.ts';

export const scheduleDescription = {
  type: 'virtflow-schedule',
  version: 1,
  category: 'virtflow',
  colour: colours.schedule,
  icon: 'font-awesome/fa-calendar',
  inputs: 1,
  outputs: 1,
  label: 'schedule',
  summary: 'Sends a message when it is due: each time once, also over restarts and changes of the clock.',
  inputLabel: 'a run has ended, or msg.command: run, enable, disable',
  outputLabels: ['due'],
  fields: scheduleFields,
} as const satisfies NodeDescription<typeof scheduleFields>;

type ScheduleNode = NodeContext<typeof scheduleFields>;

export function registerSchedule(RED: NodeRed): void {
  defineNode(RED, { description: scheduleDescription, open: (node) => open(node, RED) });
}

function open(node: ScheduleNode, RED: NodeRed): LiveNode {
  const { scheduler } = node.platform;
  const schedule = scheduleOf(node.config);
  const runs = new Runs(node.config.runMinutes * 60_000);
  const overlap = overlapOf(node.config.overlap);
  const showNext = () => show(node, schedule.zone);
  const fire = async (due: DueSlot, ending: AbortSignal) => {
    showNext();
    await tell(node, due);
    if (overlap === 'parallel') return;
    ending.addEventListener('abort', () => node.guard(() => cancelRun(node, due, runs)), { once: true });
    await runs.ended(due.slot, due.run, node.signal);
  };
  node.listen(node.platform.operations.events, (event) => runs.follow(event));
  node.listen(scheduler.changes, (id) => id === node.id && showNext());
  node.listen(scheduler.facts, (fact) => fact.schedule === node.id && warnOf(node, fact));
  node.listen(scheduler.problems, ({ schedule: id, error }) => {
    if (id === node.id) node.failed(new NodeFailure(error));
  });
  const plan = { schedule, misfire: misfireOf(node.config), overlap, jitterSeconds: node.config.jitterSeconds };
  const names = [node.id, ...(node.flow === undefined ? [] : [node.flow])];
  const add = () =>
    scheduler.add({ id: node.id, name: node.name, ...flowOf(node), ...plan, ...windowsOf(node, names) }, fire);
  // What was missed starts at once: before, there is nobody yet whom its message could come to.
  afterFlowsStarted(RED, node, add);
  return {
    input: (message) => ('command' in message ? obey(node, message.command) : runs.end(slotOf(message))),
    close: (removed) => (removed ? scheduler.forget(node.id) : scheduler.remove(node.id)),
  };
}

/** @throws ACCESS_DENIED, MESSAGE_INVALID, SCHEDULE_HELD, SCHEDULE_RUNNING, STORE_* */
async function obey(node: ScheduleNode, command: unknown): Promise<void> {
  const { access, schedules } = node.platform;
  if (command !== 'run' && command !== 'enable' && command !== 'disable') {
    throw new VirtflowError('MESSAGE_INVALID', { reason: 'msg.command is none of run, enable, disable' });
  }
  const origin = standingOrigin(node);
  await access.authoriseHouse(origin, standingPermissions.operateSchedules);
  const by = `${origin.principal}, by a message`;
  if (command === 'run') schedules.run(by, node.id);
  else schedules.enable(by, node.id, command === 'enable');
}

function flowOf({ flow }: ScheduleNode) {
  return flow === undefined ? {} : { flow };
}

/** Which windows hold it, and what becomes of a slot that is held. */
function windowsOf(node: ScheduleNode, names: readonly string[]): Pick<Plan, 'held' | 'whenHeld'> {
  const { windows: setting } = node.config;
  if (setting === 'ignore') return {};
  const { calendar } = node.platform;
  return {
    held: (at, windows) => calendar.holdsSchedule(names, at, windows),
    whenHeld: setting === 'after' ? 'after' : 'skip',
  };
}

/** Cancels what a run began; it is over when all of that has ended. */
async function cancelRun(node: ScheduleNode, { run, slot }: DueSlot, runs: Runs): Promise<void> {
  const { operations } = node.platform;
  const open = operations.history({ run, states: ['queued', 'waiting', 'running'], limit: 1_000 });
  for (const { id } of open) operations.cancel(id, `the schedule ${node.name}, for it is due again`);
  await Promise.allSettled(open.map(({ id }) => operations.finished(id)));
  runs.end(slot);
}

async function tell(node: ScheduleNode, { slot, at, late, asked, run }: DueSlot): Promise<void> {
  const message: Message = { topic: node.name, schedule: { slot, at, late, asked }, [markProperty]: { run } };
  const type = typeof node.raw.payloadType === 'string' ? node.raw.payloadType : 'date';
  message.payload = type === 'date' ? slot : await node.evaluate(node.config.payload, type, message);
  node.send(message);
}

function warnOf(node: ScheduleNode, { outcome, slot, why = '', facts }: SlotFact): void {
  if (outcome === 'run' || outcome === 'asked') return;
  const because = facts ? node.words(`because.${facts.kind}`, facts) : why;
  node.warn(`${node.words(`warnings.${outcome}`, { slot: new Date(slot).toISOString() })} ${because}`.trim());
}

function slotOf({ schedule }: Message): number {
  if (typeof schedule === 'object' && schedule !== null && 'slot' in schedule && typeof schedule.slot === 'number') {
    return schedule.slot;
  }
  throw new VirtflowError('MESSAGE_INVALID', { reason: 'it is not one that this node sent: it lacks msg.schedule' });
}

function overlapOf(setting: string): Overlap {
  return setting === 'skip' || setting === 'queue' || setting === 'cancel' ? setting : 'parallel';
}

function show(node: ScheduleNode, timeZone: string): void {
  node.status(statusOf(node, timeZone));
}

function statusOf(node: ScheduleNode, timeZone: string): Status {
  const { scheduler } = node.platform;
  const next = scheduler.next(node.id);
  if (next !== undefined) return { fill: 'blue', shape: 'ring', text: `→ ${formatted(node, timeZone, next)}` };
  const word = scheduler.plan(node.id)?.isEnabled ? 'never' : 'disabled';
  return { fill: 'grey', shape: 'ring', text: node.words(`status.${word}`) };
}

function formatted(node: ScheduleNode, timeZone: string, at: number): string {
  const parts = { timeZone, day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat(node.words('language'), parts).format(at);
}

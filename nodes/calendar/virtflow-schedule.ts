import type { DueSlot, Overlap, SlotFact } from '../../lib/calendar/scheduler.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import { NodeFailure } from '../runtime/failure.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { Message, NodeRed } from '../runtime/red.ts';
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
  inputLabel: 'a run has ended',
  outputLabels: ['due'],
  fields: scheduleFields,
} as const satisfies NodeDescription<typeof scheduleFields>;

type ScheduleNode = NodeContext<typeof scheduleFields>;

export function registerSchedule(RED: NodeRed): void {
  defineNode(RED, { description: scheduleDescription, open });
}

function open(node: ScheduleNode): LiveNode {
  const { scheduler } = node.platform;
  const schedule = scheduleOf(node.config);
  const runs = new Runs(node.config.runMinutes * 60_000);
  const overlap = overlapOf(node.config.overlap);
  const showNext = () => show(node, schedule.zone, scheduler.next(node.id));
  const fire = async (due: DueSlot) => {
    showNext();
    await tell(node, due);
    if (overlap !== 'parallel') await runs.ended(due.slot, node.signal);
  };
  node.listen(scheduler.facts, (fact) => fact.schedule === node.id && warnOf(node, fact));
  node.listen(scheduler.problems, ({ schedule: id, error }) => {
    if (id === node.id) node.failed(new NodeFailure(error));
  });
  const plan = { schedule, misfire: misfireOf(node.config), overlap, jitterSeconds: node.config.jitterSeconds };
  scheduler.add({ id: node.id, ...plan }, fire);
  showNext();
  return {
    input: (message) => runs.end(slotOf(message)),
    close: (removed) => (removed ? scheduler.forget(node.id) : scheduler.remove(node.id)),
  };
}

async function tell(node: ScheduleNode, { slot, at, late }: DueSlot): Promise<void> {
  const message: Message = { topic: node.name, schedule: { slot, at, late } };
  const type = typeof node.raw.payloadType === 'string' ? node.raw.payloadType : 'date';
  message.payload = type === 'date' ? slot : await node.evaluate(node.config.payload, type, message);
  node.send(message);
}

function warnOf(node: ScheduleNode, { outcome, slot }: SlotFact): void {
  if (outcome === 'run') return;
  node.warn(node.words(`warnings.${outcome}`, { slot: new Date(slot).toISOString() }));
}

function slotOf({ schedule }: Message): number {
  if (typeof schedule === 'object' && schedule !== null && 'slot' in schedule && typeof schedule.slot === 'number') {
    return schedule.slot;
  }
  throw new VirtflowError('MESSAGE_INVALID', { reason: 'it is not one that this node sent: it lacks msg.schedule' });
}

function overlapOf(setting: string): Overlap {
  return setting === 'skip' || setting === 'queue' ? setting : 'parallel';
}

function show(node: ScheduleNode, timeZone: string, next: number | undefined): void {
  const text = next === undefined ? node.words('status.never') : `→ ${formatted(node, timeZone, next)}`;
  node.status({ fill: next === undefined ? 'grey' : 'blue', shape: 'ring', text });
}

function formatted(node: ScheduleNode, timeZone: string, at: number): string {
  const parts = { timeZone, day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat(node.words('language'), parts).format(at);
}

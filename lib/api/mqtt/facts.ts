import { type AlertRecord, isOngoing } from '../../alerts/alert.ts';
import type { AlertRoom } from '../../alerts/alert-room.ts';
import { snapshotOf } from '../../alerts/event.ts';
import type { Calendar } from '../../calendar/calendar.ts';
import type { SlotFact } from '../../calendar/plan.ts';
import type { ScheduleDesk } from '../../calendar/schedule-desk.ts';
import { titleOf } from '../../calendar/window.ts';
import type { ConnectionFact, Connections } from '../../connections/connections.ts';
import type { ConnectionState } from '../../drivers/driver.ts';
import type { GovernorState } from '../../governor/standing.ts';
import type { Inventory, InventoryFact } from '../../inventory/inventory.ts';
import type { HypervisorEvent } from '../../model/event.ts';
import type { Feed, Unsubscribe } from '../../model/feed.ts';
import type { Log } from '../../model/log.ts';
import type { AnyObject, Host, Vm } from '../../model/objects.ts';
import type { OperationEvent } from '../../operations/operation.ts';
import type { Alert } from '../../rules/engine.ts';
import { severities } from '../../rules/levels.ts';
import type { RuleRoom } from '../../rules/rule-room.ts';
import { operationView } from '../operation-view.ts';
import type { OutgoingMessage } from './outbox.ts';
import type { Topics } from './topics.ts';

/** Where facts come from. */
export interface FactRooms {
  readonly connections: Connections;
  readonly inventory: Inventory;
  readonly operations: { readonly events: Feed<OperationEvent> };
  readonly rules: { readonly alerts: Feed<Alert> };
  readonly governor: { readonly changes: Feed<GovernorState>; usage(): Promise<GovernorState> };
  readonly calendar: Pick<Calendar, 'events' | 'changes' | 'list'>;
  readonly scheduler: { readonly changes: Feed<string>; readonly facts: Feed<SlotFact> };
  readonly schedules: ScheduleDesk;
  readonly ruleRoom: Pick<RuleRoom, 'changes' | 'list' | 'standing'>;
  readonly alerts: Pick<AlertRoom, 'journal' | 'ongoing' | 'get'>;
  readonly log: Log;
}

/** Where facts go. */
export interface FactSink {
  state(topic: string, payload: string): void;
  removeState(topic: string): void;
  message(message: OutgoingMessage): void;
}

/** Tells the broker what exists (retained) and what happens (once). */
export class Facts {
  readonly #rooms: FactRooms;
  readonly #topics: Topics;
  readonly #sink: FactSink;
  #subscriptions: Unsubscribe[] = [];
  #windowsTold: ReadonlySet<string> = new Set();
  #counting: NodeJS.Immediate | undefined;
  #windowing: NodeJS.Immediate | undefined;

  constructor(rooms: FactRooms, topics: Topics, sink: FactSink) {
    this.#rooms = rooms;
    this.#topics = topics;
    this.#sink = sink;
  }

  start(): void {
    const { connections, inventory, operations, rules, ruleRoom, alerts } = this.#rooms;
    const { governor, calendar, scheduler, schedules, log } = this.#rooms;
    for (const { name, state } of connections.list()) this.#connection({ connection: name, state });
    for (const object of inventory.list()) this.#object(object);
    for (const { id } of schedules.list()) this.#schedule(id);
    this.#windows();
    for (const { rule } of ruleRoom.list()) this.#rule(rule.id);
    for (const alert of alerts.ongoing()) this.#alertState(alert);
    this.#countAlerts();
    governor.usage().then(
      (state) => this.#governor(state),
      (error: unknown) => log.warn(`MQTT: how the governor stands could not be told: ${String(error)}`),
    );
    this.#subscriptions = [
      governor.changes.subscribe((state) => this.#governor(state)),
      calendar.events.subscribe(() => this.#windowsSoon()),
      calendar.changes.subscribe(() => this.#windowsSoon()),
      scheduler.changes.subscribe((id) => this.#schedule(id)),
      scheduler.facts.subscribe(({ schedule }) => this.#schedule(schedule)),
      connections.states.subscribe((fact) => this.#connection(fact)),
      connections.events.subscribe((event) => this.#event(event)),
      inventory.changes.subscribe((fact) => this.#inventory(fact)),
      operations.events.subscribe((event) => this.#operation(event)),
      rules.alerts.subscribe((alert) => this.#alert(alert)),
      ruleRoom.changes.subscribe((id) => this.#rule(id)),
      alerts.journal.events.subscribe(({ alert }) => this.#alertState(alerts.get(alert.id))),
    ];
  }

  stop(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#subscriptions = [];
    clearImmediate(this.#counting);
    clearImmediate(this.#windowing);
    [this.#counting, this.#windowing] = [undefined, undefined];
  }

  #connection({ connection, state }: ConnectionFact): void {
    const topic = this.#topics.connectionState(connection);
    if (state.phase === 'stopped') this.#sink.removeState(topic);
    else this.#sink.state(topic, JSON.stringify(connectionView(state)));
  }

  #governor(state: GovernorState): void {
    this.#sink.state(this.#topics.governorState, JSON.stringify(state));
  }

  /** Once for all that open and close together. */
  #windowsSoon(): void {
    this.#windowing ??= setImmediate(() => {
      this.#windowing = undefined;
      try {
        this.#windows();
      } catch (error) {
        this.#rooms.log.warn(`MQTT: how windows stand could not be told: ${String(error)}`);
      }
    });
  }

  /** All of them: who comes later finds also those that were open when virtflow began, and none that was deleted. */
  #windows(): void {
    const told = new Set<string>();
    for (const { window, open, next, override } of this.#rooms.calendar.list()) {
      const { id, kind, reason } = window;
      const topic = this.#topics.windowState(id);
      const { from = null, until = null } = open ?? next ?? {};
      const state = { open: open !== null, id, name: titleOf(window), kind, reason, from, until, override };
      this.#sink.state(topic, JSON.stringify(state));
      told.add(topic);
    }
    for (const topic of this.#windowsTold) if (!told.has(topic)) this.#sink.removeState(topic);
    this.#windowsTold = told;
  }

  #schedule(id: string): void {
    const state = this.#rooms.schedules.withId(id);
    const topic = this.#topics.scheduleState(id);
    if (state) this.#sink.state(topic, JSON.stringify(state));
    else this.#sink.removeState(topic);
  }

  #rule(id: string): void {
    const standing = this.#rooms.ruleRoom.standing(id);
    const topic = this.#topics.ruleState(id);
    if (standing) this.#sink.state(topic, JSON.stringify(standing));
    else this.#sink.removeState(topic);
  }

  #inventory(fact: InventoryFact): void {
    if (fact.type === 'removed') this.#sink.removeState(this.#topics.objectState(fact.object));
    else this.#object(fact.object);
  }

  #object(object: AnyObject): void {
    const view = object.kind === 'vm' ? vmView(object) : object.kind === 'host' ? hostView(object) : undefined;
    if (view) this.#sink.state(this.#topics.objectState(object), JSON.stringify(view));
  }

  #event(event: HypervisorEvent): void {
    this.#tell(this.#topics.event(event.object.connection, event.type), event);
  }

  #operation({ type, operation }: OperationEvent): void {
    const topic = this.#topics.operation(type === 'progress' ? 'progress' : operation.state);
    this.#tell(topic, { event: type, ...operationView(operation) });
  }

  #alert(alert: Alert): void {
    this.#tell(this.#topics.alert(alert.ruleName || alert.rule, alert.type), alert);
  }

  #alertState(alert: AlertRecord): void {
    const topic = this.#topics.alertState(alert.id);
    if (isOngoing(alert)) this.#sink.state(topic, JSON.stringify(snapshotOf(alert)));
    else this.#sink.removeState(topic);
    this.#countAlerts();
  }

  /** Once for all that comes together: in a storm all alerts would be counted for each of them. */
  #countAlerts(): void {
    this.#counting ??= setImmediate(() => {
      this.#counting = undefined;
      this.#tellAlertCounts();
    });
  }

  #tellAlertCounts(): void {
    const ongoing = this.#rooms.alerts.ongoing();
    const count = (of: (alert: AlertRecord) => boolean) => ongoing.filter(of).length;
    const bySeverity = severities.map((severity) => [severity, count((alert) => alert.severity === severity)]);
    const counts = { ...Object.fromEntries(bySeverity), unacknowledged: count(({ acknowledged }) => !acknowledged) };
    this.#sink.state(this.#topics.alertCounts, JSON.stringify({ ongoing: ongoing.length, ...counts }));
  }

  /** Progress too: a message without acknowledgement would overtake those with it. */
  #tell(topic: string, fact: unknown): void {
    this.#sink.message({ topic, payload: JSON.stringify(fact), qos: 1, retain: false });
  }
}

/** Without the attempt's number, which would be told each time anew though nothing changes. */
function connectionView(state: ConnectionState) {
  if (state.phase === 'waiting') return { phase: state.phase, error: state.error };
  return state.phase === 'connected' ? { phase: state.phase, since: state.since } : { phase: state.phase };
}

function vmView(vm: Vm) {
  const { id, connection, name, description, tags, power, host, hostName, vcpus, memoryBytes, agent, template } = vm;
  return { id, connection, name, description, tags, power, host, hostName, vcpus, memoryBytes, agent, template };
}

function hostView(host: Host) {
  const { id, connection, name, description, tags, pool, live, enabled, cpu, memoryBytes, hypervisor, address } = host;
  return { id, connection, name, description, tags, pool, live, enabled, cpu, memoryBytes, hypervisor, address };
}

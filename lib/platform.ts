import { join } from 'node:path';
import { Access } from './access/access.ts';
import { ActionRegistry } from './actions/registry.ts';
import { Activity } from './activity/activity.ts';
import { AlertRoom } from './alerts/alert-room.ts';
import { ApprovePage } from './api/approve/approve-page.ts';
import { MqttApi } from './api/mqtt/mqtt-api.ts';
import { defaultMqttSettings, type MqttSettings } from './api/mqtt/settings.ts';
import { alertsPage } from './api/pages/alerts-page.ts';
import { dashboardsPage } from './api/pages/dashboards-page.ts';
import type { StaticPage } from './api/pages/static-page.ts';
import { RestApi } from './api/rest/rest-api.ts';
import { ApprovalRoom } from './approvals/approval-room.ts';
import { Agenda } from './calendar/agenda.ts';
import { Calendar } from './calendar/calendar.ts';
import { ScheduleDesk } from './calendar/schedule-desk.ts';
import { Scheduler } from './calendar/scheduler.ts';
import { titleOf } from './calendar/window.ts';
import { Connections } from './connections/connections.ts';
import { DashboardRoom } from './dashboards/dashboard-room.ts';
import { type DriverRegistry, installedDrivers } from './drivers/registry.ts';
import { Governor } from './governor/governor.ts';
import { Inventory } from './inventory/inventory.ts';
import { Metrics } from './metrics/metrics.ts';
import { VirtflowError } from './model/errors.ts';
import { discreet, type Log } from './model/log.ts';
import type { ObjectRef } from './model/reference.ts';
import type { Operation } from './operations/operation.ts';
import { defaultHistoryDays, Operations } from './operations/operations.ts';
import type { ChosenOperationsSettings } from './operations/settings.ts';
import { RuleEngine } from './rules/engine.ts';
import { RuleRoom } from './rules/rule-room.ts';
import { Deliveries } from './runs/deliveries.ts';
import { RunJournal } from './runs/run-journal.ts';
import { sealedRuns } from './runs/sealed-runs.ts';
import { Secrets } from './secrets/secrets.ts';
import { type DataDirectory, openDataDirectory } from './store/data-directory.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import type { Store } from './store/store.ts';

export interface PlatformOptions {
  /** Where everything that must survive is kept; made when it is missing, held by one process at a time. */
  readonly dataDirectory: string;
  readonly log: Log;
  readonly drivers?: DriverRegistry;
  /** The broker inside, unless this says otherwise. */
  readonly mqtt?: MqttSettings;
  readonly operations?: ChosenOperationsSettings;
  /** `off`: no connection is sampled, whatever metrics.json says. */
  readonly metrics?: 'off';
}

/** The rooms of the house, built, started and stopped together. */
export class Platform {
  readonly log: Log;
  readonly dataDirectory: string;
  readonly drivers: DriverRegistry;
  readonly actions = new ActionRegistry();
  readonly inventory = new Inventory();
  readonly connections: Connections;
  readonly store: Store;
  readonly access: Access;
  readonly secrets: Secrets;
  readonly approvals: ApprovalRoom;
  readonly calendar: Calendar;
  readonly governor: Governor;
  readonly deliveries: Deliveries;
  readonly runs: RunJournal;
  readonly operations: Operations;
  readonly scheduler: Scheduler;
  readonly schedules: ScheduleDesk;
  readonly agenda: Agenda;
  readonly metrics: Metrics;
  readonly rules: RuleEngine;
  readonly ruleRoom: RuleRoom;
  readonly alerts: AlertRoom;
  readonly activity: Activity;
  readonly mqtt: MqttApi;
  readonly dashboards: DashboardRoom;
  /** Pages that anybody may fetch: what they show is asked for over REST. */
  readonly pages: readonly StaticPage[] = [dashboardsPage(), alertsPage()];
  readonly rest: RestApi;
  readonly approvePage: ApprovePage;
  readonly #directory: DataDirectory;

  /**
   * Takes the data directory and opens the store.
   * @throws DATA_DIRECTORY_UNUSABLE, DATA_DIRECTORY_BUSY, STORE_BROKEN, STORE_FULL, SECRET_KEY_*,
   * SECRET_KEYRING_UNAVAILABLE
   */
  constructor(options: PlatformOptions) {
    this.log = discreet(options.log);
    this.dataDirectory = options.dataDirectory;
    this.drivers = options.drivers ?? installedDrivers;
    this.#directory = openDataDirectory(options.dataDirectory);
    this.store = this.#openStore();
    this.access = new Access(this);
    this.secrets = this.#openSecrets();
    this.connections = new Connections(this.drivers, this.inventory, this.secrets.reveal);
    this.approvals = new ApprovalRoom({ ...this, states: this.store.states, safe: this.secrets.safe });
    this.calendar = this.#makeCalendar();
    this.governor = this.#makeGovernor();
    this.deliveries = new Deliveries(this.store, this.secrets.safe, this.log);
    this.runs = new RunJournal(sealedRuns(this.store.runs, this.secrets.safe), this.store.states, this.log);
    this.operations = new Operations({
      journal: this.deliveries.journal(this.access.journal),
      confidence: this.secrets.operationParameters,
      authority: this.approvals.authority,
      // The governor is the last: it counts what it lets through.
      guards: [this.approvals.guard, this.calendar.guard, this.governor],
      actions: this.actions,
      inventory: this.inventory,
      connections: this.connections,
      log: this.log,
      settings: options.operations ?? {},
    });
    this.scheduler = new Scheduler(this.store.slots, this.store.states, {
      keptDays: options.operations?.historyDays ?? defaultHistoryDays,
    });
    this.schedules = new ScheduleDesk({ scheduler: this.scheduler, audit: this.access.audit });
    this.agenda = new Agenda({ ...this, slots: this.store.slots });
    this.calendar.changes.subscribe(() => this.scheduler.review());
    this.calendar.events.subscribe(() => this.scheduler.review());
    this.rules = new RuleEngine(this.store, { ...this, exists: (object) => this.#exists(object) });
    this.metrics = this.#makeMetrics(options.metrics !== 'off');
    const { audit } = this.access;
    const { reveal, safe } = this.secrets;
    this.ruleRoom = new RuleRoom({ ...this, states: this.store.states, audit });
    this.alerts = new AlertRoom({ ...this, audit, reveal, safe });
    this.alerts.honour(async (object, at) => {
      const found = await this.calendar.mutes(object, at);
      return found && { name: titleOf(found.window), until: found.until };
    });
    this.activity = new Activity(this);
    this.dashboards = new DashboardRoom(options.dataDirectory, this.metrics);
    const rooms = { ...this, states: this.store.states, reveal: this.secrets.reveal };
    this.mqtt = new MqttApi(options.mqtt ?? defaultMqttSettings, rooms);
    this.rest = new RestApi(rooms);
    this.approvePage = new ApprovePage(this);
  }

  start(): void {
    this.log.info(`schedules use time zone data ${process.versions.tz}`);
    this.access.start();
    this.governor.start(this.operations);
    this.deliveries.start();
    this.runs.start();
    this.operations.start();
    this.approvals.start(this.operations);
    this.alerts.start();
    this.rules.start();
    this.ruleRoom.start();
    this.metrics.start();
    this.activity.start();
    this.calendar.start(this.operations, this.scheduler);
    this.scheduler.start();
    this.mqtt.start();
    this.rest.start();
  }

  /** Settles or records what runs, tells how it ended, then closes every connection and the store. */
  async stop(): Promise<void> {
    this.scheduler.stop();
    this.calendar.stop();
    this.ruleRoom.stop();
    this.rules.stop();
    await this.alerts.stop();
    await this.operations.stop(2_000);
    this.activity.stop();
    this.approvals.stop();
    this.deliveries.stop();
    this.runs.stop();
    await this.mqtt.stop();
    this.rest.stop();
    await this.metrics.stop();
    await this.connections.stop();
    this.governor.stop();
    this.access.stop();
    this.store.close();
    this.#directory.release();
  }

  /** Whether an object is still there; undefined while its connection cannot tell. */
  #exists(object: ObjectRef): boolean | undefined {
    const connection = this.connections.list().find((one) => one.name === object.connection);
    return connection?.state.phase === 'connected' ? this.inventory.get(object) !== undefined : undefined;
  }

  #makeMetrics(collect: boolean): Metrics {
    const { dataDirectory, connections, inventory, store, secrets, scheduler, log } = this;
    const { states } = store;
    return new Metrics({
      dataDirectory,
      connections,
      inventory,
      states,
      reveal: secrets.reveal,
      scheduler,
      log,
      collect,
    });
  }

  #makeCalendar(): Calendar {
    const { dataDirectory, store, access, actions, inventory, log, approvals } = this;
    const isApproved = ({ id }: Operation) => approvals.approvals.find(id)?.state === 'granted';
    const { audit } = access;
    return new Calendar({ dataDirectory, states: store.states, audit, actions, inventory, isApproved, log });
  }

  #makeGovernor(): Governor {
    const { dataDirectory, store, access, actions, inventory, log } = this;
    const { states } = store;
    return new Governor({
      dataDirectory,
      journal: access.journal,
      states,
      audit: access.audit,
      actions,
      inventory,
      log,
    });
  }

  #openStore(): Store {
    try {
      return openSqliteStore(storeFileOf(this.dataDirectory));
    } catch (error) {
      this.#directory.release();
      throw error;
    }
  }

  #openSecrets(): Secrets {
    const { store, dataDirectory, access } = this;
    try {
      const secrets = new Secrets({ store, dataDirectory, audit: access.audit });
      secrets.open();
      return secrets;
    } catch (error) {
      store.close();
      this.#directory.release();
      throw error;
    }
  }
}

/** Where the store of a data directory stands. */
export function storeFileOf(dataDirectory: string): string {
  return join(dataDirectory, 'state.db');
}

let current: Platform | undefined;

/** The platform of this process; Node-RED loads nodes and plugins apart, and this is where they meet. */
export function currentPlatform(): Platform {
  if (current) return current;
  throw new VirtflowError('INTERNAL', { reason: 'the platform has not been started' });
}

export function isPlatformRunning(): boolean {
  return current !== undefined;
}

export function usePlatform(platform: Platform | undefined): void {
  current = platform;
}

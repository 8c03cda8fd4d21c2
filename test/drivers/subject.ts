import assert from 'node:assert/strict';
import type { Capability } from '../../lib/drivers/capability.ts';
import type { ConnectionSettings, HypervisorConnection } from '../../lib/drivers/driver.ts';
import type { CallRecord, HypervisorTask, Job, StopAnswer } from '../../lib/drivers/job.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { EventType } from '../../lib/model/event.ts';
import type { Host, PowerState } from '../../lib/model/objects.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import { Recorder } from './recorder.ts';
import type { ContractSetup } from './setup.ts';

/** A job that keeps what it is told. */
export interface TestJob extends Job {
  readonly calls: readonly CallRecord[];
  readonly ratios: readonly number[];
  readonly tasks: readonly HypervisorTask[];
  readonly stops: readonly StopAnswer[];
}

export function aJob(about: { mode?: Job['mode']; signal?: AbortSignal } = {}): TestJob {
  const calls: CallRecord[] = [];
  const ratios: number[] = [];
  const tasks: HypervisorTask[] = [];
  const stops: StopAnswer[] = [];
  return {
    operation: 'contract',
    mode: about.mode ?? 'run',
    signal: about.signal ?? new AbortController().signal,
    progress: (ratio) => ratios.push(ratio),
    follow: (task) => tasks.push(task),
    sending: () => {},
    called: (call) => calls.push(call),
    stopped: (answer) => stops.push(answer),
    calls,
    ratios,
    tasks,
    stops,
  };
}

/** What a caller in plain JavaScript may leave out. */
export const noJob = undefined as unknown as Job;

/** A guest that still boots ignores the power button, so it is pressed again. */
const pressAgainMs = 4000;

/** The driver under test, connected, with what it told. */
export class Subject {
  readonly setup: ContractSetup;
  readonly recorder = new Recorder();
  readonly connection: HypervisorConnection;
  readonly deadlineMs: number;
  readonly #made: string[] = [];

  constructor(setup: ContractSetup, settings: ConnectionSettings = setup.settings) {
    this.setup = setup;
    this.connection = setup.driver.connect(settings, this.recorder);
    this.deadlineMs = setup.deadlineMs ?? 30_000;
  }

  /** Another connection to the same place, not started. */
  another(): Subject {
    return new Subject(this.setup);
  }

  async start(): Promise<this> {
    this.connection.start();
    await this.connection.connected(AbortSignal.timeout(this.deadlineMs));
    return this;
  }

  get vms(): HypervisorConnection['vms'] {
    return this.connection.vms;
  }

  ref(id: string): ObjectRef {
    return { connection: this.connection.name, kind: 'vm', id };
  }

  /** As the last reset told them. */
  hosts(): readonly Host[] {
    const resets = this.recorder.told.flatMap((told) =>
      told.kind === 'inventory' && told.change.type === 'reset' ? [told.change.objects] : [],
    );
    return (resets.at(-1) ?? []).filter((object) => object.kind === 'host');
  }

  /** The types of what happened to an object, in order. */
  eventsOf(ref: ObjectRef, from: number): EventType[] {
    return this.recorder.told
      .slice(from)
      .flatMap((told) => (told.kind === 'event' && told.event.object.id === ref.id ? [told.event.type] : []));
  }

  /** A halted VM of this test's own, known to the inventory. */
  async freshVm(): Promise<ObjectRef> {
    const ref = this.ref(await this.setup.freshVm());
    this.#made.push(ref.id);
    await this.untilPower(ref, 'halted', 0);
    return ref;
  }

  /** Takes away the VMs that a test made: real guests need room. */
  async clear(): Promise<void> {
    for (const id of this.#made.splice(0)) await this.setup.discardVm(id);
  }

  /** A VM that runs; whatever its start told has been told. */
  async runningVm(): Promise<ObjectRef> {
    const ref = await this.freshVm();
    const from = this.recorder.end;
    await this.vms.start(ref, {}, aJob());
    await this.happens('vm.started', ref, from);
    return ref;
  }

  async suspendedVm(): Promise<ObjectRef> {
    const ref = await this.runningVm();
    const from = this.recorder.end;
    await this.vms.suspend(ref, aJob());
    await this.happens('vm.suspended', ref, from);
    return ref;
  }

  async power(ref: ObjectRef): Promise<PowerState | undefined> {
    return (await this.vms.get(ref))?.power;
  }

  untilPower(ref: ObjectRef, power: PowerState, from: number): Promise<number> {
    const fits = (told: Recorder['told'][number]) => {
      if (told.kind !== 'inventory' || told.change.type === 'delete') return false;
      const objects = told.change.type === 'put' ? [told.change.object] : told.change.objects;
      return objects.some((object) => object.kind === 'vm' && object.id === ref.id && object.power === power);
    };
    return this.recorder.until(`the inventory shows ${ref.id} ${power}`, fits, from, this.deadlineMs);
  }

  /** Waits for an event and answers its reason. */
  async happens(type: EventType, ref: ObjectRef, from: number): Promise<string | null> {
    const told = this.recorder.told[await this.indexOf(type, ref, from)];
    return told?.kind === 'event' ? told.event.reason : null;
  }

  indexOf(type: EventType, ref: ObjectRef, from: number, deadlineMs = this.deadlineMs): Promise<number> {
    const what = `${type} of ${ref.id}`;
    return this.recorder.until(
      what,
      (told) => told.kind === 'event' && told.event.type === type && told.event.object.id === ref.id,
      from,
      deadlineMs,
    );
  }

  /** An event has been told, and the inventory showed that state by then; `get` shows it now. */
  async becomes(power: PowerState, by: EventType, ref: ObjectRef, from: number): Promise<string | null> {
    const index = await this.indexOf(by, ref, from);
    assert.equal(this.powerTold(ref, index), power, `the inventory shows ${power} before ${by} is told`);
    assert.equal(await this.power(ref), power);
    const told = this.recorder.told[index];
    assert.ok(told?.kind === 'event');
    assert.deepEqual(told.event.object, ref);
    assert.ok(Math.abs(told.event.at - Date.now()) < 3_600_000, 'the event carries the time it was heard of');
    return told.event.reason;
  }

  /** What the inventory showed last before an index. */
  powerTold(ref: ObjectRef, before: number): PowerState | undefined {
    for (const told of this.recorder.told.slice(0, before).reverse()) {
      if (told.kind !== 'inventory' || told.change.type === 'delete') continue;
      const objects = told.change.type === 'put' ? [told.change.object] : told.change.objects;
      const vm = objects.find((object) => object.id === ref.id);
      if (vm?.kind === 'vm') return vm.power;
    }
    return undefined;
  }

  /** Asks the guest again and again until the event comes. */
  async askUntil(type: EventType, ref: ObjectRef, from: number, ask: () => Promise<void>): Promise<void> {
    await ask();
    for (let waitedMs = 0; waitedMs < this.deadlineMs; waitedMs += pressAgainMs) {
      const happened = this.indexOf(type, ref, from, pressAgainMs);
      if (
        await happened.then(
          () => true,
          () => false,
        )
      )
        return;
      await ask().catch((error: unknown) => assert.ok(error instanceof VirtflowError));
    }
    await this.indexOf(type, ref, from, pressAgainMs);
  }

  /** True when the connection cannot do this; then it has said so in the right way. */
  async lacks(capability: Capability, attempt: () => Promise<unknown>): Promise<boolean> {
    if (this.connection.capabilities.has(capability)) return false;
    await assert.rejects(attempt(), coded('CAPABILITY_MISSING', 'HYPERVISOR_UNSUPPORTED'));
    return true;
  }
}

/** For `assert.rejects`: an error of the catalogue with one of these codes. */
export function coded(...codes: readonly string[]): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof VirtflowError, `a VirtflowError was expected, not ${String(error)}`);
    assert.ok(codes.includes(error.code), `${codes.join(' or ')} was expected, not ${error.code}: ${error.message}`);
    assert.doesNotMatch(
      `${error.message} ${error.advice}`,
      /\{\w+\}|(^| )\?( |$|\.)/,
      'its sentences have all their facts',
    );
    return true;
  };
}

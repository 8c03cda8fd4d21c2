import { connectionContract } from './connection-contract.ts';
import { definitionContract } from './definition-contract.ts';
import { lifecycleContract } from './lifecycle-contract.ts';
import { refusalContract } from './refusal-contract.ts';
import { samplingContract } from './sampling-contract.ts';
import type { ContractSetup } from './setup.ts';
import { snapshotContract } from './snapshot-contract.ts';
import { Subject } from './subject.ts';
import { taskContract } from './task-contract.ts';

export type { ContractSetup } from './setup.ts';

/** What the parts of the contract work with: one connection for them all. */
export interface ContractContext {
  readonly setup: () => ContractSetup;
  readonly subject: () => Subject;
}

/**
 * What every driver must hold: one suite for the simulator, libvirt and whoever comes. What a connection has no
 * capability for is not skipped: it must say so.
 */
export function driverContract(name: string, prepare: () => Promise<ContractSetup>): void {
  describe(`${name}, held to the driver contract`, function () {
    this.timeout(120_000);
    let setup: ContractSetup | undefined;
    let subject: Subject | undefined;

    before(async () => {
      setup = await prepare();
      subject = await new Subject(setup).start();
    });

    afterEach(() => subject?.clear());

    after(async () => {
      await subject?.connection.stop();
      await setup?.tearDown();
    });

    const context: ContractContext = { setup: () => given(setup), subject: () => given(subject) };
    connectionContract(context);
    lifecycleContract(context);
    definitionContract(context);
    refusalContract(context);
    samplingContract(context);
    taskContract(context);
    snapshotContract(context);
  });
}

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the set-up failed');
  return value;
}

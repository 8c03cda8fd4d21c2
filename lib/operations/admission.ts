import type { AnyAction } from '../actions/action.ts';
import { VirtflowError } from '../model/errors.ts';
import { learnSecretsIn } from '../model/secret-text.ts';
import type { Authority } from './authority.ts';
import { confidentialOf } from './confidential.ts';
import { type Guard, type Passage, passAll } from './guard.ts';
import type { Fact, Operation, OperationRequest } from './operation.ts';
import { type Parameters, readParameters } from './parameters.ts';
import type { ActionSource } from './runner.ts';
import { assumed, type FreshTarget, isDone, unknownTarget, type World } from './world.ts';

const longestTimeoutSeconds = 7 * 24 * 3600;

/** A request whose form is right. */
export interface Admitted {
  readonly action: AnyAction;
  readonly parameters: Parameters;
  /** Those of them that no record shows. */
  readonly confidential: Parameters | undefined;
  readonly timeoutSeconds: number;
}

export interface AdmissionParts {
  readonly actions: ActionSource;
  readonly world: World;
  readonly authority: Authority | undefined;
  readonly guards: readonly Guard[];
}

/**
 * What a request has to pass before it is recorded; all of it reads only. First comes who may (rights), then whether it
 * can be done, last whether the guards let it.
 */
export class Admission {
  readonly #actions: ActionSource;
  readonly #world: World;
  readonly #authority: Authority | undefined;
  readonly #guards: readonly Guard[];

  constructor({ actions, world, authority, guards }: AdmissionParts) {
    this.#actions = actions;
    this.#world = world;
    this.#authority = authority;
    this.#guards = guards;
  }

  /** Whether whoever asks may; answers the facts that allow it. @throws ACTION_UNKNOWN, ACCESS_DENIED, STORE_* */
  async authorise({ action, origin, target }: OperationRequest): Promise<readonly Fact[]> {
    return (await this.#authority?.authorise(origin, this.#actions.get(action), target)) ?? [];
  }

  /** @throws ACTION_UNKNOWN, TARGET_INVALID, CONNECTION_UNKNOWN, CONNECTION_DOWN, CAPABILITY_MISSING, PARAMETER_INVALID */
  admit(request: OperationRequest): Admitted {
    const admitted = this.read(request);
    const { action } = admitted;
    const { connection } = request.target;
    const { capabilities } = this.#world.connected(connection);
    const missing = action.needs.filter((need) => !capabilities.has(need));
    if (missing.length > 0) throw new VirtflowError('CAPABILITY_MISSING', { connection, missing });
    return admitted;
  }

  /** Whether the request can be read, whatever its target is like now. @throws ACTION_UNKNOWN, TARGET_INVALID, PARAMETER_INVALID */
  read(request: OperationRequest): Admitted {
    refuseUnknownMode(request.mode);
    const action = this.#actions.get(request.action);
    const { kind } = request.target;
    if (kind !== action.target) {
      const reason = `${action.id} needs a ${action.target}, a ${kind} was given`;
      throw new VirtflowError('TARGET_INVALID', { reason });
    }
    const parameters = readParameters(action.parameters, request.parameters);
    const confidential = confidentialOf(action.parameters, parameters);
    for (const value of Object.values(confidential ?? {})) if (typeof value === 'string') learnSecretsIn(value);
    return { action, parameters, confidential, timeoutSeconds: timeoutOf(request, action) };
  }

  /**
   * Fetches the target and, unless other operations will change it first, sees whether its state allows the action.
   * @throws OBJECT_UNKNOWN, STATE_FORBIDS, CONNECTION_DOWN …
   */
  async look(request: OperationRequest, admitted: Admitted, isFirst: boolean): Promise<FreshTarget> {
    const { action, parameters } = admitted;
    const assume = request.mode === 'plan' ? request.assume : undefined;
    const target = assumed(await this.#world.fetch(request.target), assume);
    if (target === undefined) throw unknownTarget(request.target);
    if (isFirst && !isDone(action, target, parameters)) action.check?.({ target, parameters });
    return target;
  }

  /** Whether the guards let it, and what it has to wait for; a plan asks them later. @throws why they refuse */
  async pass(operation: Operation, admitted: Admitted, target: FreshTarget, isFirst: boolean): Promise<Passage> {
    const { action, parameters } = admitted;
    const nothingToDo = isFirst && isDone(action, target, parameters);
    if (nothingToDo || operation.mode === 'plan') return { why: [] };
    const others = () => this.#world.others(operation.target.connection);
    return passAll(this.#guards, { moment: 'asked', operation, action, parameters, target, others });
  }

  /** What was admitted did not come to the journal. */
  withdraw(operation: Operation): void {
    for (const guard of this.#guards) guard.withdrawn?.(operation);
  }
}

/** A misspelt plan must not run. */
function refuseUnknownMode(mode: unknown): void {
  if (mode === undefined || mode === 'run' || mode === 'plan') return;
  throw new VirtflowError('PARAMETER_INVALID', { parameter: 'mode', reason: 'one of "run", "plan" is needed' });
}

function timeoutOf(request: OperationRequest, action: AnyAction): number {
  const given: unknown = request.timeoutSeconds ?? action.timeoutSeconds;
  if (typeof given === 'number' && given > 0 && given <= longestTimeoutSeconds) return given;
  const reason = `a number of seconds above 0 and at most ${longestTimeoutSeconds} is needed`;
  throw new VirtflowError('PARAMETER_INVALID', { parameter: 'timeoutSeconds', reason });
}

import type { Static, TObject } from 'typebox';
import Value from 'typebox/value';
import { VirtflowError } from '../../model/errors.ts';
import type { Reveal } from '../../secrets/reference.ts';
import type { Rendered } from '../render.ts';

export interface Means {
  /** Reads what a setting names in the place of a secret. */
  readonly reveal: Reveal;
  /** Aborted when it has taken too long. */
  readonly signal: AbortSignal;
}

/** A way to reach people; a file for each. */
export interface Notifier<S extends TObject = TObject> {
  readonly type: string;
  readonly settings: S;
  /** Resolves with what the channel answered, once it has taken the message. @throws NOTIFICATION_FAILED, SECRET_* */
  send(settings: Static<S>, message: Rendered, means: Means): Promise<string>;
}

/** One that has not to know of which settings another is made. */
interface Registered {
  readonly type: string;
  readonly schema: TObject;
  send(settings: unknown, message: Rendered, means: Means): Promise<string>;
}

/** The ways that there are. Plugins may add theirs. */
export class NotifierRegistry {
  readonly #all = new Map<string, Registered>();

  register<S extends TObject>({ type, settings: schema, send }: Notifier<S>): void {
    const checked = (settings: unknown): settings is Static<S> => Value.Check(schema, settings);
    this.#all.set(type, {
      type,
      schema,
      send: (settings, message, means) => {
        if (!checked(settings)) throw failed(type, 'its settings are not those of this channel');
        return send(settings, message, means);
      },
    });
  }

  get types(): readonly string[] {
    return [...this.#all.keys()];
  }

  /** Every way there is, with what its settings are made of. */
  get schemas(): readonly { readonly type: string; readonly schema: TObject }[] {
    return [...this.#all.values()].map(({ type, schema }) => ({ type, schema }));
  }

  /** What is wrong with the settings of a contact; undefined when nothing is. */
  problemOf(type: string, settings: unknown): string | undefined {
    const notifier = this.#all.get(type);
    if (!notifier) return `there is no channel ${type}, only ${this.types.join(', ')}`;
    const [error] = Value.Errors(notifier.schema, settings);
    return error && `settings${error.instancePath.replaceAll('/', '.')} ${error.message}`;
  }

  async send(type: string, settings: unknown, message: Rendered, means: Means): Promise<string> {
    const notifier = this.#all.get(type);
    if (!notifier) throw failed(type, 'there is no such channel');
    return notifier.send(settings, message, means);
  }
}

export function failed(type: string, reason: string, cause?: unknown): VirtflowError {
  return new VirtflowError('NOTIFICATION_FAILED', { type, reason: reason.replace(/\.$/, '') }, { cause });
}

/** Why something failed, with what stands behind it: `fetch failed` alone helps nobody. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

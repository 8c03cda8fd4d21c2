import type { Safe } from './safe.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** Parameters that no record of an operation shows, encrypted, by the operation's id. */
export class OperationParameters {
  readonly #safe: Safe;

  constructor(safe: Safe) {
    this.#safe = safe;
  }

  /** @throws SECRET_KEY_*, STORE_* */
  keep(operation: string, parameters: Parameters): void {
    this.#safe.put('operation-parameters', operation, JSON.stringify(parameters));
  }

  /** @throws SECRET_DAMAGED, SECRET_KEY_*, STORE_* */
  find(operation: string): Parameters | undefined {
    const text = this.#safe.get('operation-parameters', operation);
    if (text === undefined) return undefined;
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  }

  forget(operation: string): void {
    this.#safe.delete('operation-parameters', operation);
  }

  list(): readonly string[] {
    return this.#safe.list('operation-parameters').map(({ name }) => name);
  }
}

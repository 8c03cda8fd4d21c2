import { keySourceOf, takeKeyEnvironment } from './key-choice.ts';
import type { KeySource } from './key-source.ts';
import { OperationParameters } from './operation-parameters.ts';
import { type Reveal, revealWith } from './reference.ts';
import { Safe, type SafeStore } from './safe.ts';
import { type ChangeRecord, Vault } from './vault.ts';

export interface SecretsParts {
  readonly store: SafeStore;
  readonly dataDirectory: string;
  readonly audit: ChangeRecord;
  /** Where the master key is; as the environment says when it is not given. */
  readonly keySource?: KeySource;
}

/** The secrets of this house: kept by name, read where a setting names one. */
export class Secrets {
  readonly vault: Vault;
  readonly reveal: Reveal;
  readonly safe: Safe;
  readonly operationParameters: OperationParameters;

  /** @throws SECRET_KEY_INVALID */
  constructor({ store, dataDirectory, audit, keySource }: SecretsParts) {
    this.safe = new Safe(store, keySource ?? keySourceOf(takeKeyEnvironment(), dataDirectory));
    this.operationParameters = new OperationParameters(this.safe);
    this.vault = new Vault(this.safe, audit);
    this.reveal = revealWith(this.vault);
  }

  /** Finds the key of what is encrypted. @throws SECRET_KEY_*, SECRET_KEYRING_UNAVAILABLE, STORE_* */
  open(): void {
    this.safe.open();
  }
}

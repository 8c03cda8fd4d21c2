import { catalogue, type ErrorCode } from './catalogue.ts';
import { recordWithoutSecrets, withoutSecrets } from './secret-text.ts';

/** Facts that an error was raised on; they fill the catalogue's sentences and travel with the error as data. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An error as it is recorded, sent over MQTT or answered over REST. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly advice: string;
  readonly details?: ErrorDetails;
}

/**
 * The one error that users meet: a stable code of the catalogue, a sentence that says what happened (`message`), one
 * that says what to do (`advice`), and the facts (`details`). None of them shows a secret that this process knows: what
 * a hypervisor or a server says may repeat one.
 */
export class VirtflowError extends Error {
  override readonly name = 'VirtflowError';
  readonly code: ErrorCode;
  readonly advice: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(withoutSecrets(fill(catalogue[code].message, details)), options);
    this.code = code;
    this.advice = withoutSecrets(fill(catalogue[code].advice, details));
    this.details = recordWithoutSecrets(details);
  }

  toJSON(): ErrorRecord {
    return { code: this.code, message: this.message, advice: this.advice, details: this.details };
  }
}

/** Somebody stopped at the hypervisor what virtflow had it do. */
export function cancelledAtHypervisor(says: string | null = null, cause?: unknown): VirtflowError {
  const by = says === null ? ' at the hypervisor' : ` at the hypervisor: ${says}`;
  return new VirtflowError('OPERATION_CANCELLED', { by, principal: 'hypervisor' }, { cause });
}

/** Turns whatever was thrown into an error of the catalogue; what is not one of ours becomes INTERNAL. */
export function toVirtflowError(thrown: unknown): VirtflowError {
  if (thrown instanceof VirtflowError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new VirtflowError('INTERNAL', { reason }, { cause: thrown });
}

function fill(template: string, details: ErrorDetails): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, key: string) => text(details[key]));
  // A reason that is a sentence itself brings its own full stop.
  return filled.replace(/(?<!\.)\.\.(?=\s|$)/g, '.');
}

function text(value: unknown): string {
  if (value === undefined) return '?';
  if (Array.isArray(value)) return value.map(text).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

import { VirtflowError } from '../../model/errors.ts';
import type { Options } from './options.ts';
import type { RestClient } from './rest-client.ts';
import type { Terminal } from './terminal.ts';

/** What a command works with that needs no virtflow that runs. */
export interface LocalCall {
  readonly terminal: Terminal;
  readonly words: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
  /** Print for programs. */
  readonly json: boolean;
  /** Aborted when a person interrupts it. */
  readonly signal: AbortSignal;
}

export interface CommandCall extends LocalCall {
  readonly client: RestClient;
}

interface About {
  readonly name: string;
  /** What comes after its name: `<operation> …`. */
  readonly words: string;
  readonly says: string;
  readonly options: Options;
}

/** Both answer the exit code. */
export type Command = About & ({ run(call: CommandCall): Promise<number> } | { runHere(call: LocalCall): number });

export const waitOptions = {
  wait: { type: 'boolean', says: 'Wait for the end, and answer it with the exit code.' },
  plan: { type: 'boolean', says: 'Only tell what would be done; nothing is changed.' },
} as const satisfies Options;

/** A text that was given as an option. */
export function textIn(values: CommandCall['values'], name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** The words, one at least. @throws OPTION_INVALID */
export function wordsOf({ words }: LocalCall, what: string): readonly [string, ...string[]] {
  const [first, ...others] = words;
  if (first !== undefined) return [first, ...others];
  throw new VirtflowError('OPTION_INVALID', { option: `<${what}>`, reason: 'it is missing' });
}

/** The one word. @throws OPTION_INVALID */
export function wordOf(call: LocalCall, what: string): string {
  const [word, odd] = wordsOf(call, what);
  if (odd === undefined) return word;
  throw new VirtflowError('OPTION_INVALID', { option: odd, reason: 'nothing is expected there' });
}

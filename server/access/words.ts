import type { AccountGrant } from '../../lib/access/account.ts';
import type { Scope } from '../../lib/access/scope.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { isObjectKind } from '../../lib/model/reference.ts';

/** What is said after the command, and the options that only the commands about access have. */
export interface AccessWords {
  readonly words: readonly string[];
  readonly role?: string | undefined;
  readonly owner?: string | undefined;
  readonly permission?: readonly string[] | undefined;
  readonly connection?: string | undefined;
  readonly kind?: string | undefined;
  readonly selector?: string | undefined;
  readonly add?: boolean | undefined;
  readonly deny?: boolean | undefined;
  readonly label?: string | undefined;
  readonly days?: string | undefined;
  readonly anchor?: string | undefined;
  readonly all?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly 'cancel-running'?: boolean | undefined;
}

export const accessOptions = {
  role: { type: 'string' },
  owner: { type: 'string' },
  permission: { type: 'string', multiple: true },
  connection: { type: 'string' },
  kind: { type: 'string' },
  selector: { type: 'string' },
  add: { type: 'boolean' },
  deny: { type: 'boolean' },
  label: { type: 'string' },
  days: { type: 'string' },
  anchor: { type: 'string' },
  all: { type: 'boolean' },
  reason: { type: 'string' },
  'cancel-running': { type: 'boolean' },
} as const;

/** Words in their places; one more or one less is refused. @throws OPTION_INVALID */
export function wordsAs(words: readonly string[], ...names: readonly string[]): readonly string[] {
  const missing = names[words.length];
  if (missing !== undefined) throw invalid(`<${missing}>`, 'it is missing');
  const odd = words[names.length];
  if (odd !== undefined) throw invalid(odd, 'nothing is expected there');
  return words;
}

/** @throws OPTION_INVALID */
export function scopeOf({ connection, kind, selector }: AccessWords): Scope {
  if (kind !== undefined && kind !== 'connection' && !isObjectKind(kind)) throw invalid('--kind', `"${kind}" is none`);
  return {
    ...(connection === undefined ? {} : { connection }),
    ...(kind === undefined ? {} : { kind }),
    ...(selector === undefined ? {} : { selector }),
  };
}

/** @throws OPTION_INVALID */
export function grantOf(role: string, words: AccessWords): AccountGrant {
  return { effect: words.deny === true ? 'deny' : 'allow', role, scope: scopeOf(words) };
}

export function invalid(option: string, reason: string): VirtflowError {
  return new VirtflowError('OPTION_INVALID', { option, reason });
}

/** A command of a command, `user add`, and the options that it takes. */
export interface Subcommand<R> {
  readonly run: R;
  readonly takes: readonly (keyof typeof accessOptions)[];
}

export const scopeOptions = ['connection', 'kind', 'selector'] as const;

/** Finds what the first word says; an option that would do nothing is refused. @throws OPTION_INVALID */
export function subcommand<R>(
  commands: Readonly<Record<string, Subcommand<R>>>,
  { words: [name = '', ...words], ...options }: AccessWords,
): { readonly run: R; readonly words: readonly string[] } {
  const found = Object.entries(commands).find(([one]) => one === name)?.[1];
  if (!found) throw invalid(name || '<command>', `there are ${Object.keys(commands).join(', ')}`);
  const odd = Object.keys(options).find((option) => !found.takes.some((one) => one === option));
  if (odd !== undefined) throw invalid(`--${odd}`, `${name} has none such`);
  return { run: found.run, words };
}

import type { AnyAction } from '../../../actions/action.ts';
import { VirtflowError } from '../../../model/errors.ts';
import { type Command, type CommandCall, textIn, waitOptions } from '../command.ts';
import { started } from '../following.ts';
import { type Options, parameterOptions, parametersIn } from '../options.ts';

/** What every action takes beside its own parameters. */
const shared = {
  selector: {
    type: 'string',
    value: 'condition',
    says: 'All objects for which it holds, such as "power = \'running\'".',
  },
  ...waitOptions,
  'give-up-after': { type: 'string', value: 'seconds', says: 'How long it may take.' },
  'idempotency-key': {
    type: 'string',
    value: 'text',
    says: 'Makes a command that is given twice one, for seven days.',
  },
} as const satisfies Options;

/** An action as a command: all of it follows from the declaration. */
export function actionCommand(action: AnyAction): Command {
  return {
    name: action.id.replace('.', ' '),
    words: `<${action.target}> …`,
    says: action.summary,
    options: { ...parameterOptions(action), ...shared },
    run: (call) => perform(action, call),
  };
}

async function perform(action: AnyAction, call: CommandCall): Promise<number> {
  const { client, values } = call;
  const key = textIn(values, 'idempotency-key');
  const timeoutSeconds = secondsIn(values);
  const body = {
    target: targetIn(action, call),
    parameters: parametersIn(action, values),
    plan: values.plan === true,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  };
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  return started(call, await client.ask(`/actions/${action.id}`, { method: 'POST', body, headers }));
}

function targetIn(action: AnyAction, { words, values }: CommandCall): unknown {
  const selector = textIn(values, 'selector');
  if (selector !== undefined && words.length > 0) throw invalid('--selector', 'it stands in the place of names');
  if (selector !== undefined) return { selector };
  if (words.length === 0) throw invalid(`<${action.target}>`, 'it is missing; give a name, or --selector');
  return words.length === 1 ? words[0] : words;
}

function secondsIn(values: CommandCall['values']): number | undefined {
  const text = textIn(values, 'give-up-after');
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (text.trim() !== '' && Number.isFinite(seconds)) return seconds;
  throw invalid('--give-up-after', `"${text.slice(0, 50)}" is not a number of seconds`);
}

function invalid(option: string, reason: string): VirtflowError {
  return new VirtflowError('OPTION_INVALID', { option, reason });
}

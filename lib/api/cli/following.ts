import { endStates } from '../../operations/operation.ts';
import type { OperationView } from '../operation-view.ts';
import { asOperation, asStarted } from './answers.ts';
import type { CommandCall } from './command.ts';
import { exitCodeOfStates } from './exit-codes.ts';
import { ProgressBar } from './progress-bar.ts';
import { endLine, operationLine } from './views.ts';

/** How long one question for the end of an operation waits: the bar moves so often. */
const askEverySeconds = '1';

/** Tells what was started, and follows it to its end where that was asked for; answers the exit code. */
export async function started(call: CommandCall, body: unknown): Promise<number> {
  const { terminal, values } = call;
  const { operations, refused } = asStarted(body);
  for (const { error } of refused) terminal.tell(`${error.message} ${error.advice} [${error.code}]`);
  const told = values.wait === true || values.plan === true ? await followed(call, operations) : operations;
  tell(call, told);
  return exitCodeOfStates([...told.map(({ state }) => state), ...refused.map(() => 'refused' as const)]);
}

/** Waits until all have ended; answers them as they are then. */
export async function followed(
  call: CommandCall,
  operations: readonly OperationView[],
): Promise<readonly OperationView[]> {
  const bar = new ProgressBar(call.terminal);
  try {
    return await Promise.all(operations.map((operation) => follow(call, operation, bar)));
  } finally {
    bar.clear();
  }
}

/** Those that ended say how; the others, where to find them. */
export function tell({ terminal, json }: CommandCall, operations: readonly OperationView[]): void {
  if (json) terminal.print(JSON.stringify(operations, null, 2));
  else for (const one of operations) terminal.print(one.endedAt === null ? operationLine(one) : endLine(one));
}

async function follow(call: CommandCall, operation: OperationView, bar: ProgressBar): Promise<OperationView> {
  let latest = operation;
  bar.show(latest);
  while (!endStates.has(latest.state)) {
    call.signal.throwIfAborted();
    latest = asOperation(
      await call.client.ask(`/operations/${latest.id}/wait`, { query: { seconds: askEverySeconds } }),
    );
    bar.show(latest);
  }
  return latest;
}

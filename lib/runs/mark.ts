import { operationId } from '../operations/id.ts';

/** What a message carries as `msg._virtflow`, so that what it leads to can be told to belong to it. */
export interface RunMark {
  /** The run: one trigger's journey through the flows. */
  readonly run: string;
  /** The delivery of the action node that sent the message, or what it was made from, last. */
  readonly delivery?: string;
}

/** The property of a message that the mark stands in. */
export const markProperty = '_virtflow';

const idShape = /^[\w.-]{1,100}$/;

/** The mark of a message; undefined when it has none, or something else stands in its place. */
export function markOf(message: object): RunMark | undefined {
  const mark: unknown = markProperty in message ? message[markProperty] : undefined;
  if (typeof mark !== 'object' || mark === null || !('run' in mark) || !isId(mark.run)) return undefined;
  return 'delivery' in mark && isId(mark.delivery) ? { run: mark.run, delivery: mark.delivery } : { run: mark.run };
}

/** The mark of a message that nothing led to. */
export function newRun(): RunMark {
  return { run: operationId() };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && idShape.test(value);
}

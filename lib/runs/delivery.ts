import type { GroupShape } from '../operations/groups/group.ts';
import type { OperationMode, OperationRequest } from '../operations/operation.ts';

/** What an action node was asked to do by a message, with its targets as they were found. */
export interface Ask {
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds?: number;
  readonly mode: OperationMode;
  readonly approval?: 'always' | 'never';
  /** Lists leave it out. */
  readonly quiet?: boolean;
  /** In the place of targets: several operations as one, or what follows from one. */
  readonly work?: AskedWork;
  /** The key that the message brought itself. */
  readonly key?: string;
  readonly targets: readonly AskedTarget[];
  /** Whether a list is answered, however many targets there are. */
  readonly many: boolean;
}

export type AskedWork =
  | { readonly kind: 'group'; readonly shape: GroupShape }
  | { readonly kind: 'retry' | 'undo'; readonly operation: string }
  /** `wait`: first for what of the run is still under way. */
  | { readonly kind: 'undo-run'; readonly run: string; readonly wait?: boolean };

export interface AskedTarget {
  readonly target: OperationRequest['target'];
  readonly name: string;
}

/** A message that an action node has taken, on disk until what it asked for has ended and the node has sent it on. */
export interface Delivery {
  readonly id: string;
  readonly run: string;
  /** The delivery that the message came from, when that was still under way. */
  readonly parent: string | null;
  readonly node: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Plain data; see `toPlain`. */
  readonly message: unknown;
  readonly ask: Ask;
}

/** The key under which a delivery's operation on a target is asked for, again and again. */
export function keyOf({ id, ask }: Delivery, target: AskedTarget['target']): string {
  const object = 'id' in target ? [target.connection, target.kind, target.id] : [target.connection];
  if (ask.key !== undefined) return JSON.stringify([ask.key, ask.action, target]);
  return `flow:${id}:${object.join('/')}`;
}

/** The same for a group. */
export function keyOfGroup({ id, ask }: Delivery): string {
  return ask.key === undefined ? `flow:${id}` : JSON.stringify([ask.key, ask.action]);
}

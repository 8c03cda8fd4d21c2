import type { AnyAction, TargetKind } from '../../lib/actions/action.ts';
import { resolveTarget } from '../../lib/inventory/target.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { InventoryKind } from '../../lib/model/objects.ts';
import { refOf } from '../../lib/model/reference.ts';
import type { OperationRequest } from '../../lib/operations/operation.ts';
import type { Platform } from '../../lib/platform.ts';
import type { TargetSetting } from '../forms/field.ts';
import type { NodeContext } from './node-context.ts';
import type { Message } from './red.ts';

export interface Wanted {
  readonly target: OperationRequest['target'];
  readonly name: string;
}

export interface WantedTargets {
  readonly all: readonly Wanted[];
  /** Whether a list or a selector was given: then a list is answered, however many it held. */
  readonly many: boolean;
}

/**
 * What a message asks to work on: `msg.target`, else what the node is configured with. An empty `msg.target` does not
 * fall back, for a lookup that failed must not hit another VM.
 * @returns undefined when neither says anything
 */
export function targetOf(node: NodeContext, message: Message, setting: TargetSetting): unknown {
  return message.target === undefined ? configuredTarget(node, message, setting) : message.target;
}

/** What a node is configured to work on, whatever `msg.target` says. */
export function configuredTarget(node: NodeContext, message: Message, setting: TargetSetting): unknown {
  switch (setting.mode) {
    case 'list':
      return setting.names.length > 1 ? setting.names : setting.names[0];
    case 'selector':
      return { selector: setting.selector };
    case 'all':
      return { selector: 'true' };
    case 'message':
      return node.property(message, setting.property);
  }
}

/** What a node is configured to work on, where no message has a say in it. */
export function fixedTarget(setting: TargetSetting): unknown {
  switch (setting.mode) {
    case 'list':
      return setting.names.length > 0 ? setting.names : undefined;
    case 'selector':
      return { selector: setting.selector };
    case 'all':
      return { selector: 'true' };
    case 'message':
      return undefined;
  }
}

/** @throws TARGET_*, OBJECT_*, SELECTOR_INVALID, CONNECTION_UNKNOWN */
export async function findTargets(platform: Platform, action: AnyAction, target: unknown): Promise<WantedTargets> {
  const kind: TargetKind = action.target;
  const many = Array.isArray(target) || isSelector(target);
  const all = kind === 'connection' ? findConnections(platform, target) : await findObjects(platform, kind, target);
  return { all, many };
}

async function findObjects(platform: Platform, kind: InventoryKind, target: unknown): Promise<Wanted[]> {
  await platform.connections.tried();
  const objects = await resolveTarget(platform.inventory, target, { kind });
  return objects.map((object) => ({ target: refOf(object), name: object.name }));
}

function findConnections(platform: Platform, target: unknown): Wanted[] {
  const names: readonly unknown[] = Array.isArray(target) ? target : [target];
  return names.map((name) => {
    if (name === undefined || name === null || name === '') throw new VirtflowError('TARGET_MISSING');
    if (typeof name !== 'string') throw new VirtflowError('TARGET_INVALID', { reason: 'a connection is a name' });
    const connection = platform.connections.get(name).name;
    return { target: { connection, kind: 'connection' }, name: connection };
  });
}

function isSelector(target: unknown): boolean {
  return typeof target === 'object' && target !== null && 'selector' in target;
}

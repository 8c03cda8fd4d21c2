import type { AnyAction } from '../../lib/actions/action.ts';
import { allActions } from '../../lib/actions/registry.ts';
import { describeAction, parameterFields } from '../forms/action-description.ts';
import {
  approvalField,
  connectionField,
  giveUpField,
  modeField,
  quietField,
  targetField,
} from '../forms/shared-fields.ts';
import { ActionRunner } from './action-runner.ts';
import { readConfig } from './config.ts';
import { connectionName } from './connection-names.ts';
import { defineNode, type LiveNode } from './define-node.ts';
import type { NodeContext } from './node-context.ts';
import { approvalOf, modeOf, parametersOf, timeoutOf } from './parameters.ts';
import type { Message, NodeRed } from './red.ts';
import { showMissingRights } from './rights.ts';
import { fixedTarget, targetOf } from './targets.ts';

/** The kinds of things that have a set of action nodes: the part of an action's id before the dot. */
export const actionKinds = ['vm', 'connection'] as const;
export type ActionKind = (typeof actionKinds)[number];

export function actionsOf(kind: ActionKind): AnyAction[] {
  return allActions.filter((action) => action.id.startsWith(`${kind}.`));
}

/** Registers the single-purpose nodes of a kind, one for each action. */
export function registerActions(RED: NodeRed, kind: ActionKind): void {
  for (const action of actionsOf(kind)) {
    defineNode(RED, { description: describeAction(action), open: (node) => openAction(action, node) });
  }
}

const commonFields = [targetField, connectionField, giveUpField, modeField, approvalField, quietField] as const;

function openAction(action: AnyAction, node: NodeContext): LiveNode {
  const runner = new ActionRunner(node);
  const fields = parameterFields(action);
  const common = readConfig(commonFields, node.raw);
  const ask = (message: Message) => ({
    action,
    target:
      action.target === 'connection'
        ? connectionOf(common.connection, message)
        : targetOf(node, message, common.target),
    parameters: parametersOf(fields, node.config, message),
    timeoutSeconds: timeoutOf(common.timeoutSeconds, message),
    mode: modeOf(node, common.mode, message),
    approval: approvalOf(common.approval),
    quiet: common.quiet,
  });
  const target = () =>
    action.target === 'connection' ? connectionName(common.connection) : fixedTarget(common.target);
  showMissingRights(node, () => [{ action, target: target() }]);
  return runner.live(ask);
}

function connectionOf(nodeId: string, message: Message): unknown {
  return message.target === undefined ? connectionName(nodeId) : message.target;
}

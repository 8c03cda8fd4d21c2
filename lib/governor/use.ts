import { covers } from '../access/pattern.ts';
import type { Danger } from '../actions/action.ts';
import { formatRef, type ObjectRef } from '../model/reference.ts';
import { type Operation, objectOf } from '../operations/operation.ts';
import { type ActionKind, isAbout } from './action-class.ts';
import type { Rule, Scope } from './rules.ts';

/** An operation as rules count it. */
export interface Use {
  readonly operation: string;
  /** What was submitted: the group that it is a member of, or itself. */
  readonly submission: string;
  readonly action: ActionKind;
  readonly connection: string;
  /** `connection/kind/id`; null when it makes something new. */
  readonly object: string | null;
  readonly host: string | null;
  readonly pool: string | null;
  readonly flow: string | null;
  readonly principal: string;
  readonly undoes: boolean;
  /** The selectors of rules that its object matched. */
  readonly selectors: ReadonlySet<string>;
}

export function useOf(operation: Operation, danger: Danger, selectors: ReadonlySet<string>): Use {
  const { id, parent, action, target, touches = [], origin, undoes } = operation;
  const object = objectOf(target);
  const around = object ? [object, ...touches] : touches;
  return {
    operation: id,
    submission: parent ?? id,
    action: { id: action, danger },
    connection: target.connection,
    object: object && formatRef(object),
    host: placeIn(around, 'host'),
    pool: placeIn(around, 'pool'),
    flow: origin.flow ?? null,
    principal: origin.principal,
    undoes: undoes !== undefined,
    selectors,
  };
}

function placeIn(around: readonly ObjectRef[], kind: 'host' | 'pool'): string | null {
  const found = around.find((ref) => ref.kind === kind);
  return found ? formatRef(found) : null;
}

/** Whether a rule counts this operation. */
export function counts(rule: Rule, use: Use): boolean {
  if ('actions' in rule && !isAbout(rule.actions, use.action)) return false;
  if (!('selector' in rule || 'connection' in rule)) return true;
  if (rule.connection !== undefined && !covers(rule.connection, use.connection)) return false;
  return rule.selector === undefined || use.selectors.has(rule.selector);
}

/** Whether it may be stopped by the rule: what takes something back is counted, but not left half-way. */
export function binds(rule: Rule, use: Use): boolean {
  const exempt = 'exemptUndo' in rule ? rule.exemptUndo !== false : rule.type !== 'readOnly' && rule.type !== 'protect';
  return !(exempt && use.undoes) && counts(rule, use);
}

/** What it is counted together with; null when it has no such: then the rule does not count it. */
export function scopeKey(per: Scope | undefined, use: Use): string | null {
  switch (per) {
    case undefined:
    case 'all':
      return '';
    case 'action':
      return use.action.id;
    case 'connection':
      return use.connection;
    default:
      return use[per];
  }
}

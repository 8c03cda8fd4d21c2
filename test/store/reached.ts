import assert from 'node:assert/strict';
import type { Operation } from '../../lib/operations/operation.ts';

const order = ['queued', 'running', 'succeeded'];

/** The state that was reported, or a later one whose report the end of the writer took. */
export function assertReached(operation: Operation | undefined, state: string): void {
  assert.ok(operation, 'a commit is lost');
  assert.ok(order.indexOf(operation.state) >= order.indexOf(state), `${operation.id} fell back to ${operation.state}`);
}

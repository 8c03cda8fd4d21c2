import assert from 'node:assert/strict';
import type { Field } from '../../nodes/forms/field.ts';
import { targetField } from '../../nodes/forms/shared-fields.ts';
import { migrate, readConfig } from '../../nodes/runtime/config.ts';

const words = { label: '', description: '' };
const fields = [
  { kind: 'text', name: 'text', default: 'a', ...words },
  { kind: 'number', name: 'count', default: 3, ...words },
  { kind: 'number', name: 'limit', default: null, ...words },
  { kind: 'switch', name: 'on', default: true, ...words },
  {
    kind: 'choice',
    name: 'one',
    default: 'x',
    options: [
      { value: 'x', label: '' },
      { value: 'y', label: '' },
    ],
    ...words,
  },
  { kind: 'choices', name: 'many', default: ['x'], options: [], ...words },
  targetField,
] as const satisfies readonly Field[];

describe("a node's configuration", () => {
  it('reads numbers and switches that a form stored as text', () => {
    const { count, limit, on } = readConfig(fields, { count: '12', limit: '0.5', on: 'false' });
    assert.deepEqual([count, limit, on], [12, 0.5, false]);
  });

  it('has the default where a property is missing, empty or of another kind', () => {
    const empty = readConfig(fields, {});
    assert.deepEqual(empty, {
      text: 'a',
      count: 3,
      limit: undefined,
      on: true,
      one: 'x',
      many: ['x'],
      target: { mode: 'list', names: [], selector: '', property: 'target' },
    });
    const odd = { text: 5, count: {}, limit: '', on: 'maybe', one: 'z', many: 'x', target: { mode: 'no', names: 1 } };
    assert.deepEqual(readConfig(fields, odd), empty);
  });

  it('lets an empty list of choices stand', () => {
    assert.deepEqual(readConfig(fields, { many: [] }).many, []);
  });

  it('is brought up to date step by step from the version it has', () => {
    const steps = [(old: object) => ({ ...old, second: true }), (old: object) => ({ ...old, third: true })];
    assert.deepEqual(migrate({}, steps), { second: true, third: true });
    assert.deepEqual(migrate({ version: 2 }, steps), { version: 2, third: true });
    assert.deepEqual(migrate({ version: 3 }, steps), { version: 3 });
    assert.deepEqual(migrate({ version: 'odd' }, steps), { version: 'odd', second: true, third: true });
  });
});

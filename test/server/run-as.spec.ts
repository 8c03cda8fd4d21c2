import assert from 'node:assert/strict';
import { withFlow } from '../../server/access/deploy-guard.ts';
import { type FlowEntry, newlyRunAs } from '../../server/access/run-as.ts';
import { isError } from '../access/fixtures.ts';

const runAs = (value: unknown, type = 'str') => ({ env: [{ name: 'VIRTFLOW_RUN_AS', value, type }] });
const tab = { id: 'tab', type: 'tab', label: 'nights', ...runAs('night-shift') };
const node = { id: 'n1', type: 'virtflow-vm-start', z: 'tab', x: 10, y: 10 };
const subflow = { id: 'sub', type: 'subflow', name: 'both' };
const inside = { id: 'n2', type: 'function', z: 'sub', func: 'return msg' };
const instance = { id: 'n3', type: 'subflow:sub', z: 'tab' };
const apart = { id: 'other', type: 'tab', label: 'other' };
const all: readonly FlowEntry[] = [tab, node, subflow, inside, instance, apart];

const identities = (before: readonly FlowEntry[], after: readonly FlowEntry[]) =>
  newlyRunAs(before, after).map(({ identity }) => identity);
const changed = (id: string, about: object) => all.map((one) => (one.id === id ? { ...one, ...about } : one));

describe('what a deploy makes act as a service', () => {
  it('is what is new', () => {
    assert.deepEqual(newlyRunAs([], all), [{ flow: 'nights', identity: 'night-shift' }]);
  });

  it('is not what is as it was, nor what was only moved about', () => {
    assert.deepEqual(identities(all, all), []);
    assert.deepEqual(identities(all, changed('n1', { x: 500, y: 20 })), []);
    assert.deepEqual(identities(all, changed('other', { label: 'else' })), []);
  });

  it('is what has another node, another setting, or a subflow that does something else', () => {
    assert.deepEqual(identities(all, [...all, { id: 'n9', type: 'inject', z: 'tab' }]), ['night-shift']);
    assert.deepEqual(identities(all, changed('n1', { target: 'all' })), ['night-shift']);
    assert.deepEqual(identities(all, changed('n2', { func: 'return null' })), ['night-shift']);
    assert.deepEqual(identities(all, changed('tab', runAs('root'))), ['root']);
  });

  it('may be a subflow, an instance of one, a group, or everything', () => {
    for (const holder of [
      subflow,
      instance,
      { id: 'g', type: 'group', z: 'tab' },
      { id: 'c', type: 'global-config' },
    ]) {
      const definition = holder === instance ? [subflow] : [];
      const after = [{ ...holder, ...runAs('night-shift') }, ...definition, inside, { ...node, z: '', g: 'g' }];
      assert.deepEqual(identities([], after), ['night-shift'], holder.type);
      const other = after.map((one) => (one.id === 'n1' || one.id === 'n2' ? { ...one, odd: 1 } : one));
      assert.deepEqual(identities(after, other), ['night-shift'], holder.type);
    }
  });

  it('must be said as a plain text', () => {
    for (const type of ['env', 'jsonata', 'cred']) {
      assert.throws(() => newlyRunAs([], [{ ...tab, ...runAs('night-shift', type) }]), isError('IDENTITY_INVALID'));
    }
    assert.throws(() => newlyRunAs([], [{ ...tab, ...runAs(7) }]), isError('IDENTITY_INVALID'));
    assert.deepEqual(identities([], [{ ...tab, ...runAs('') }]), []);
  });

  it('is found in a single flow that is added or replaced as well', () => {
    const flow = { label: 'nights', ...runAs('night-shift'), nodes: [node] };
    assert.deepEqual(identities([], withFlow([], undefined, flow)), ['night-shift']);
    assert.deepEqual(identities(all, withFlow(all, 'tab', { ...flow, nodes: [] })), ['night-shift']);
    const subflows = [{ ...subflow, nodes: [{ ...inside, func: 'while (true);' }] }];
    assert.deepEqual(identities(all, withFlow(all, 'global', { subflows })), ['night-shift']);
  });
});

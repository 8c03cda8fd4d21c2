import assert from 'node:assert/strict';
import { domainNews } from '../../../../plugins/libvirt/events/domain-news.ts';

const dom = { uuid: 'u', name: 'web', id: 3 };
const of = { callbackID: 1, dom };

describe('events of domains', () => {
  it('carry the domain', () => {
    const news = domainNews('domain.reboot', of);
    assert.deepEqual([news?.id, news?.name, news?.type, news?.effect], ['u', 'web', 'vm.rebooted', { kind: 'none' }]);
  });

  it('prove the power state, or call for a look', () => {
    const effect = (event: number, detail: number) => domainNews('domain.lifecycle', { ...of, event, detail })?.effect;
    assert.deepEqual(effect(2, 0), { kind: 'power', power: 'running' });
    assert.deepEqual(effect(5, 0), { kind: 'power', power: 'halted' });
    assert.deepEqual(effect(5, 4), { kind: 'reread' });
    assert.deepEqual(effect(1, 0), { kind: 'undefined' });
    assert.deepEqual(effect(6, 1), { kind: 'none' });
    assert.equal(effect(1, 1), undefined);
  });

  it('tell the agent coming and going', () => {
    const told = (state: number) => {
      const news = domainNews('domain.agentLifecycle', { ...of, state, reason: 0 });
      return [news?.type, news?.effect];
    };
    assert.deepEqual(told(1), ['vm.agent-connected', { kind: 'agent', agent: 'connected' }]);
    assert.deepEqual(told(2), ['vm.agent-disconnected', { kind: 'agent', agent: 'disconnected' }]);
  });

  it('tell memory in bytes', () => {
    const news = domainNews('domain.balloonChange', { ...of, actual: 1024 });
    assert.deepEqual(news?.effect, { kind: 'memory', currentBytes: 1024 * 1024 });
    assert.deepEqual(news?.details, { memoryBytes: 1024 * 1024 });
  });

  it('name devices, disks, causes and jobs in words', () => {
    const device = domainNews('domain.deviceRemoved', { ...of, devAlias: 'net1' });
    assert.deepEqual([device?.type, device?.details], ['vm.device-removed', { device: 'net1' }]);
    const io = { ...of, srcPath: '/a.img', devAlias: 'virtio-disk0', action: 1, reason: 'enospc' };
    const error = domainNews('domain.ioErrorReason', io);
    assert.deepEqual([error?.reason, error?.details.action], ['enospc', 'pause']);
    const blockJob = domainNews('domain.blockJob2', { ...of, dst: 'vda', type: 4, status: 3 });
    assert.deepEqual([blockJob?.reason, blockJob?.details], ['ready', { disk: 'vda', job: 'active-commit' }]);
    const params = [{ field: 'operation', type: 'i32', value: 2 } as const];
    assert.equal(domainNews('domain.jobCompleted', { ...of, params })?.reason, 'save');
    assert.equal(domainNews('domain.watchdog', { ...of, action: 99 })?.reason, 'number-99');
  });
});

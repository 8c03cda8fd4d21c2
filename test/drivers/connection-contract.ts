import assert from 'node:assert/strict';
import { metricTiers } from '../../lib/drivers/driver.ts';
import type { ContractContext } from './contract.ts';
import type { Recorder } from './recorder.ts';
import { aJob, coded, Subject } from './subject.ts';

const soon = () => AbortSignal.timeout(60_000);

export function connectionContract({ setup, subject }: ContractContext): void {
  describe('settings', () => {
    it('refuses a URI that cannot work, says what is wrong, and opens nothing', () => {
      const { driver, settings, badUris } = setup();
      for (const uri of badUris) {
        const { recorder } = new Subject(setup());
        const refused = (error: unknown) => coded('CONNECTION_SETTINGS_INVALID')(error);
        assert.throws(() => driver.check({ ...settings, uri }), refused, uri);
        assert.throws(() => driver.connect({ ...settings, uri }, recorder), refused, uri);
        assert.equal(recorder.told.length, 0);
      }
    });

    it('refuses to probe a URI that cannot work', async () => {
      const { driver, settings, badUris } = setup();
      for (const uri of badUris) {
        await assert.rejects(driver.probe({ ...settings, uri }, soon()), coded('CONNECTION_SETTINGS_INVALID'), uri);
      }
    });

    it('takes its own settings', () => setup().driver.check(setup().settings));
  });

  describe('connection', () => {
    it('does nothing until it is started', async () => {
      const { connection, recorder } = new Subject(setup());
      assert.deepEqual(connection.state, { phase: 'stopped' });
      assert.equal(connection.capabilities.size, 0);
      assert.equal(recorder.told.length, 0);
      const ref = { connection: connection.name, kind: 'vm', id: 'any' } as const;
      await assert.rejects(connection.vms.get(ref), coded('CONNECTION_DOWN'));
      await assert.rejects(connection.vms.start(ref, {}, aJob()), coded('CONNECTION_DOWN'));
      await assert.rejects(connection.sample(new Set(metricTiers), soon()), coded('CONNECTION_DOWN'));
    });

    it('tells that it connects, then all there is, then that it is connected', async () => {
      const other = await new Subject(setup()).start();
      assert.equal(other.connection.state.phase, 'connected');
      await other.connection.stop();
      const order = other.recorder.told.map((told) => (told.kind === 'state' ? told.state.phase : told.kind));
      assert.deepEqual([order[0], order.at(-1)], ['connecting', 'stopped']);
      assert.ok(order.indexOf('inventory') < order.indexOf('connected'), order.join(' '));
      const [first] = changesTo(other.recorder);
      assert.equal(first?.type, 'reset');
    });

    it('tells objects under its own name, each once, with at least a host', () => {
      const [reset] = changesTo(subject().recorder);
      assert.ok(reset?.type === 'reset');
      const { objects } = reset;
      assert.ok(objects.every((object) => object.connection === setup().settings.name));
      assert.equal(new Set(objects.map(({ kind, id }) => `${kind}/${id}`)).size, objects.length);
      const hosts = objects.filter((object) => object.kind === 'host');
      assert.ok(hosts.length > 0 && hosts.every((host) => host.live && host.cpu.count > 0 && host.memoryBytes > 0));
      for (const vm of objects.filter((object) => object.kind === 'vm' && object.host !== null)) {
        assert.ok(vm.kind === 'vm' && hosts.some((host) => host.id === vm.host && host.name === vm.hostName));
      }
    });

    it('hands out what it can do once it is connected', () => {
      assert.ok(subject().connection.capabilities.has('vm.start'));
    });

    it('resolves `connected` at once when it is, and rejects when it is given up or stopped', async () => {
      await subject().connection.connected();
      const { connection } = new Subject(setup());
      const reason = new Error('given up');
      await assert.rejects(connection.connected(AbortSignal.abort(reason)), (error) => error === reason);
      connection.start();
      const waiting = assert.rejects(connection.connected(), coded('CONNECTION_DOWN'));
      await connection.stop();
      await waiting;
    });

    it('stops twice without harm, and tells nothing more', async () => {
      const other = await new Subject(setup()).start();
      await Promise.all([other.connection.stop(), other.connection.stop()]);
      await other.connection.stop();
      assert.deepEqual(other.connection.state, { phase: 'stopped' });
      const { end } = other.recorder;
      await subject().runningVm();
      assert.equal(other.recorder.end, end);
      assert.equal(
        other.recorder.told.filter((told) => told.kind === 'state' && told.state.phase === 'stopped').length,
        1,
      );
      await assert.rejects(other.vms.get(other.ref('any')), coded('CONNECTION_DOWN'));
    });

    it('probes: tells what is there and leaves', async () => {
      const { driver, settings } = setup();
      const report = await driver.probe(settings, soon());
      assert.ok(report.hypervisor !== '' && report.version !== '' && report.host !== '');
      assert.ok(Number.isInteger(report.vms) && report.vms >= 0);
    });

    it('gives a probe up when told to', async () => {
      const { driver, settings } = setup();
      const reason = new Error('given up');
      await assert.rejects(driver.probe(settings, AbortSignal.abort(reason)), (error) => error === reason);
    });

    it('waits and tries again where nobody listens, and connects once somebody does', async function () {
      const { driver, unreachable } = setup();
      if (!unreachable) return this.skip();
      await assert.rejects(driver.probe(unreachable.settings, soon()), coded('CONNECTION_REFUSED'));
      const other = new Subject(setup(), unreachable.settings);
      other.connection.start();
      try {
        const index = await other.recorder.until('it waits', isWaiting, 0, other.deadlineMs);
        const told = other.recorder.told[index];
        assert.ok(told?.kind === 'state' && told.state.phase === 'waiting');
        assert.equal(told.state.error.code, 'CONNECTION_REFUSED');
        assert.ok(told.state.retryAt >= Date.now() - 60_000);
        assert.equal(changesTo(other.recorder).length, 0);
        await assert.rejects(other.vms.get(other.ref('any')), coded('CONNECTION_DOWN'));
        await unreachable.mend();
        await other.connection.connected(AbortSignal.timeout(other.deadlineMs));
      } finally {
        await other.connection.stop();
      }
    });

    it('comes back by itself after a break, and tells all there is anew', async () => {
      const { recorder, deadlineMs } = subject();
      const vm = await subject().freshVm();
      const from = recorder.end;
      await setup().breakConnection();
      const waits = await recorder.until('it waits', isWaiting, from, deadlineMs);
      const told = recorder.told[waits];
      assert.ok(told?.kind === 'state' && told.state.phase === 'waiting');
      assert.equal(told.state.error.code, 'CONNECTION_LOST');
      const isReset = (one: (typeof recorder.told)[number]) => one.kind === 'inventory' && one.change.type === 'reset';
      const reset = await recorder.until('a reset', isReset, waits, deadlineMs);
      await subject().connection.connected(AbortSignal.timeout(deadlineMs));
      assert.equal(await subject().untilPower(vm, 'halted', reset), reset);
      await subject().vms.start(vm, {}, aJob());
      await subject().becomes('running', 'vm.started', vm, reset);
    });
  });
}

function isWaiting(told: Recorder['told'][number]): boolean {
  return told.kind === 'state' && told.state.phase === 'waiting';
}

function changesTo(recorder: Recorder) {
  return recorder.told.flatMap((told) => (told.kind === 'inventory' ? [told.change] : []));
}

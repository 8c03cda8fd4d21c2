import assert from 'node:assert/strict';
import type { RawArea } from '../../../lib/drivers/raw.ts';
import { isError } from '../../access/fixtures.ts';
import { requireLab } from '../../lab/availability.ts';
import { startTestDaemon, type TestDaemon } from '../../lab/daemon.ts';
import { runningJob } from './rpc/jobs.ts';
import { type Watched, watch } from './watched-connection.ts';

describe("libvirt's RPC by the names of its procedures", () => {
  let daemon: TestDaemon;
  let lab: Watched;
  let raw: RawArea;

  before(async function () {
    await requireLab(this, 'libvirt-daemon');
    daemon = await startTestDaemon();
    lab = watch(daemon.uri);
    lab.connection.start();
    await daemon.whileAlive(lab.connection.connected());
    raw = lab.connection.raw ?? assert.fail('it has no raw calls');
  });

  after(async () => {
    await lab?.connection.stop();
    await daemon?.stop();
  });

  const call = async (name: string, args: Record<string, unknown> = {}, job = runningJob()) =>
    // An answer is what its procedure's layout says.
    (await raw.call(name, args, job)) as Record<string, unknown>;

  it('are listed with what they take and whether they change something', () => {
    const of = (name: string) => raw.procedures().find((one) => one.name === name);
    assert.deepEqual(of('DOMAIN_LOOKUP_BY_NAME'), {
      name: 'DOMAIN_LOOKUP_BY_NAME',
      effect: 'reads',
      parameters: [{ name: 'name', type: 'str' }],
    });
    assert.equal(of('DOMAIN_DESTROY')?.effect, 'changes');
    assert.match(String(of('SECRET_GET_VALUE')?.closed), /secrets/);
    assert.ok(raw.procedures().length > 350);
  });

  it('answer as plain JSON, and take handles as they were answered', async () => {
    assert.equal((await call('CONNECT_GET_TYPE')).type, 'TEST');
    const { dom } = await call('DOMAIN_LOOKUP_BY_NAME', { name: 'test' });
    assert.match(String((await call('DOMAIN_GET_XML_DESC', { dom })).xml), /<name>test<\/name>/);
    assert.ok(JSON.stringify(await call('DOMAIN_GET_INFO', { dom })).includes('"memory"'));
  });

  it('that change something go through the gate, with the job', async () => {
    const { dom } = await call('DOMAIN_LOOKUP_BY_NAME', { name: 'test' });
    const planning = { ...runningJob(), mode: 'plan' as const };
    await assert.rejects(call('DOMAIN_SUSPEND', { dom }, planning), isError('CHANGE_IN_PLAN'));
    await call('DOMAIN_SUSPEND', { dom });
    await call('DOMAIN_RESUME', { dom });
  });

  const refused: readonly [what: string, name: string, args: Record<string, unknown>, code: string][] = [
    ['a procedure that there is not', 'DOMAIN_FLY', {}, 'PROCEDURE_UNKNOWN'],
    ['an event', 'DOMAIN_EVENT_LIFECYCLE', {}, 'PROCEDURE_UNKNOWN'],
    ['an argument that there is not', 'CONNECT_GET_TYPE', { odd: 1 }, 'PARAMETER_INVALID'],
    ['an argument of another type', 'DOMAIN_LOOKUP_BY_NAME', { name: 7 }, 'PARAMETER_INVALID'],
    ['an argument that is missing', 'DOMAIN_LOOKUP_BY_NAME', {}, 'PARAMETER_INVALID'],
    ["a secret's value", 'SECRET_GET_VALUE', {}, 'PROCEDURE_CLOSED'],
    ['a definition with its passwords', 'DOMAIN_GET_XML_DESC', { flags: 3 }, 'PROCEDURE_CLOSED'],
    ['the same in a flag that is no number', 'DOMAIN_GET_XML_DESC', { flags: '1' }, 'PROCEDURE_CLOSED'],
    ['a stream', 'DOMAIN_SCREENSHOT', {}, 'PROCEDURE_CLOSED'],
    ['the end of the connection', 'CONNECT_CLOSE', {}, 'PROCEDURE_CLOSED'],
    ['events of its own', 'CONNECT_DOMAIN_EVENT_REGISTER_ANY', {}, 'PROCEDURE_CLOSED'],
    ['a name that is no procedure but a property', 'constructor', {}, 'PROCEDURE_UNKNOWN'],
  ];
  for (const [what, name, args, code] of refused) {
    it(`refuse ${what}`, async () => {
      await assert.rejects(call(name, args), isError(code));
    });
  }
});

import assert from 'node:assert/strict';
import Type from 'typebox';
import { VirtflowError } from '../../lib/model/errors.ts';
import { readParameters } from '../../lib/operations/parameters.ts';

const schema = Type.Object({
  waitSeconds: Type.Integer({ minimum: 1, maximum: 3600, default: 120 }),
  method: Type.Union([Type.Literal('auto'), Type.Literal('acpi')], { default: 'auto' }),
  force: Type.Boolean({ default: false }),
  ratio: Type.Optional(Type.Number({ maximum: 1 })),
  host: Type.Optional(Type.String({ minLength: 1, maxLength: 10 })),
  disks: Type.Optional(Type.Array(Type.Object({ target: Type.String() }), { maxItems: 2 })),
  memory: Type.Optional(Type.Object({})),
});

describe('the parameters of an action', () => {
  it('get their defaults, and nothing else is changed', () => {
    assert.deepEqual(readParameters(schema, {}), { waitSeconds: 120, method: 'auto', force: false });
    assert.deepEqual(readParameters(schema, { force: true, host: undefined, ratio: 0.5 }), {
      waitSeconds: 120,
      method: 'auto',
      force: true,
      ratio: 0.5,
    });
  });

  it('are copied, so that a message which changes later changes nothing', () => {
    const given = { disks: [{ target: 'vda' }] };
    const read = readParameters(schema, given);
    given.disks.length = 0;
    assert.deepEqual(read.disks, [{ target: 'vda' }]);
  });

  const refused: [unknown, string, string][] = [
    [{ waitSeconds: 0 }, 'waitSeconds', 'a whole number from 1 to 3600 is needed, 0 was given'],
    [{ waitSeconds: 1.5 }, 'waitSeconds', 'a whole number from 1 to 3600 is needed, 1.5 was given'],
    [{ waitSeconds: '60' }, 'waitSeconds', 'a whole number from 1 to 3600 is needed, a text of 2 characters was given'],
    [{ waitSeconds: null }, 'waitSeconds', 'a whole number from 1 to 3600 is needed, nothing (null) was given'],
    [{ waitSeconds: Number.NaN }, 'waitSeconds', 'a whole number from 1 to 3600 is needed, NaN was given'],
    [{ ratio: Number.POSITIVE_INFINITY }, 'ratio', 'a number of at most 1 is needed, Infinity was given'],
    [{ method: 'fax' }, 'method', 'one of "auto", "acpi" is needed, a text of 3 characters was given'],
    [{ force: 1 }, 'force', 'true or false is needed, 1 was given'],
    [{ host: '' }, 'host', 'a text of 1 to 10 characters is needed, a text of 0 characters was given'],
    [{ disks: {} }, 'disks', 'a list of at most 2 entries is needed, a object was given'],
    [{ disks: [{}] }, 'disks.0.target', 'it is missing'],
    [{ disks: [{ target: 1 }] }, 'disks.0.target', 'must be string'],
    [{ memory: () => 1 }, 'memory', 'it is not plain data'],
    [
      { Force: true },
      'Force',
      'there is no such parameter; there are waitSeconds, method, force, ratio, host, disks, memory',
    ],
    [JSON.parse('{"__proto__":{"force":true}}'), '__proto__', 'there is no such parameter; there are'],
    [[], 'parameters', 'an object is needed, a list was given'],
    ['force', 'parameters', 'an object is needed, a text of 5 characters was given'],
    [null, 'parameters', 'an object is needed, nothing (null) was given'],
  ];
  for (const [given, parameter, reason] of refused) {
    it(`are refused, naming ${parameter}: ${reason.slice(0, 60)}`, () => {
      assert.throws(
        () => readParameters(schema, given),
        (error) => {
          assert.ok(error instanceof VirtflowError);
          assert.equal(error.code, 'PARAMETER_INVALID');
          assert.equal(error.details.parameter, parameter);
          assert.ok(String(error.details.reason).startsWith(reason), String(error.details.reason));
          return true;
        },
      );
    });
  }

  it('are named when one is missing that has no default', () => {
    const strict = Type.Object({ name: Type.String() });
    assert.throws(() => readParameters(strict, {}), /parameter name cannot be used: it is missing/);
  });
});

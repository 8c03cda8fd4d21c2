import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../lib/model/catalogue.ts';
import { VirtflowError } from '../../../lib/model/errors.ts';
import { toConnectError, toDriverError } from '../../../plugins/libvirt/error-map.ts';
import { LibvirtError, RpcError, type RpcErrorCode } from '../../../plugins/libvirt/rpc/index.ts';

const site = { connection: 'lab', address: '/run/libvirt-sock', host: 'kvm1', kind: 'vm', name: 'web' };

function said(code: number, message: string): LibvirtError {
  const words = { str1: '%s', str2: message, str3: null, int1: -1, int2: -1 };
  return new LibvirtError('DOMAIN_CREATE_WITH_FLAGS', { code, domain: 10, message, level: 2, ...words });
}

function mapped(error: unknown): VirtflowError {
  const result = toDriverError(error, site);
  assert.ok(result instanceof VirtflowError);
  return result;
}

describe("libvirt's errors", () => {
  for (const [code, message, expected] of [
    [42, 'Domain not found: no domain with matching uuid', 'OBJECT_UNKNOWN'],
    [43, 'Network not found', 'OBJECT_UNKNOWN'],
    [49, 'Storage pool not found', 'OBJECT_UNKNOWN'],
    [50, 'Storage volume not found', 'OBJECT_UNKNOWN'],
    [55, 'Requested operation is not valid: domain is not running', 'HYPERVISOR_FAILED'],
    [1, 'internal error: process exited while connecting to monitor', 'HYPERVISOR_FAILED'],
    [38, 'Cannot access storage file', 'HYPERVISOR_FAILED'],
    [86, 'Guest agent is not responding: QEMU guest agent is not connected', 'AGENT_UNAVAILABLE'],
    [97, 'guest agent replied with wrong id', 'AGENT_UNAVAILABLE'],
    [74, 'argument unsupported: QEMU guest agent is not configured', 'AGENT_UNAVAILABLE'],
    [3, 'this function is not supported by the connection driver', 'HYPERVISOR_UNSUPPORTED'],
    [74, 'argument unsupported', 'HYPERVISOR_UNSUPPORTED'],
    [84, 'Operation not supported', 'HYPERVISOR_UNSUPPORTED'],
    [8, 'unsupported flags (0x20) in function qemuDomainUndefineFlags', 'HYPERVISOR_UNSUPPORTED'],
    [45, 'authentication failed', 'HYPERVISOR_DENIED'],
    [88, 'access denied', 'HYPERVISOR_DENIED'],
    [29, 'operation forbidden: read only access', 'HYPERVISOR_DENIED'],
    [68, 'Timed out during operation: cannot acquire state change lock', 'HYPERVISOR_BUSY'],
    [87, 'resource busy', 'HYPERVISOR_BUSY'],
    [2, 'out of memory', 'RESOURCES_EXHAUSTED'],
    [1, 'internal error: qemu: cannot set up guest memory: Cannot allocate memory', 'RESOURCES_EXHAUSTED'],
    [38, 'cannot write: No space left on device', 'RESOURCES_EXHAUSTED'],
    [27, 'XML error: no name', 'DEFINITION_INVALID'],
    [67, 'unsupported configuration: no such machine', 'DEFINITION_INVALID'],
    [92, 'XML document failed to validate against schema', 'DEFINITION_INVALID'],
    [9999, 'something new', 'HYPERVISOR_FAILED'],
  ] as const) {
    it(`${code} (${message}) becomes ${expected}`, () => {
      const error = mapped(said(code, message));
      assert.equal(error.code, expected satisfies ErrorCode);
      assert.doesNotMatch(`${error.message} ${error.advice}`, /\?|\{|\.\./);
    });
  }

  it('say what is wrong with a document, without the line of it that libvirt shows', () => {
    const line = "<domain><graphics type='vnc' passwd='hunter2hunter2'></domain>";
    const error = mapped(said(27, `(domain_definition):1: attributes construct error\n${line}\n------^`));
    assert.match(error.message, /\(domain_definition\):1: attributes construct error\.$/);
    assert.doesNotMatch(JSON.stringify(error), /hunter|graphics/);
  });

  it("keep libvirt's number, words and parameters", () => {
    const { details, cause } = mapped(said(55, 'domain is not running.'));
    assert.equal(details.hypervisorCode, 55);
    assert.equal(details.reason, 'domain is not running');
    assert.deepEqual(details.parameters, ['%s', 'domain is not running.']);
    assert.equal(details.call, 'DOMAIN_CREATE_WITH_FLAGS');
    assert.ok(cause instanceof LibvirtError);
  });

  it('while connecting are errors of the connection', () => {
    const code = (error: unknown) => {
      const result = toConnectError(error, site);
      return result instanceof VirtflowError ? `${result.code}: ${result.message}` : result;
    };
    assert.match(String(code(said(88, 'access denied'))), /^CONNECTION_DENIED: .*libvirt-sock.*access denied/);
    assert.match(
      String(code(said(5, 'no connection driver available'))),
      /^CONNECTION_REFUSED: .*no connection driver/,
    );
  });
});

describe("the RPC client's errors", () => {
  for (const [code, expected] of Object.entries({
    CONNECT_FAILED: 'CONNECTION_REFUSED',
    AUTH_REQUIRED: 'CONNECTION_DENIED',
    CONNECTION_LOST: 'CONNECTION_LOST',
    PROTOCOL_VIOLATION: 'PROTOCOL_VIOLATION',
    TIMEOUT: 'HYPERVISOR_BUSY',
    ARGUMENT_INVALID: 'INTERNAL',
  } satisfies Partial<Record<RpcErrorCode, ErrorCode>>)) {
    it(`${code} becomes ${expected}`, () => {
      assert.equal(mapped(new RpcError(code as RpcErrorCode, 'because.')).code, expected);
    });
  }

  it('say what the system said, in words', () => {
    const cause = (code: string) => Object.assign(new Error(`connect ${code} /s`), { code });
    const refused = (code: string) =>
      mapped(new RpcError('CONNECT_FAILED', `Cannot connect to /s: connect ${code} /s.`, { cause: cause(code) }));
    assert.match(refused('ENOENT').message, /: there is no such socket\.$/);
    assert.equal(refused('EACCES').code, 'CONNECTION_DENIED');
    const lost = new RpcError('CONNECTION_LOST', 'The connection to /s is gone: it was silent for 30000 ms.');
    assert.equal(mapped(lost).message, 'The connection "lab" broke: it was silent for 30000 ms.');
  });

  it('that are none are handed on', () => {
    const other = new TypeError('x');
    assert.equal(toDriverError(other, site), other);
  });
});

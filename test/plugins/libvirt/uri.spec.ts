import assert from 'node:assert/strict';
import { VirtflowError } from '../../../lib/model/errors.ts';
import { parseUri } from '../../../plugins/libvirt/uri.ts';

const env = { XDG_RUNTIME_DIR: '/run/user/7' };
const read = (uri: string) => parseUri({ name: 'lab', uri }, env);
const unix = (...paths: string[]) => paths.map((path) => ({ transport: 'unix', path }));

describe('libvirt URIs', () => {
  it('looks for the daemon of all hypervisors first, then for the one of QEMU', () => {
    const expected = unix('/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock');
    for (const uri of ['qemu:///system', 'qemu+unix:///system']) {
      assert.deepEqual(read(uri), { addresses: expected, hypervisor: 'qemu:///system' });
    }
  });

  it('looks for a session daemon below XDG_RUNTIME_DIR', () => {
    const expected = unix('/run/user/7/libvirt/libvirt-sock', '/run/user/7/libvirt/virtqemud-sock');
    assert.deepEqual(read('qemu:///session'), { addresses: expected, hypervisor: 'qemu:///session' });
  });

  it('takes a socket path, percent-encoded or not', () => {
    assert.deepEqual(read('qemu+unix:///system?socket=/a/b c').addresses, unix('/a/b c'));
    assert.deepEqual(read('test+unix:///default?socket=%2Fa%2Fb').addresses, unix('/a/b'));
  });

  it('reads host and port of TCP, IPv6 included', () => {
    const tcp = (uri: string) => read(uri).addresses[0];
    assert.deepEqual(tcp('qemu+tcp://kvm1/system'), { transport: 'tcp', host: 'kvm1', port: 16509 });
    assert.deepEqual(tcp('qemu+tcp://[fe80::1]:99/system'), { transport: 'tcp', host: 'fe80::1', port: 99 });
    assert.equal(read('test+tcp://127.0.0.1:5/default').hypervisor, 'test:///default');
  });

  it("opens a file that describes the test driver's host", () => {
    assert.equal(read('test+unix:///tmp/a%20node.xml?socket=/s').hypervisor, 'test:///tmp/a node.xml');
  });

  for (const [uri, reason] of [
    ['', /is not a URI/],
    ['kvm1', /is not a URI/],
    ['http://kvm1/', /hypervisor "http" is not one/],
    ['xen:///system', /hypervisor "xen" is not one/],
    ['qemu:///other', /has no "\/other"/],
    ['qemu+tcp://kvm1', /has no ""/],
    ['qemu+tcp:///system', /host is missing/],
    ['qemu+unix://kvm1/system', /has no host/],
    ['qemu+unix:///system?socket=a', /not an absolute path/],
    ['qemu+tcp://kvm1/system?socket=/a', /unix socket only/],
    ['qemu+unix:///system?mode=direct', /parameter "mode" is unknown/],
    ['qemu+tcp://root@kvm1/system', /holds a user/],
    ['qemu+tls://kvm1/system', /TLS is not supported yet/],
    ['qemu://kvm1/system', /TLS is not supported yet/],
    ['qemu+ssh://kvm1/system', /SSH is not supported yet/],
    ['qemu+libssh2://kvm1/system', /transport "libssh2" is unknown/],
    ['qemu+tcp://kvm1:port/system', /is not a URI/],
    ['test:///%ff', /is not a URI/],
  ] as const) {
    it(`refuses "${uri}" and says why and what is allowed`, () => {
      assert.throws(
        () => read(uri),
        (error) =>
          error instanceof VirtflowError &&
          error.code === 'CONNECTION_SETTINGS_INVALID' &&
          reason.test(error.message) &&
          error.advice.length > 10,
      );
    });
  }
});

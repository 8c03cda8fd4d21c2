import assert from 'node:assert/strict';
import { readDomain } from '../../../../plugins/libvirt/domain-xml/domain-definition.ts';
import { realLifeDomains } from '../real-life-domains.ts';

const read = (name: string) => readDomain(realLifeDomains[name] ?? '');
const withDevices = (devices: string) => readDomain(`<domain><name>a</name><devices>${devices}</devices></domain>`);

describe("reading a domain's definition", () => {
  it('reads identity, memory and vCPUs', () => {
    const domain = read('virt-manager, running');
    assert.equal(domain.uuid, '4dea22b3-1d52-d8f3-2516-782e98ab3fa0');
    assert.equal(domain.name, 'debian12');
    assert.equal(domain.description, 'Web server & proxy');
    assert.deepEqual(domain.memoryBytes, { current: 2 * 1024 ** 3, maximum: 4 * 1024 ** 3 });
    assert.deepEqual(domain.vcpus, { current: 2, maximum: 4 });
  });

  it('reads memory in the unit it is given in', () => {
    const maximum = (name: string) => read(name).memoryBytes.maximum;
    assert.equal(maximum('OpenStack, with foreign metadata'), 1024 ** 3);
    assert.equal(maximum('by hand, on one line'), 1024);
    assert.equal(maximum('with tags already, another prefix'), 10_000_000);
    assert.equal(maximum('with empty metadata'), 2048);
  });

  it('reads disks of every kind, and what they rest on', () => {
    const { disks } = read('virt-manager, running');
    assert.deepEqual(
      disks.map(({ target, device, source, readOnly, shareable }) => [target, device, source, readOnly, shareable]),
      [
        ['vda', 'disk', '/var/lib/libvirt/images/debian12.snap1', false, false],
        ['sda', 'cdrom', null, true, false],
        ['vdb', 'disk', 'rbd:pool1/image 1', false, true],
        ['vdc', 'disk', 'default/data.raw', false, false],
        ['sdb', 'lun', '/dev/disk/by-id/scsi-1', false, false],
      ],
    );
    assert.deepEqual(disks[0]?.backing, ['/var/lib/libvirt/images/debian12.qcow2', '/var/lib/libvirt/images/base.img']);
  });

  it('reads NICs with their devices on the host', () => {
    assert.deepEqual(read('virt-manager, running').nics, [
      { mac: '52:54:00:6d:90:02', network: 'default', model: 'virtio', hostDevice: 'vnet3' },
      { mac: '52:54:00:6d:90:03', network: 'br0', model: null, hostDevice: 'vnet4' },
    ]);
  });

  it("tells the agent's state by its own channel alone", () => {
    const channel = (attributes: string) =>
      withDevices(`<channel type='unix'><target type='virtio' ${attributes}/></channel>`).agent;
    assert.equal(read('virt-manager, running').agent, 'connected');
    assert.equal(channel("name='org.qemu.guest_agent.0' state='disconnected'"), 'disconnected');
    assert.equal(channel("name='org.qemu.guest_agent.0'"), 'unknown');
    assert.equal(channel("name='com.redhat.spice.0' state='connected'"), 'absent');
  });

  it('finds its way in a definition that lacks nearly everything', () => {
    const domain = readDomain('<domain><name>a</name></domain>');
    assert.deepEqual(domain.vcpus, { current: 1, maximum: 1 });
    assert.deepEqual(domain.disks, []);
    assert.equal(domain.agent, 'absent');
  });
});

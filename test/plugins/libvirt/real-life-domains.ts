/** Domain XML as it is met: by virt-manager, OpenStack, hand, other tools; with what virtflow does not understand. */
export const realLifeDomains: Readonly<Record<string, string>> = {
  'virt-manager, running': `<domain type='kvm' id='7' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>debian12</name>
  <uuid>4dea22b3-1d52-d8f3-2516-782e98ab3fa0</uuid>
  <title>Web server &amp; proxy</title>
  <description>first line
second line &lt;here&gt;</description>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://debian.org/debian/12"/>
    </libosinfo:libosinfo>
  </metadata>
  <memory unit='KiB'>4194304</memory>
  <currentMemory unit='KiB'>2097152</currentMemory>
  <vcpu placement='static' current='2'>4</vcpu>
  <!-- do not touch: tuned by hand -->
  <cputune>
    <vcpupin vcpu='0' cpuset='2-3'/>
  </cputune>
  <os firmware='efi'>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>/var/lib/libvirt/qemu/nvram/debian12_VARS.fd</nvram>
  </os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' discard='unmap'/>
      <source file='/var/lib/libvirt/images/debian12.snap1' index='3'/>
      <backingStore type='file' index='4'>
        <format type='qcow2'/>
        <source file='/var/lib/libvirt/images/debian12.qcow2'/>
        <backingStore type='file' index='5'>
          <format type='raw'/>
          <source file='/var/lib/libvirt/images/base.img'/>
          <backingStore/>
        </backingStore>
      </backingStore>
      <target dev='vda' bus='virtio'/>
      <alias name='virtio-disk0'/>
    </disk>
    <disk type='file' device='cdrom'>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <disk type='network' device='disk'>
      <source protocol='rbd' name='pool1/image 1'><host name='ceph1' port='6789'/></source>
      <target dev='vdb' bus='virtio'/>
      <shareable/>
    </disk>
    <disk type='volume' device='disk'><source pool='default' volume='data.raw'/><target dev='vdc'/></disk>
    <disk type='block' device='lun'><source dev='/dev/disk/by-id/scsi-1'/><target dev='sdb'/></disk>
    <interface type='network'>
      <mac address='52:54:00:6D:90:02'/>
      <source network='default' portid='f2c7d9b6-3b3e-4a50-9d1c-37fa9b5ae6b8' bridge='virbr0'/>
      <target dev='vnet3'/>
      <model type='virtio'/>
    </interface>
    <interface type='bridge'><mac address='52:54:00:6d:90:03'/><source bridge='br0'/><target dev='vnet4'/></interface>
    <channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0' state='disconnected'/></channel>
    <channel type='unix'>
      <source mode='bind' path='/run/libvirt/qemu/channel/7-debian12/org.qemu.guest_agent.0'/>
      <target type='virtio' name='org.qemu.guest_agent.0' state='connected'/>
    </channel>
  </devices>
  <seclabel type='dynamic' model='apparmor' relabel='yes'/>
  <qemu:commandline>
    <qemu:arg value='-set'/>
    <qemu:arg value='device.x.y="a&#10;b"'/>
    <qemu:env name='A' value="it's"/>
  </qemu:commandline>
</domain>
`,
  'OpenStack, with foreign metadata': `<?xml version="1.0" encoding="UTF-8"?>
<domain type="kvm">
\t<uuid>11111111-2222-3333-4444-555555555555</uuid>
\t<metadata>
\t\t<nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1"><nova:name>a]]&gt;b</nova:name>
\t\t<x xmlns="urn:other"><tag>not ours</tag></x></nova:instance>
\t\t<tags xmlns="urn:tags"><tag>neither</tag></tags>
\t</metadata>
\t<name>instance-0000002a</name>
\t<memory unit="GiB">1</memory>
\t<vcpu>2</vcpu>
\t<devices/>
</domain>`,
  'by hand, on one line': `<domain type='test'><name>ü 漢字</name><memory>1</memory><os><type>hvm</type></os></domain>`,
  'with tags already, another prefix': `<domain><name>t</name><metadata><v:tags xmlns:v='https://virtflow.dev/libvirt/1'>
  <v:tag>web</v:tag> <v:tag> prod </v:tag><v:tag>web</v:tag></v:tags><!-- after --></metadata><memory unit='MB'>10</memory></domain>`,
  'with empty metadata': `<domain>\r\n  <name>e</name>\r\n  <metadata />\r\n  <memory unit='bytes'>2048</memory>\r\n</domain>`,
};

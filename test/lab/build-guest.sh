#!/bin/bash
# build-guest.sh DEBS OUT: builds OUT/vmlinuz and OUT/initrd.img, a Linux that boots in seconds without KVM.
# It has busybox and the QEMU guest agent; Debian's packages are downloaded to DEBS and only unpacked, never installed.
#
# What it understands on its kernel command line:
#   lab.name=NAME   host name            lab.agent=off   the agent is not started
#   lab.acpi=off    the power button is ignored          lab.ip=ADDRESS/BITS   an address instead of DHCP
#   lab.data=vda    a disk to mount on /data, formatted if it holds no file system
set -euo pipefail
debs=$(realpath -m "$1") out=$(realpath -m "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$debs" "$out"

kernel=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image/ { print $2; exit }')
[ -n "$kernel" ] || kernel=$(cd "$debs" && ls linux-image-*.deb 2>/dev/null | sort -V | tail -1 | cut -d_ -f1)
[ -n "$kernel" ] || { echo 'apt knows no linux-image-cloud-amd64: run apt-get update' >&2; exit 1; }

# Into a directory of its own first: two builds at once must not see each other's half a download.
fetch() {
  ls "$debs/$1"_*.deb >/dev/null 2>&1 && return
  mkdir -p "$work/download"
  (cd "$work/download" && apt-get -qq -o APT::Sandbox::User=root download "$1") >&2
  mv "$work/download/$1"_*.deb "$debs/"
}
deb() { ls -v "$debs/$1"_*.deb | tail -1; }
for package in "$kernel" busybox-static qemu-guest-agent; do fetch "$package"; done

version=${kernel#linux-image-}
for package in busybox-static qemu-guest-agent; do dpkg-deb -x "$(deb "$package")" "$work/x"; done
dpkg-deb --fsys-tarfile "$(deb "$kernel")" |
  tar -x -C "$work" --wildcards './boot/vmlinuz*' './lib/modules/*/kernel/*' './lib/modules/*/modules.*'
cp "$work/boot/vmlinuz-$version" "$out/vmlinuz"

root=$work/root
mkdir -p "$root"/{bin,sbin,dev,proc,sys,run,tmp,mnt,root,data,lib64,usr/bin,usr/sbin,var/run,var/log,var/lock} \
  "$root"/etc/{qemu,acpi/PWRF} "$root/lib/modules/$version"
busybox=$(find "$work/x" -path '*bin/busybox' -type f | head -1)
cp "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do [ "$applet" = busybox ] || ln -sf busybox "$root/bin/$applet"; done

# Kernel modules, with those that they depend on.
modules='virtio_pci virtio_blk virtio_net virtio_console virtio_balloon virtio_rng virtio_scsi sd_mod sr_mod isofs ext4
  crc32c_generic button evdev af_packet 8021q i6300esb pvpanic_mmio pvpanic_pci e1000 ahci virtio_input virtio_mem'
copy() {
  mkdir -p "$root/lib/modules/$version/${1%/*}"
  cp "$work/lib/modules/$version/$1" "$root/lib/modules/$version/$1"
}
"$busybox" depmod -b "$work" "$version" 2>/dev/null
for module in $modules; do
  awk -F: -v wanted="$module" '{
    name = $1; sub(/.*\//, "", name); sub(/\.ko.*$/, "", name); gsub("-", "_", name)
    if (name == wanted) { sub(":", ""); print; exit }
  }' "$work/lib/modules/$version/modules.dep"
done | tr ' ' '\n' | sed "s#^/*lib/modules/$version/##" | sort -u | while read -r file; do
  [ -z "$file" ] || copy "$file"
done
cp "$work/lib/modules/$version"/modules.{order,builtin} "$root/lib/modules/$version/"
"$busybox" depmod -b "$root" "$version" 2>/dev/null

# The agent and the libraries it needs; the machine has them, for QEMU needs them too.
agent=$work/x/usr/sbin/qemu-ga
cp "$agent" "$root/usr/sbin/"
ldd "$agent" | grep 'not found' >&2 && exit 1
for library in $(ldd "$agent" | awk '/=> \// { print $3 } /^\t\/lib64/ { print $1 }'); do
  mkdir -p "$root${library%/*}" && cp -L "$library" "$root$library"
done

cat > "$root/etc/os-release" <<'END'
PRETTY_NAME="Lab guest (Debian kernel, busybox)"
NAME="Debian GNU/Linux"
ID=debian
VERSION_ID="12"
END
echo 'root::0:0:root:/root:/bin/sh' > "$root/etc/passwd"
echo 'root::19000:0:99999:7:::' > "$root/etc/shadow"
echo 'root:x:0:' > "$root/etc/group"
echo guest > "$root/etc/hostname"
printf 'hosts: files dns\npasswd: files\ngroup: files\n' > "$root/etc/nsswitch.conf"

# The agent calls /sbin/shutdown -P|-r|-H +0; so does the power button.
cat > "$root/sbin/shutdown" <<'END'
#!/bin/sh
sync; umount -a -r 2>/dev/null
case " $* " in *" -r "*) exec /bin/reboot -f;; *" -H "*) exec /bin/halt -f;; *) exec /bin/poweroff -f;; esac
END
printf '#!/bin/sh\nexec /sbin/shutdown -P +0\n' > "$root/etc/acpi/PWRF/00000080"

cat > "$root/etc/udhcpc.sh" <<'END'
#!/bin/sh
case $1 in bound|renew)
  ip addr flush dev $interface; ip addr add $ip/${mask:-24} dev $interface
  [ -n "$router" ] && ip route replace default via $router dev $interface
  : > /etc/resolv.conf; for d in $dns; do echo nameserver $d >> /etc/resolv.conf; done;;
esac
END
printf '#!/bin/sh\necho "$1" >> /run/fsfreeze.log\n' > "$root/etc/fsfreeze-hook"

cat > "$root/init" <<'END'
#!/bin/sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs run /run
mkdir -p /run/lock /dev/pts /dev/virtio-ports; mount -t devpts pts /dev/pts
option() { for o in $(cat /proc/cmdline); do case $o in lab.$1=*) echo "${o#*=}";; esac; done; }
name=$(option name); hostname "${name:-guest}"; hostname > /etc/hostname
modprobe -a virtio_pci virtio_console button evdev 2>/dev/null

agent() {
  while :; do
    for p in /sys/class/virtio-ports/*; do [ -e $p/name ] && ln -sf ../${p##*/} /dev/virtio-ports/$(cat $p/name); done
    [ -e /dev/virtio-ports/org.qemu.guest_agent.0 ] && qemu-ga -m virtio-serial -t /run -F/etc/fsfreeze-hook \
      -p /dev/virtio-ports/org.qemu.guest_agent.0 -f /run/qga.pid >/run/qga.log 2>&1
    sleep 1
  done
}
[ "$(option agent)" = off ] || agent &

[ "$(option acpi)" = off ] || {
  for i in 1 2 3 4 5 6 7 8 9 10; do [ -e /dev/input/event0 ] && break; sleep 0.1; done
  acpid -f -c /etc/acpi -l /run/acpid.log 2>/dev/null &
}
modprobe -a crc32c_generic virtio_blk virtio_net virtio_balloon virtio_rng af_packet ext4 2>/dev/null
for d in /sys/bus/pci/devices/*; do modprobe "$(cat $d/modalias)" 2>/dev/null; done
data=$(option data)
[ -b "/dev/$data" ] && { mount -t ext4 /dev/$data /data 2>/dev/null ||
  { mke2fs -F /dev/$data >/dev/null 2>&1 && mount -t ext4 /dev/$data /data; }; }
ip link set lo up
address=$(option ip)
for i in /sys/class/net/e*; do
  [ -e $i ] || continue; n=${i##*/}; ip link set $n up
  if [ -n "$address" ]; then ip addr add "$address" dev $n
  else udhcpc -i $n -s /etc/udhcpc.sh -b -t 8 -T 1 >/dev/null 2>&1 & fi
done
echo "lab: ready $(cut -d' ' -f1 /proc/uptime)" >/dev/console
while :; do setsid cttyhack sh -l </dev/console >/dev/console 2>&1; sleep 1; done
END
chmod 755 "$root"/{init,sbin/shutdown,etc/acpi/PWRF/00000080,etc/udhcpc.sh,etc/fsfreeze-hook}
# Uncompressed: inflating it in an emulated guest takes longer than reading it.
(cd "$root" && find . | "$busybox" cpio -o -H newc 2>/dev/null) > "$out/initrd.img"

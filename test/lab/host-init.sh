#!/bin/bash
# The first process of a lab host. It is started twice: outside, where it joins the host's cgroups and leaves for
# namespaces of its own, and inside, where it lays out the host, starts its daemons and then does what it is told.
#
#   host-init.sh outside DIRECTORY ADDRESS CGROUP...
#
# Inside, it says "pid N" (its pid as seen from outside), waits for "network" (there is an eth0 now) and then serves
# "start-daemon" and "kill-daemon", answering each with "done". When its standard input ends, so does the host: all
# that runs in it belongs to its PID namespace, which the kernel empties when the first process goes.
set -euo pipefail

outside() {
  local directory=$1 address=$2 group
  for group in "${@:3}"; do echo $$ > "$group/cgroup.procs"; done
  exec unshare --mount --uts --ipc --net --cgroup --pid --fork --kill-child=SIGKILL \
    bash "$0" inside "$directory" "$address"
}

# private SOURCE TARGET: mounts our SOURCE on TARGET. Where the machine lacks TARGET, its parent is first covered with
# an overlay, so that not even an empty directory is left behind.
private() {
  local parent=${2%/*}
  if [ ! -e "$2" ]; then
    mkdir -p "/run/overlay$parent"/{upper,work}
    mount -t overlay overlay "$parent" \
      -o "lowerdir=$parent,upperdir=/run/overlay$parent/upper,workdir=/run/overlay$parent/work"
    if [ -d "$1" ]; then mkdir "$2"; else : > "$2"; fi
  fi
  mount --bind "$1" "$2"
}

mount_cgroups() {
  local line rest controllers
  mkdir -p /run/cgroups
  while IFS=: read -r line controllers rest; do
    case $controllers in
      '' | name=*) ;;
      *) mkdir -p "/run/cgroups/$controllers" && mount -t cgroup -o "$controllers" cgroup "/run/cgroups/$controllers" ;;
    esac
  done < /proc/self/cgroup
  if [ -z "$(ls /run/cgroups)" ]; then mount_unified_cgroup; else mount --rbind /run/cgroups /sys/fs/cgroup; fi
}

# Version 2 allows processes in leaves only: we move to one, and the guests get others.
mount_unified_cgroup() {
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mkdir /sys/fs/cgroup/daemons
  echo 1 > /sys/fs/cgroup/daemons/cgroup.procs
  local controller
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
  done
}

lay_out() {
  local directory=$1
  mount --make-rprivate /
  mount -t proc proc /proc
  umount --recursive --lazy /sys # or libvirtd would look for cgroups at the machine's places
  mount -t sysfs sysfs /sys
  mount -t tmpfs tmpfs /dev/shm
  rm -rf "$directory"/run/*
  mount --bind "$directory/run" /run
  mkdir -p /run/libvirt /run/lock /run/overlay
  mount -t tmpfs -o size=1m tmpfs /run/overlay
  private "$directory/etc" /etc/libvirt
  private "$directory/lib" /var/lib/libvirt
  private "$directory/log" /var/log/libvirt
  private "$directory/cache" /var/cache/libvirt
  private "$directory/../switch/hosts" /etc/hosts
  local file
  for file in passwd group hostname machine-id; do private "$directory/$file" "/etc/$file"; done
  hostname "$(cat "$directory/hostname")"
  mount_cgroups
}

configure_network() {
  ip link set lo up
  ip addr add "$1" dev eth0
  ip link set eth0 up
  echo 1 > /proc/sys/net/ipv4/ip_forward
}

inside() {
  local directory=$1 address=$2 outer rest command daemon=
  read -r outer rest < /proc/self/stat # still the machine's /proc, so this is our pid out there
  echo "pid $outer"
  lay_out "$directory"
  read -r command # network
  configure_network "$address"
  virtlogd -d
  virtlockd -d
  echo done
  while read -r command; do
    case $command in
      start-daemon) libvirtd --listen >> /var/log/libvirt/libvirtd.log 2>&1 < /dev/null & daemon=$! ;;
      kill-daemon) kill -9 "$daemon" && wait "$daemon" || true ;;
    esac
    echo done
  done
}

"$@"

#!/bin/bash
# Hosts with SSH on one machine: each has its own network, mounts, name, processes, /etc, /var/lib/runbook and /run/runbook.
#
#   hosts.sh up DIR NAMES…     hosts NAME-h1 and so on, below DIR; the controller is the network namespace of DIR/prefix
#   hosts.sh down DIR          ends what `up` started, by its process, and takes the networks away
#   hosts.sh as-root DIR HOST COMMAND…
#   hosts.sh link DIR HOST up|down
#   hosts.sh tap DIR NUMBER           a tap device tapNUMBER for the kernel of a guest, on the bridge of the hosts
#
# DIR/prefix has the beginning of the names of the network namespaces, so that two rigs do not meet. Addresses: 10.78.0.11 and on.
set -euo pipefail
verb=$1 rig=$2
shift 2
prefix=$(<"$rig/prefix")
controller=$prefix-ctl

up_controller() {
  [ -f "$rig/id" ] || ssh-keygen -q -t ed25519 -N '' -f "$rig/id"
  ip netns add "$controller"
  ip -n "$controller" link set lo up
  ip -n "$controller" link add bridge0 type bridge
  ip -n "$controller" addr add 10.78.0.1/24 dev bridge0
  ip -n "$controller" link set bridge0 up
}

up_host() {
  local name=$1 number=$2 host=$rig/hosts/$1 net=$prefix-$1
  mkdir -p "$host"/{state,locks,root,lab,run-sshd,etc/up,etc/work} "$host/home/.ssh"
  [ -f "$host/hostkey" ] || ssh-keygen -q -t ed25519 -N '' -f "$host/hostkey"
  cp "$rig/id.pub" "$host/home/.ssh/authorized_keys"
  chmod 700 "$host/home/.ssh"
  chown -R 4711:4711 "$host/home"
  { getent passwd; echo "ops:x:4711:4711::/home/ops:/bin/bash"; } >"$host/etc/up/passwd"
  { getent group; echo "ops:x:4711:"; } >"$host/etc/up/group"
  { cat /etc/shadow; echo "ops:*:19000:0:99999:7:::"; } >"$host/etc/up/shadow"
  chmod 600 "$host/etc/up/shadow"
  echo "127.0.0.1 localhost $name" >"$host/etc/up/hosts"
  printf '%032x\n' "$number" >"$host/etc/up/machine-id"
  cat >"$host/sshd_config" <<END
Port 22
HostKey $host/hostkey
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
Subsystem sftp internal-sftp
MaxStartups 100
END
  if ! ip netns list | grep -q "^$net\b"; then
    ip netns add "$net"
    ip -n "$controller" link add "veth$number" type veth peer name eth0 netns "$net"
    ip -n "$controller" link set "veth$number" master bridge0 up
    ip -n "$net" link set lo up
    ip -n "$net" addr add "10.78.0.$((10 + number))/24" dev eth0
    ip -n "$net" link set eth0 up
  fi
  setsid ip netns exec "$net" unshare --mount --uts --pid --fork --kill-child --propagation private bash -c '
    set -e
    host=$1 name=$2
    mount -t proc proc /proc
    hostname "$name"
    mkdir -p /var/lib/runbook /home/ops /lab /run/sshd
    mount --bind "$host/state" /var/lib/runbook
    mount -t tmpfs -o mode=755 tmpfs /run
    mkdir -p /run/sshd /run/sudo
    mount --bind "$host/root" /root
    mount --bind "$host/home" /home/ops
    mount --bind "$host/lab" /lab
    mount -t overlay -o "lowerdir=/etc,upperdir=$host/etc/up,workdir=$host/etc/work" overlay /etc
    mount -t tmpfs -o mode=750 tmpfs /etc/sudoers.d
    echo "ops ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/ops
    chmod 440 /etc/sudoers.d/ops
    exec /usr/sbin/sshd -D -e -f "$host/sshd_config"
  ' host "$host" "$name" >"$host/sshd.log" 2>&1 </dev/null &
  echo $! >"$host/pid"
}

down_host() {
  local host=$rig/hosts/$1
  [ -f "$host/pid" ] || return 0
  # Its session: --kill-child takes the processes of the host with it.
  kill -KILL -- "-$(<"$host/pid")" 2>/dev/null || true
  rm -f "$host/pid"
}

# The first process inside of the host.
inner() {
  local outer child
  outer=$(<"$rig/hosts/$1/pid")
  child=$(pgrep -P "$outer" | head -1)
  echo "${child:-$outer}"
}

case $verb in
  up)
    ip netns list | grep -q "^$controller\b" || up_controller
    for name in "$@"; do up_host "$name" "${name#h}"; done
    for name in "$@"; do
      for _ in $(seq 100); do
        ip netns exec "$controller" bash -c ": </dev/tcp/10.78.0.$((10 + ${name#h}))/22" 2>/dev/null && continue 2
        sleep 0.2
      done
      cat "$rig/hosts/$name/sshd.log" >&2
      exit 1
    done
    ;;
  down)
    for host in "$rig"/hosts/*; do
      down_host "$(basename "$host")"
      ip netns del "$prefix-$(basename "$host")" 2>/dev/null || true
    done
    ip netns del "$controller" 2>/dev/null || true
    ;;
  restart) # the power of the host goes, and comes back
    down_host "$1"
    up_host "$1" "${1#h}"
    ;;
  as-root)
    pid=$(inner "$1")
    shift
    exec nsenter --target "$pid" --mount --uts --net --pid "$@"
    ;;
  tap)
    ip -n "$controller" tuntap add "tap$1" mode tap
    ip -n "$controller" link set "tap$1" master bridge0 up
    ;;
  link) ip -n "$controller" link set "veth${1#h}" "$2" ;;
esac

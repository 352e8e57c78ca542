# Sourced by every peer script.  Each peer lives in its own root directory
# ($ROOT, on the real disk) and is started with chroot inside the private
# pid/net/mount/uts namespaces made by run.sh.
set -u
BENCH=${BENCH:-/var/tmp/mta-bench}
HERE=$(cd "$(dirname "$0")/.." && pwd)
PEER=$(basename "$0" .sh)
ROOT=$BENCH/roots/$PEER
LISTEN_PORT=25          # where the MTA listens (127.0.0.1, private netns)
SINK_PORT=2600          # next hop for every non-local domain
LOCAL_DOMAIN=mta.test   # local user: user@mta.test (uid 2000)
CG=/sys/fs/cgroup/mta-bench; TASKS=cgroup.procs; [ -d /sys/fs/cgroup/cpuacct ] && { CG=/sys/fs/cgroup/cpuacct/mta-bench; TASKS=tasks; }

# debootstrap base + packages into $ROOT.  $@ = packages
make_root() {
  [ -e "$ROOT/.installed" ] && return 0
  mkdir -p "$BENCH/roots" "$BENCH/debs"
  if [ ! -d "$BENCH/base/usr" ]; then
    (cd "$BENCH/debs" && apt-get download debootstrap && dpkg-deb -x debootstrap*.deb "$BENCH/dbs")
    mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources | head -1)
    DEBOOTSTRAP_DIR=$BENCH/dbs/usr/share/debootstrap "$BENCH/dbs/usr/sbin/debootstrap" \
      --variant=minbase --include=rsyslog,procps,strace bookworm "$BENCH/base" "$mirror" || return 1
  fi
  [ -d "$ROOT/usr" ] || cp -a "$BENCH/base" "$ROOT"
  if [ $# -gt 0 ]; then
    cp -L /etc/resolv.conf "$ROOT/etc/resolv.conf"; cp -L /etc/hosts "$ROOT/etc/hosts"
    rm -f "$ROOT/etc/apt/sources.list"
    cp /etc/apt/sources.list.d/debian.sources "$ROOT/etc/apt/sources.list.d/"
    printf '#!/bin/sh\nexit 101\n' > "$ROOT/usr/sbin/policy-rc.d"; chmod +x "$ROOT/usr/sbin/policy-rc.d"
    printf 'mta.test\n' > "$ROOT/etc/mailname"
    printf '%s\n' 'postfix postfix/main_mailer_type select Internet Site' \
      'postfix postfix/mailname string mta.test' 'exim4-config exim4/mailname string mta.test' \
      'opensmtpd opensmtpd/mailname string mta.test' > "$ROOT/tmp/preseed"
    chroot "$ROOT" debconf-set-selections < "$ROOT/tmp/preseed"
    chroot "$ROOT" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive unshare -m -u sh -c \
      'hostname mta.test; mount -t proc proc "$0/proc"; R=$0; exec chroot "$R" apt-get install -y -qq --no-install-recommends "$@"' \
      "$ROOT" "$@" || return 1
  fi
  touch "$ROOT/.installed"
}

# hosts file, resolver that fails at once, the local user
base_config() {
  printf '127.0.0.1 localhost\n127.0.1.1 mta.test mta\n' > "$ROOT/etc/hosts"
  printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' > "$ROOT/etc/resolv.conf"
  printf 'mta.test\n' > "$ROOT/etc/mailname"
  sed -i 's/^hosts:.*/hosts: files/' "$ROOT/etc/nsswitch.conf"
  sed -i '/imklog/d' "$ROOT/etc/rsyslog.conf"
  chroot "$ROOT" id user >/dev/null 2>&1 || chroot "$ROOT" useradd -m -u 2000 -s /bin/sh user
}

# called at the start of `start`: everything started after this is accounted
# to the MTA's cpuacct group and is a child of the namespaces' init.
enter_root() {
  mkdir -p "$CG" && echo $$ > "$CG/$TASKS"
  mountpoint -q "$ROOT/proc" || mount -t proc proc "$ROOT/proc"
  if ! mountpoint -q "$ROOT/dev"; then
    mount -t tmpfs -o mode=755 tmpfs "$ROOT/dev"
    for n in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m666 "$ROOT/dev/${n%:*}" c 1 "${n#*:}"; done
    mknod -m666 "$ROOT/dev/tty" c 5 0; mkdir -p "$ROOT/dev/shm"; chmod 1777 "$ROOT/dev/shm"
    ln -s /proc/self/fd "$ROOT/dev/fd"
  fi
  ulimit -n $(ulimit -Hn)
}
start_syslog() {   # Debian's stock rsyslog.conf: mail.* to syslog + mail.log, async
  rm -f "$ROOT"/run/rsyslogd.pid; : > "$ROOT/var/log/mail.log"; : > "$ROOT/var/log/syslog"
  chroot "$ROOT" rsyslogd
  for i in $(seq 50); do [ -S "$ROOT/dev/log" ] && break; sleep 0.1; done
}
# stop: end the given pids (TERM, then KILL after 10 s)
end_pids() { kill "$@" 2>/dev/null; for i in $(seq 100); do kill -0 "$@" 2>/dev/null || return 0; sleep 0.1; done; kill -9 "$@" 2>/dev/null; }

info() {   # read by bench.py
  echo "ROOT=$ROOT"; echo "PORT=$LISTEN_PORT"
  echo "MBOX=$MBOX"            # path on the host of the local user's mailbox
  echo "MBOXFMT=$MBOXFMT"      # mbox | maildir | none
  echo "SENDMAIL=$SENDMAIL"    # path inside ROOT, or empty
}
main() { case "${1:-}" in setup) make_root ${PKGS:-} && base_config && setup ;; start) enter_root; start ;;
  stop) stop ;; qlen) qlen ;; info) info ;; idle_limits) idle_limits ;; flush) flush ;; *) echo "usage: $0 setup|start|stop|qlen|info" >&2; exit 2 ;; esac; }
flush() { :; }         # optional: retry everything in the queue now
idle_limits() { :; }   # optional: raise limits for W5 (called before start)

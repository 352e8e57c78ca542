#!/bin/bash
# run.sh                     Hikyaku beside Postfix in turn (A B A B ...), then the README's table
# run.sh peer NAME [WL...]   one peer alone: raw lines to $OUT         run.sh floor    the machine's own limits
# run.sh table               the table of the raw lines that are there
#   WL: w1c1 w1c20 w1c100 w1d1 w1d20 w2c1 w2c20 w2c100 w3 w4 w5 w6    (README.md says what they are)
# env: PAIRS=5  SECS=8 (target seconds of a run)  AGAINST="postfix" (or "postfix sendmail")  WORKLOADS="w1c20 ..."
#      OUT=raw.tsv  BENCH=/var/tmp/mta-bench  HIKYAKU=build/bin/hikyaku
# Needs root (namespaces), some GB on a real disk, and apt for the peers' packages.
HERE=$(cd "$(dirname "$0")" && pwd); cd "$HERE" || exit 1
export BENCH=${BENCH:-/var/tmp/mta-bench} OUT=${OUT:-$HERE/raw.tsv}
PAIRS=${PAIRS:-5}; AGAINST=${AGAINST:-postfix}
WORKLOADS=${WORKLOADS:-w1c1 w1c20 w1d20 w2c20 w3 w5}

if [ "${1:-}" = --inner ]; then shift
  hostname mta.test; ip link set lo up
  sysctl -qw net.ipv4.ip_local_port_range='10240 65535' net.core.somaxconn=4096 net.ipv4.tcp_tw_reuse=1 2>/dev/null
  /usr/bin/python3 bench.py "$@" & wait $!; exit $?
fi

prepare() {   # PEER: tools and the peer's root
  mkdir -p "$BENCH/debs"
  [ -x "$BENCH/floor" ] || gcc -O2 -pthread -o "$BENCH/floor" floor.c || return 1
  if [ ! -x "$BENCH/tools/usr/sbin/smtp-source" ]; then   # load tools, from the postfix package
    (cd "$BENCH/debs" && { ls postfix_*.deb >/dev/null 2>&1 || apt-get download postfix >/dev/null; } && dpkg-deb -x postfix_*.deb "$BENCH/tools") || return 1
  fi
  [ "$1" = floor ] && return 0
  if [ ! -e "$BENCH/roots/$1/.configured" ]; then
    flock /tmp/bench.lock unshare -m -u sh -c "hostname mta.test; exec peers/$1.sh setup" && touch "$BENCH/roots/$1/.configured" || { echo "$1: setup failed"; return 1; }
  fi
  [ "$1" != hikyaku ] || peers/hikyaku.sh refresh
}
measure() {   # PEER WORKLOAD...
  unshare -m -n -u -i -p -f --kill-child --mount-proc bash "$HERE/run.sh" --inner "$@"
}

case "${1:-pairs}" in
  peer)  shift; prepare "$1" && measure "$@" ;;
  floor) prepare floor && measure floor ;;
  table) python3 compare.py "$OUT" ;;
  pairs)
    : > "$OUT"
    for p in hikyaku $AGAINST; do prepare "$p" || exit 1; done
    export RUNS=1
    for wl in $WORKLOADS; do
      n=$PAIRS; [ "$wl" = w5 ] && n=1
      for i in $(seq "$n"); do
        for p in hikyaku $AGAINST; do measure "$p" "$wl"; done
      done
    done
    python3 compare.py "$OUT" ;;
  *) sed -n 2,9p "$0"; exit 2 ;;
esac

#!/bin/bash
# demo.sh: builds Hikyaku and runs a mail host under a scratch root on high ports, as the user you are.
#   ./demo.sh          sends a message in by SMTP and one by `sendmail`, shows both go all the way, stays until Ctrl-C
#   ./demo.sh --once   the same, checks that both arrived, ends with 0
set -euo pipefail
cd "$(dirname "$0")"
once=; [ "${1:-}" = --once ] && once=1
tools/setup.sh
echo "== building (the first time takes some minutes)"
tools/build.sh build -DCMAKE_BUILD_TYPE=RelWithDebInfo -- hikyaku
bin=$PWD/build/bin
root=$(mktemp -d "${TMPDIR:-/tmp}/hikyaku-demo.XXXXXX")
me=$(id -un)
mkdir -p "$root"/{etc/mail,var/{mail,log,spool},run,tmp}
chmod 755 "$root"
cp share/demo/sendmail.cf share/demo/aliases "$root/etc/mail/"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
down() {
  [ -s "$root/run/hikyaku.pid" ] && kill "$(head -n 1 "$root/run/hikyaku.pid")" 2>/dev/null || true
  for _ in $(seq 50); do [ -S "$root/run/hikyaku/control" ] || break; sleep 0.1; done
  rm -rf "$root"
}
trap down EXIT
echo "== starting a mail host under $root, SMTP on 127.0.0.1:$port"
"$bin/newaliases" --root "$root"
"$bin/sendmail" --root "$root" -bd -q1m "-ODaemonPortOptions=Port=$port,Addr=127.0.0.1" "-OPidFile=/run/hikyaku.pid"

echo "== a message in by SMTP, for $me (through the alias postmaster's list), and one by the sendmail command"
python3 - "$port" "$me" <<'PY'
import smtplib, sys
port, me = int(sys.argv[1]), sys.argv[2]
with smtplib.SMTP("127.0.0.1", port, timeout=20) as s:
    s.ehlo("demo.example")
    print("   220/250: " + s.ehlo_resp.decode().splitlines()[0])
    s.sendmail("friend@demo.example", [me + "@localhost"], "From: A friend <friend@demo.example>\r\nTo: %s@localhost\r\nSubject: by SMTP\r\n\r\nHello over the wire.\r\n" % me)
PY
printf 'To: %s\nSubject: by sendmail\n\nHello from the command line.\n' "$me" | "$bin/sendmail" --root "$root" -t
"$bin/hikyaku" queue idle --wait 20 --root "$root"

box=$root/var/mail/$me
echo "== what $me finds in $box"
sed -n '/^From /p; /^\(From\|To\|Subject\|Received\|Message-Id\):/p; /^Hello/p' "$box" | sed 's/^/   /'
echo "== why it went there: hikyaku explain $me"
"$bin/hikyaku" explain "$me" --root "$root" | tail -n 12 | sed 's/^/   /'
grep -q '^Hello over the wire' "$box" && grep -q '^Hello from the command line' "$box" || { echo "demo: a message did not arrive" >&2; exit 1; }
if [ -n "$once" ]; then echo "== both messages arrived"; exit 0; fi
cat <<T
== the host stays up; talk to it:
   swaks --server 127.0.0.1:$port --to $me@localhost
   echo hello | $bin/sendmail --root $root $me
   $bin/mailq --root $root
   $bin/sendmail --root $root -bt        (address test mode: 3,0 $me@localhost)
   Ctrl-C ends it and removes $root
T
trap 'exit 0' INT TERM
while sleep 3600 & wait $!; do :; done

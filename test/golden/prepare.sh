#!/bin/sh
# prepare.sh OUTDIR: makes the configurations of the golden tests (see make-cf.sh) unless they are there and newer than their
# sources. Never fails: without the package sendmail-cf or the network the golden tests skip themselves and say so.
here=$(cd "$(dirname "$0")" && pwd); out=$1; stamp=$out/.made; more=$here/../differential/cf
[ -e "$stamp" ] && [ -z "$(find "$here/cf" "$more" "$here/make-cf.sh" -newer "$stamp" -type f)" ] && exit 0
echo "== making sendmail's own configurations for the golden tests"
mkdir -p "$out"
if sh "$here/make-cf.sh" "$out" "$more" >"$out/make-cf.log" 2>&1; then
  touch "$stamp"
else
  echo "golden: no configurations (see $out/make-cf.log): the golden tests will be skipped"; tail -n 2 "$out/make-cf.log"
fi
exit 0

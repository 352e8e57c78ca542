#!/bin/sh
# make-cf.sh [OUTDIR [FOLDER...]]: make cf/NAME/sendmail.cf (and msp's submit.cf) from the .mc files (of cf here and of the FOLDERs) with sendmail's own m4 macros,
# taken from Debian's package sendmail-cf (installed, or downloaded and unpacked into OUTDIR/sendmail-cf). The results are third-party
# text: generate them, never commit them. engine*/sendmail.cf are hand-written and stay.
# MAKECF='PROGRAM ARGS': make them with another program instead, called as `PROGRAM ARGS NAME.mc`, .cf on standard output.
set -eu
here=$(cd "$(dirname "$0")" && pwd); out=${1:-$here/cf}; mkdir -p "$out"; out=$(cd "$out" && pwd); [ $# -eq 0 ] || shift; cfdir=/usr/share/sendmail/cf/
if [ -z "${MAKECF:-}" ] && [ ! -e $cfdir/m4/cf.m4 ]; then
  pkg=$out/sendmail-cf; cfdir=$pkg/usr/share/sendmail/cf/
  [ -e $cfdir/m4/cf.m4 ] || { mkdir -p "$pkg"; (cd "$pkg" && apt-get download -q sendmail-cf && dpkg-deb -x sendmail-cf_*.deb .); }
fi
command -v m4 >/dev/null || { echo "make-cf.sh: m4 is missing (apt-get install m4)" >&2; exit 1; }
set -- "$here/cf" "$@"
for folder; do for mc in "$folder"/*/*.mc; do
  d=$(dirname "$mc"); n=$(basename "$d"); mkdir -p "$out/$n"; [ "$d" -ef "$out/$n" ] || cp -n "$d"/* "$out/$n"/
  t=$out/$n/sendmail.cf; [ "$n" = msp ] && t=$out/$n/submit.cf
  if [ -n "${MAKECF:-}" ]; then (cd "$d" && $MAKECF "$(basename "$mc")") > "$t"; continue; fi
  (cd "$d" && m4 -D_CF_DIR_="$cfdir" "${cfdir}m4/cf.m4" "$(basename "$mc")") 2>/dev/null | sed '/^##### built by /,/^##### using /s/.*/#####/' > "$t"
  grep -q '^Scanonify=3' "$t" || { echo "make-cf.sh: $mc did not become a configuration: $t has no ruleset canonify" >&2; exit 1; }
done; done
cp "$out/inet/sendmail.cf" "$out/msp/sendmail.cf"
for e in "$here"/cf/engine*; do
  n=$(basename "$e"); mkdir -p "$out/$n"; [ "$e" -ef "$out/$n" ] || cp "$e"/* "$out/$n"/
done

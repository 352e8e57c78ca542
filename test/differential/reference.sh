#!/bin/sh
# reference.sh ROOT: a small Debian with a real sendmail in ROOT, for the differential test, unless it is there. Needs root, debootstrap
# and a package mirror (MIRROR); without them the test skips itself and says so.
root=$1; mirror=${MIRROR:-http://deb.debian.org/debian}
[ -x "$root/usr/libexec/sendmail/sendmail" ] && exit 0
command -v debootstrap >/dev/null || { echo "differential: debootstrap is missing"; exit 0; }
echo "== making a root with a real sendmail in $root"
mkdir -p "$root" && debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 &&
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod 755 "$root/usr/sbin/policy-rc.d" &&
  printf '#!/bin/sh\nexit 0\n' >"$root/usr/local/sbin/start-stop-daemon" && chmod 755 "$root/usr/local/sbin/start-stop-daemon" &&   # the package stops what does not run, and there is no /proc
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y --no-install-recommends sendmail-bin sensible-mda sasl2-bin libsasl2-modules >>"$root.log" 2>&1 ||
  { echo "differential: no reference (see $root.log): the test will be skipped"; tail -n 2 "$root.log"; }
exit 0

#!/bin/bash
# package.sh: makes a Debian package, hikyaku_VERSION_ARCH.deb, in build-package. As any user; installs what is missing for it first.
#   ./package.sh                    builds (the first time takes some minutes) and packs
#   ./package.sh --version 1.2.3    with another version than CMakeLists.txt's
#   ./package.sh --build DIR        from a build tree that is there already; --out DIR: where the package goes
# The package: packaging/debian (control, what is done at installation, removal, purge); its files are those of `cmake --install`.
set -euo pipefail
cd "$(dirname "$0")"
top=$PWD build= out=build-package
version=$(sed -n 's/^project(hikyaku VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
while [ $# -gt 0 ]; do
  case $1 in
    --version) version=$2; shift 2 ;;
    --build) build=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    *) sed -n '2,5p' "$0" >&2; exit 64 ;;
  esac
done
if [ -z "$build" ]; then
  tools/setup.sh
  build=build-package/build
  echo "== building in $build"
  tools/build.sh "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_INSTALL_PREFIX=/usr -DHKY_TESTS=OFF -- hikyaku mailwrapper
fi
mkdir -p "$out"
stage=$(mktemp -d); trap 'rm -rf "$stage"' EXIT
chmod 755 "$stage"
echo "== packing hikyaku $version"
DESTDIR=$stage/root cmake --install "$build" --prefix /usr --strip >/dev/null
root=$stage/root

# Debian's places for what other systems keep elsewhere.
mv "$root/usr/share/hikyaku/init.d" "$root/etc-init.d"
install -D -m 755 "$root/etc-init.d/hikyaku" "$root/etc/init.d/hikyaku"; rm -r "$root/etc-init.d"
install -D -m 644 share/etc-mail/Makefile "$root/etc/mail/Makefile"
if [ -f share/init/hikyaku.default ]; then install -D -m 644 share/init/hikyaku.default "$root/etc/default/hikyaku"; fi
ln -s ../sbin/sendmail "$root/usr/lib/sendmail"   # Debian policy 11.6
mv "$root/usr/share/doc/hikyaku/LICENSE" "$root/usr/share/doc/hikyaku/copyright"
find "$root/usr/share/man" -type f -exec gzip -9n {} +

# Control: the libraries that the programs need are found, not listed.
mkdir -p "$root/DEBIAN" "$stage/debian"
: > "$stage/debian/control"
libraries=$(cd "$stage" && dpkg-shlibdeps -O -e"$root/usr/sbin/hikyaku" -e"$root/usr/sbin/mailwrapper" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$libraries" ] || { echo "package.sh: dpkg-shlibdeps found no libraries" >&2; exit 1; }
sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$(dpkg --print-architecture)/" -e "s/@LIBRARIES@/$libraries/" \
    -e "s/@SIZE@/$(du -sk "$root" | cut -f1)/" packaging/debian/control > "$root/DEBIAN/control"
for script in preinst postinst prerm postrm; do install -m 755 "packaging/debian/$script" "$root/DEBIAN/$script"; done
(cd "$root" && find etc -type f | sort | sed 's|^|/|') > "$root/DEBIAN/conffiles"
deb=$out/hikyaku_${version}_$(dpkg --print-architecture).deb
dpkg-deb --root-owner-group --build "$root" "$deb" >/dev/null
echo "== $deb: install it with  apt install $(realpath "$deb")"

#!/bin/bash
# Installs the Debian packages of tools/packages.txt that are missing, as root or with sudo. Nothing to do: no output, no network.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
missing=()
for p in $(grep -v '^#' "$here/packages.txt"); do
  [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$p" 2>/dev/null)" = "ii " ] || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0
run=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: not root and no sudo; install by hand: ${missing[*]}" >&2; exit 1; }
  run=(sudo)
fi
echo "== installing ${#missing[@]} packages: ${missing[*]}"
"${run[@]}" apt-get update -q >/dev/null
DEBIAN_FRONTEND=noninteractive "${run[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" | grep -E '^(Setting up|E:)' || true
for p in "${missing[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$p" 2>/dev/null)" = "ii " ] || { echo "setup: package $p could not be installed" >&2; exit 1; }
done

#!/bin/bash
# build.sh DIR [CMAKE OPTION...] [-- NINJA TARGET...]: configures once, builds with progress. ccache is shared between clones.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
dir=$1; shift
opts=(); while [ $# -gt 0 ] && [ "$1" != -- ]; do opts+=("$1"); shift; done
[ $# -gt 0 ] && shift
[ -f "$dir/build.ninja" ] || cmake -S "$top" -B "$dir" -G Ninja "${opts[@]}" | tail -n 3
ninja -C "$dir" "$@"

#!/bin/bash
# test.sh: installs what is needed, builds, runs the tests. A second run starts in seconds.
#   ./test.sh              everything but the label `slow`
#   ./test.sh -L B1        what ctest understands: a label (unit scenario golden crash fuzz bench lint, a folder, a requirement)
#   ./test.sh --asan       the unit, scenario and fuzz tests under ASan + UBSan, in a build tree of its own
#   ./test.sh --clang      the whole built with clang, warnings as errors (needs clang-14)
set -euo pipefail
cd "$(dirname "$0")"
tools/setup.sh
build=build; opts=(-DCMAKE_BUILD_TYPE=RelWithDebInfo); select=(-LE slow)
case "${1:-}" in
  --asan) shift; build=build-asan; opts+=(-DHKY_SANITIZE=ON); select=(-L 'unit|scenario|fuzz' -LE 'slow|bench') ;;
  --clang) shift; tools/build.sh build-clang "${opts[@]}" -DCMAKE_COMPILE_WARNING_AS_ERROR=ON -DCMAKE_CXX_COMPILER=clang++-14; echo "clang: built without a warning"; exit 0 ;;
  -*) select=() ;;
esac
echo "== building in $build"
tools/build.sh "$build" "${opts[@]}"
test/golden/prepare.sh "$build/golden"
case "$*" in *slow*|*differential*) test/differential/reference.sh "$build/reference" ;; esac
echo "== testing"
log=$build/ctest.log
set +e
ctest --test-dir "$build" -j "$(nproc)" --output-on-failure "${select[@]}" "$@" | tee "$log"
rc=${PIPESTATUS[0]}
set -e
skipped=$(grep -E '\*\*\*Skipped' "$log" | sed 's/^.*Test *#[0-9]*: *//; s/ *\.\.*.*//' || true)
if [ -n "$skipped" ]; then
  echo "== NOT RUN here (each said why above; --output-on-failure -V shows it):"
  echo "$skipped" | sed 's/^/   /'
fi
exit "$rc"

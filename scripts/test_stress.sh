#!/usr/bin/env bash
# Snapshots under stress in full size (chains of 100 cells, 500 branches, a budget that is too small,
# copies killed at random) with all under the address and undefined-behaviour sanitizers, and the
# process tests with the controller under the thread sanitizer. Writes what came of it to
# docs/stress.md. Takes about a quarter of an hour on two cores, most of it building.
#
#   scripts/test_stress.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ensure_debian scripts/debian-packages.txt scripts/debian-packages-test.txt
cmake_options=(-DNBREPLAY_TESTS=ON)
set_up release nbreplay-launcher nbreplay_workers
ensure_tools scripts/requirements-tests.txt
python=$(python_for_environments release)
cmake_options=(-DNBREPLAY_PYTHONS="$python")
build asan process_tests
bash scripts/prepare_ipython.sh asan
build tsan process_tests

NBREPLAY_TEST_MINOR=$(minor_of "$python")
export NBREPLAY_TEST_MINOR
logs=$(mktemp -d)
status=0
say "stress, everything under address and undefined-behaviour sanitizers"
NBREPLAY_STRESS=1 build/asan/tests/process/process_tests --gtest_filter='SnapshotsStress*' \
  2>&1 | tee "$logs/stress" || status=$?
say "process tests, the controller under the thread sanitizer"
NBREPLAY_TEST_PROGRAMS="$root/build/release" build/tsan/tests/process/process_tests \
  2>&1 | tee "$logs/threads" || status=$?
passed() { grep -cE '^\[       OK \]' "$1" || true; }
failed() { grep -cE '^\[  FAILED  \].*\([0-9]+ ms\)$' "$1" || true; }
reports() { grep -cE 'WARNING: ThreadSanitizer|ERROR: AddressSanitizer|runtime error:' "$1" || true; }
cat >docs/stress.md <<REPORT
# Stress

Made by \`scripts/test_stress.sh\` on Linux $(uname -r), $(uname -m), commit $(git rev-parse --short=12 HEAD),
with the worker of Python $NBREPLAY_TEST_MINOR.

|What|passed|failed|sanitizer's reports|
|-|-|-|-|
|snapshots: chains of 100 cells, 500 branches, 8 MiB for copies; the same with copies killed at random; all under ASan and UBSan|$(passed "$logs/stress")|$(failed "$logs/stress")|$(reports "$logs/stress")|
|process tests, the controller under TSan|$(passed "$logs/threads")|$(failed "$logs/threads")|$(reports "$logs/threads")|
REPORT
exit $status

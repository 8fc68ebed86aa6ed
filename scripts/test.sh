#!/usr/bin/env bash
# Sets up everything as scripts/quickstart.sh does and runs every test: end to end, and attacks on the
# sandbox, with the release build; unit and process tests under sanitizers; the fuzz target for a
# minute. What is too long for this is in scripts/test_minors.sh and its neighbours.
#
#   scripts/test.sh [--fast]     --fast: unit and process tests without sanitizers, no fuzzing
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

fast=no
[ "${1:-}" != --fast ] || fast=yes
jobs=$(nproc)
programs=(nbreplay nbreplay-launcher nbreplay_workers)
cmake_options=(-DNBREPLAY_TESTS=ON)

prepare_to_test() {
  local python
  python=$(python_for_environments "$1")
  ensure_tools scripts/requirements-tests.txt
  ensure_environment conformance tests/e2e/conformance/requirements.txt "$python"
}
preparations+=(prepare_to_test)

ensure_debian scripts/debian-packages.txt scripts/debian-packages-test.txt
set_up release "${programs[@]}"
python=$(python_for_environments release)

say "format"
git ls-files -z '*.h' '*.cc' | xargs -0 clang-format --dry-run -Werror

say "containers: syntax and common mistakes (no engine is used)"
"$tools/bin/hadolint" --config containers/hadolint.yaml containers/*.Dockerfile
"$tools/bin/python" -m json.tool containers/seccomp.json /dev/null

failed=()
logs=$(mktemp)  # all that the tests said: ctest keeps that of its last call only
run_ctest() {  # BUILD ARGUMENT...
  local build=$1
  shift
  ctest --test-dir "build/$build" --output-on-failure --no-tests=error -j "$jobs" "$@" ||
    failed+=("$build: $*")
  cat "build/$build/Testing/Temporary/LastTest.log" >>"$logs" || true
}

# What later tests need is built while earlier ones wait for time-outs and slow answers.
beside=() fuzzing=
stop_all() {
  local session
  for session in "${beside[@]}"; do
    kill -- "-$session" 2>/dev/null || kill "$session" 2>/dev/null || true
  done
  [ -z "$fuzzing" ] || kill "$fuzzing" 2>/dev/null || true
}
trap stop_all EXIT
build_beside() {
  setsid bash scripts/build_beside.sh "$@" &
  beside+=($!)
}
wait_for() {
  wait "$1" || die "what the next tests need could not be built${failed:+; these failed: ${failed[*]}}" \
    "see the compiler's words above"
}

build_beside release sandbox_tests
preset=dev
if [ "$fast" = yes ]; then
  build_beside dev nbreplay_tests -DNBREPLAY_PYTHONS="$python"
else
  preset=asan
  # One worker is enough: scripts/test_minors.sh runs the process tests with each. Without line tables,
  # for a sixth of the time: a report names functions, and the preset alone, built again, names lines.
  build_beside asan nbreplay_tests fuzz_notebook -DNBREPLAY_PYTHONS="$python" \
    -DCMAKE_CXX_FLAGS_DEBUG=-O0
fi

# ctest asks a binary that is there for its tests, whatever it is to run.
[ ! -e build/release/tests/sandbox/sandbox_tests ] || wait_for "${beside[0]}"
say "the command line, fixtures, conformance, Python files (release)"
run_ctest release -L 'e2e|python'

wait_for "${beside[0]}"
unset 'beside[0]'
say "attacks on the sandbox (release)"
# Those that fill the machine, or measure it, run alone (tests/sandbox/CMakeLists.txt).
NBREPLAY_TEST_MINOR=$(minor_of "$python")
export NBREPLAY_TEST_MINOR
run_ctest release -L sandbox
unset NBREPLAY_TEST_MINOR

wait_for "${beside[1]}"
beside=()

fuzz() {  # a process of its own, so that killing it leaves nothing
  exec build/asan/tests/fuzz/fuzz_notebook -max_total_time=60 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$scratch/" "$scratch" tests/fuzz/corpus/notebook >"$scratch.log" 2>&1
}
if [ "$fast" = no ]; then
  say "fuzzing the notebook reader for 60 s, beside the tests"
  scratch=$(mktemp -d)
  fuzz &
  fuzzing=$!
fi
say "unit and process tests (preset $preset)"
# Many of them wait for time-outs: one more than there are cores.
jobs=$((jobs + 1)) run_ctest "$preset" -L 'unit|process'
if [ "$fast" = no ]; then
  wait "$fuzzing" || failed+=(fuzz)
  fuzzing=
  tail -n 8 "$scratch.log"
fi

say "tests skipped, with the reasons"
python3 scripts/skipped_tests.py "$logs"

say "workers tested for Python: $(cut -d' ' -f1 build/release/pythons.txt | paste -sd' ')"
if [ "${#failed[@]}" != 0 ]; then
  say "FAILED: ${failed[*]}"
  exit 1
fi
say "all passed"

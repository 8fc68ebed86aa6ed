#!/usr/bin/env bash
# Every attack of tests/sandbox in every mode, with every way to make a sandbox that there is: as who
# starts this, usually root; as an ordinary user; as that one, with bubblewrap; and with layers on disk,
# as kernels before 6.6 need them. Writes what came of it to docs/security_cases.md. Takes about
# twenty minutes.
#
#   scripts/test_attacks.sh [FILTER]     FILTER: of GoogleTest; the table is shown, not written
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ensure_debian scripts/debian-packages.txt scripts/debian-packages-test.txt
cmake_options=(-DNBREPLAY_TESTS=ON)
set_up release nbreplay-launcher nbreplay_workers sandbox_tests
python=$(python_for_environments release)
minor=$(minor_of "$python")
prefix=$("$python" -c 'import sys; print(sys.base_prefix)')
tests="$root/build/release/tests/sandbox/sandbox_tests"
filter=${1:-*}
bubblewrap=$(command -v bwrap || true)

results=$(mktemp -d)
chmod 755 "$results"
trap 'rm -rf "$results"' EXIT
runs=()
failed=()
# attacks HOW FOLDER COMMAND...: the suite, run by a command that puts its own before it.
attacks() {
  local how=$1 result="$2/result.json"
  shift 2
  say "attacks $how"
  rm -f "$result"
  "$@" NBREPLAY_TEST_MINOR="$minor" "$tests" --gtest_brief=1 --gtest_filter="$filter" \
    --gtest_output="json:$result" || failed+=("$how")
  if [ ! -e "$result" ]; then
    say "no result $how"
    return 0
  fi
  cp "$result" "$results/${#runs[@]}.json"
  runs+=("$how=$results/${#runs[@]}.json")
}

mkdir "$results/own" "$results/user"
user=(env)
folder="$results/own"
if [ "$(id -u)" = 0 ]; then
  attacks "as root" "$results/own" env
  user=(scripts/as_ordinary_user.sh "$results/user" "$root" "$prefix" -- env)
  folder="$results/user"
fi
attacks "as an ordinary user" "$folder" "${user[@]}"
if [ -n "$bubblewrap" ]; then
  attacks "as an ordinary user, with bubblewrap" "$folder" "${user[@]}" \
    NBREPLAY_TEST_BUBBLEWRAP="$bubblewrap"
else
  say "there is no bubblewrap"
fi
attacks "layers on disk" "$results/own" env NBREPLAY_TEST_LAYERS_ON_DISK=1

if [ "${#runs[@]}" != 0 ]; then
  python3 scripts/security_table.py "${runs[@]}" >"$results/table.md"
  if [ -n "${1:-}" ]; then cat "$results/table.md"; else cp "$results/table.md" docs/security_cases.md; fi
fi
if [ "${#failed[@]}" != 0 ]; then
  (IFS=';'; say "FAILED: ${failed[*]}")
  exit 1
fi
say "all held, or were not shown for the reasons in the table"

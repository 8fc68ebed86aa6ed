#!/usr/bin/env bash
# Runs, for every CPython minor with a worker, the tests of the worker's Python files under that very
# Python, the process tests, and `nbreplay run` end to end in an environment of it without IPython.
# Prints a table. Takes a few minutes per minor.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cmake_options=(-DNBREPLAY_TESTS=ON)
ensure_debian scripts/debian-packages.txt scripts/debian-packages-test.txt
set_up release
build release nbreplay_tests
ensure_tools scripts/requirements-tests.txt

# The counts of pytest's or ctest's last line.
summary() { tail -n 40 "$1" | grep -oE '[0-9]+ (passed|failed|skipped)|[0-9]+ tests failed out of [0-9]+' | paste -sd, | sed 's/,/, /g'; }

worst=0
logs=$(mktemp -d)
table="|Python|worker's Python files|process tests|\`nbreplay run\`, end to end|
|-|-|-|-|"
while read -r minor python; do
  environment="$state/minor-$minor"
  ensure_environment "minor-$minor" scripts/requirements-minors.txt "$python"
  say "Python $minor"
  "$environment/bin/python" -m pytest -q -p no:cacheprovider tests/python >"$logs/python" 2>&1 || worst=1
  NBREPLAY_TEST_MINOR=$minor ctest --test-dir build/release -L process -j "$(nproc)" \
    >"$logs/process" 2>&1 || worst=1
  NBREPLAY_BINARY="$root/build/release/bin/nbreplay" NBREPLAY_DEMO_ENVIRONMENT="$environment" \
    "$tools/bin/python" -m pytest -q -p no:cacheprovider tests/e2e/test_run.py >"$logs/run" 2>&1 ||
    worst=1
  table="$table
|$("$python" -c 'import platform; print(platform.python_version())')|$(summary "$logs/python")|$(summary "$logs/process")|$(summary "$logs/run")|"
  [ "$worst" = 0 ] || tail -n 30 "$logs"/* >&2
done <build/release/pythons.txt
printf '%s\n' "$table"
exit "$worst"

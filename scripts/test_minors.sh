#!/usr/bin/env bash
# Runs, for every CPython minor with a worker, the tests of the worker's Python files under that very
# Python, the process tests, and `nbreplay run` end to end in an environment of it without IPython.
# Writes the table into docs/minors.md. Takes about ten minutes.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cmake_options=(-DNBREPLAY_TESTS=ON)
ensure_debian scripts/debian-packages.txt scripts/debian-packages-test.txt
set_up release
build release nbreplay_tests
ensure_tools scripts/requirements-tests.txt

# The counts of pytest's or ctest's last lines.
summary() {
  { tail -n 60 "$1" | grep -oE '[0-9]+ (passed|failed|skipped)|[0-9]+ tests failed out of [0-9]+'
    awk '/\(Skipped\)$/ { count++ } END { if (count) print count " skipped" }' "$1"; } | paste -sd, | sed 's/,/, /g'
}

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
cat >docs/minors.md <<REPORT
# Tested CPython minors

Made by \`scripts/test_minors.sh\` on Linux $(uname -r), $(uname -m), commit $(git rev-parse --short=12 HEAD):
with each CPython for which a worker was built, the tests of the worker's Python files run by it, the
process tests with its worker, and \`nbreplay run\` through the command line in an environment of it
that has no IPython.

$table
REPORT
cat docs/minors.md
exit "$worst"

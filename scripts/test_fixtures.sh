#!/usr/bin/env bash
# Diagnoses every fixture with and without snapshots: each must be answered as expected, and both ways
# must find the same. scripts/test.sh does so for one fixture of each kind. Writes what came of it to
# docs/fixtures.md. Takes about a quarter of an hour on two cores.
#
#   scripts/test_fixtures.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ensure_debian scripts/debian-packages.txt scripts/debian-packages-test.txt
set_up release nbreplay nbreplay-launcher nbreplay_workers
ensure_tools scripts/requirements-tests.txt

log=$(mktemp)
status=0
NBREPLAY_ALL_FIXTURES=1 NBREPLAY_BINARY=build/release/bin/nbreplay \
  NBREPLAY_DEMO_ENVIRONMENT="$state/demo" "$tools/bin/python" -m pytest -v -p no:cacheprovider \
  tests/e2e/test_fixtures.py 2>&1 | tee "$log" || status=$?
count() { grep -cE "$1" "$log" || true; }
cat >docs/fixtures.md <<REPORT
# All fixtures

Made by \`scripts/test_fixtures.sh\` on Linux $(uname -r), $(uname -m), commit $(git rev-parse --short=12 HEAD):
the notebooks of \`fixtures/\` diagnosed in the sandbox, with the demo environment.

|What|as expected|not|
|-|-|-|
|crashes answered as the file beside the notebook says: reproduced, minimised, labelled|$(count 'is_answered_right.* PASSED')|$(count 'is_answered_right.* (FAILED|ERROR)')|
|notebooks for which the same is found with and without snapshots|$(count 'same_without_snapshots.* PASSED')|$(count 'same_without_snapshots.* (FAILED|ERROR)')|
REPORT
exit $status

#!/usr/bin/env bash
# Kills the controller, launchers (which are the brokers), reapers and workers (snapshots among
# them) at random moments of a diagnosis, a hundred times each: nothing may be left running or
# mounted, no other verdict may come, and a call that is made again goes on. Too long for
# scripts/test.sh, which does it once each. Writes what came of it to docs/faults.md.
#
#   scripts/test_faults.sh [COUNT]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

count=${1:-100}
ensure_debian scripts/debian-packages.txt scripts/debian-packages-test.txt
set_up release nbreplay nbreplay-launcher nbreplay_workers
ensure_tools scripts/requirements-tests.txt

log=$(mktemp)
status=0
NBREPLAY_FAULTS=$count NBREPLAY_BINARY=build/release/bin/nbreplay \
  .nbreplay/tools/bin/python -m pytest -q -p no:cacheprovider tests/e2e/test_sandbox.py \
  -k 'killed' 2>&1 | tee "$log" || status=$?
summary=$(tail -n 1 "$log")
without=$(grep -o '[0-9]* of [0-9]* diagnoses without a verdict' "$log" || echo 'not counted')
cat >docs/faults.md <<REPORT
# Processes killed at random

Made by \`scripts/test_faults.sh $count\`: in each of $count diagnoses for each kind of process
(launcher and broker; process 1 of a sandbox; workers, their frozen copies and runners) three of
that kind were killed at random moments; in $count more the controller was killed, and called again.
After each nothing was left running or mounted, nor in the folder of temporary files once nbreplay
had started again, and what was found was what an undisturbed diagnosis finds, or less.

- System: Linux $(uname -r)
- Result: $summary
- Nothing was found, for what was killed: $without
REPORT
exit $status

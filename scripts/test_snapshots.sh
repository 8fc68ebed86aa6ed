#!/usr/bin/env bash
# The fork-safety suite: makes an environment with many libraries that have native threads, and has
# `nbreplay doctor --snapshots` fork each of them, ten times by default. Writes what it saw into
# docs/snapshots.md and fails when a fork that was allowed hung, died or computed something else.
# Takes about ten minutes on two cores and 6 GiB of disk.
#
#     scripts/test_snapshots.sh [REPEATS]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

set_up release nbreplay nbreplay-launcher nbreplay_workers
python=$(sed -n 's/^3\.11 //p' build/release/pythons.txt)
[ -n "$python" ] || die "no worker was built for Python 3.11" "set NBREPLAY_PYTHONS to such an interpreter"
export UV_FIND_LINKS=${UV_FIND_LINKS-${PIP_FIND_LINKS-}}
ensure_environment snapshots scripts/requirements-snapshots.txt "$python"

document="$state/snapshots.json"
code=0
build/release/bin/nbreplay doctor --snapshots --try-tainted --repeats "${1:-10}" \
  --environment "$state/snapshots" --json >"$document" || code=$?
[ "$code" -le 1 ] || exit "$code"
python3 scripts/snapshot_table.py "$document" docs/snapshots.md
exit "$code"

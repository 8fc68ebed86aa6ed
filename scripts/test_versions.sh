#!/usr/bin/env bash
# Bisects the notebooks of tests/index with real packages and writes what it found into
# docs/versions.md. Takes an hour or two when nothing is cached, and several gigabytes of disk.
#
#   scripts/test_versions.sh [--offline] [--only NAME,...]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

set_up release nbreplay nbreplay-launcher nbreplay_workers

say "real packages"
"$tools/bin/python" tests/index/run.py --binary build/release/bin/nbreplay \
  --write docs/versions.md "$@"

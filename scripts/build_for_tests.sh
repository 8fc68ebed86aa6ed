#!/usr/bin/env bash
# build_for_tests.sh PRESET PYTHON: builds the unit and process tests, with PRESET and a worker for
# PYTHON only, and the fuzz target with PRESET asan. scripts/test.sh runs it beside other tests as a
# session of its own: it gives way to them, also where the kernel shares processors out among
# sessions (autogroups of sched(7)), as each notebook is one.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

preset=$1
python=$2
renice -n 19 -p $$ >/dev/null
echo 19 2>/dev/null >/proc/self/autogroup || true

[ "$preset" != asan ] || build fuzz fuzz_notebook
# One worker is enough: scripts/test_minors.sh runs the process tests with each.
cmake_options=(-DNBREPLAY_PYTHONS="$python")
# Without line tables, for a sixth of the time: a report names functions, and the preset alone, built
# again, names lines.
[ "$preset" != asan ] || cmake_options+=(-DCMAKE_CXX_FLAGS_DEBUG=-O0)
build "$preset" nbreplay_tests
bash scripts/prepare_ipython.sh "$preset"

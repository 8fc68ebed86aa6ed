#!/usr/bin/env bash
# build_beside.sh PRESET TARGET... [-DOPTION=VALUE...]: builds while something else runs, and gives
# way to that. scripts/test.sh calls it as the leader of a session: priorities count within one, and
# the kernel shares processors out among sessions (autogroups of sched(7)), as each notebook is one.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

renice -n 19 -p $$ >/dev/null
echo 19 2>/dev/null >/proc/self/autogroup || true

preset=$1
shift
targets=()
for argument in "$@"; do
  case $argument in
    -D*) cmake_options+=("$argument") ;;
    *) targets+=("$argument") ;;
  esac
done
say "building beside the tests (preset $preset): ${targets[*]}"
# What tests are using is not configured again under their feet.
if [ ! -e "build/$preset/build.ninja" ] || [ "${#cmake_options[@]}" != 0 ]; then configure "$preset"; fi
compile "$preset" -j "$(nproc)" "${targets[@]}"

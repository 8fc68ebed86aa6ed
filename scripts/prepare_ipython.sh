#!/usr/bin/env bash
# prepare_ipython.sh [PRESET]: puts an IPython for each Python that the preset's build has a worker
# for into .nbreplay/ipython/<minor>, with bytecode. It comes along with environments that have no
# IPython of their own (docs/environments.md). The build folder links to it; cmake --install copies
# it into the prefix.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

preset=${1:-release}
pythons="build/$preset/pythons.txt"
[ -e "$pythons" ] || die "$pythons is missing: preset $preset was not configured" \
  "run scripts/quickstart.sh, or: cmake --preset $preset"
ensure_tools scripts/requirements-tools.txt

supply_one() {  # MINOR PYTHON REQUIREMENTS
  local folder="$state/ipython/$1"
  say "preparing IPython for Python $1"
  rm -rf "$folder" "$folder.new"
  quietly "$tools/bin/uv" pip install --quiet --no-deps --link-mode copy --python "$2" \
    --target "$folder.new" -r "$3" || return 1
  rm -rf "$folder.new/bin" "$folder.new/share" "$folder.new/.lock"
  # Unchecked: the files never change, and a copy of them has other times.
  quietly "$2" -I -m compileall -q -f --invalidation-mode unchecked-hash "$folder.new" ||
    say "not every file of it could be compiled; that costs time, nothing else"
  mv "$folder.new" "$folder"
}

while read -r minor python; do
  requirements="scripts/ipython/$minor.txt"
  if [ ! -e "$requirements" ]; then
    say "no IPython is pinned for Python $minor: environments of it need their own"
    continue
  fi
  [ -d "$state/ipython/$minor" ] || rm -f "$state/stamps/ipython-$minor"
  once "ipython-$minor" "$requirements" -- supply_one "$minor" "$python" "$requirements" ||
    die "IPython for Python $minor could not be prepared" "see uv's words above"
done <"$pythons"

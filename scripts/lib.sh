# What the set-up scripts share; sourced by bash, never run. Every step looks first whether its work
# is already done, so that running a script again costs seconds.
#
# All that is made lies in the source folder: .nbreplay/ (environments) and build/.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
state="$root/.nbreplay"
tools="$state/tools"
cd "$root"

# A clone in another folder finds what this one compiled.
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1

# With the seconds since the first script began.
export NBREPLAY_BEGAN=${NBREPLAY_BEGAN:-$EPOCHSECONDS}
say() { printf '== %4d s  %s\n' $((EPOCHSECONDS - NBREPLAY_BEGAN)) "$*" >&2; }

die() {  # MESSAGE HINT
  printf 'error: %s\n\nhint: %s\n' "$1" "$2" >&2
  exit 2
}

# Runs a command, showing what it says only when it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# once NAME FILE... -- COMMAND...: runs the command unless it has run for these contents before.
once() {
  local name=$1 stamp key files=()
  shift
  while [ "$1" != -- ]; do
    files+=("$1")
    shift
  done
  shift
  stamp="$state/stamps/$name"
  key=$({ cat "${files[@]}"; printf '%s\n' "$@"; } | sha256sum)
  if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$key" ]; then return 0; fi
  "$@" || return 1
  mkdir -p "$state/stamps"
  printf '%s\n' "$key" >"$stamp"
}

packages_of() { grep -hv '^#' "$@"; }

# ensure_debian FILE...: installs the Debian packages that are missing.
ensure_debian() {
  local wanted missing
  wanted=$(packages_of "$@")
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system: these must be there already: $(echo $wanted)"
    return 0
  fi
  # shellcheck disable=SC2086
  missing=$(comm -23 <(printf '%s\n' $wanted | sort -u) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
      sed -n 's/^installed //p' | sort -u))
  [ -n "$missing" ] || return 0
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "these Debian packages are missing: $(echo $missing)" \
      "install them as root: apt-get install $(echo $missing)"
    as_root=(sudo)
  fi
  say "installing Debian packages${as_root[0]:+ through sudo}: $(echo $missing)"
  # shellcheck disable=SC2086
  { quietly "${as_root[@]}" apt-get update -q &&
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -q -y --no-install-recommends $missing; } ||
    die "apt-get could not install them" "see its words above"
}

# ensure_tools FILE...: the virtual environment of nbreplay's own tools, never that of a notebook.
ensure_tools() {
  local file
  if ! "$tools/bin/python" -c '' 2>/dev/null; then
    say "making .nbreplay/tools"
    rm -rf "$tools" "$state/stamps"/tools-*
    quietly python3 -m venv "$tools" ||
      die "python3 cannot make a virtual environment" "Debian: apt-get install python3-venv"
  fi
  for file in "$@"; do
    once "tools-$(basename "$file" .txt)" "$file" -- install_tools "$file" ||
      die "the Python packages of $file could not be installed" "see the words above"
  done
}

install_tools() {
  say "installing Python packages: $1"
  if [ -x "$tools/bin/uv" ]; then  # of scripts/requirements-tools.txt, which is installed first
    quietly "$tools/bin/uv" pip install --quiet --python "$tools/bin/python" -r "$1"
  else
    quietly "$tools/bin/python" -m pip install --quiet --disable-pip-version-check -r "$1"
  fi
}

# build PRESET TARGET...: with the options in cmake_options; without a target, everything.
cmake_options=()
build() {
  say "building (preset $1)"
  configure "$1"
  compile "$@"
}

configure() {
  quietly cmake --preset "$1" "${cmake_options[@]}" ||
    die "CMake could not configure the build" "see its words above"
}

compile() {
  local preset=$1
  shift
  quietly ninja -C "build/$preset" "$@" || die "the build failed" "see the compiler's words above"
}

# The interpreter for environments that the scripts make: the newest that has a worker and for which
# the pinned packages exist as wheels.
python_for_environments() {
  local minor executable
  for minor in 3.11 3.12 3.10 3.13 3.9; do
    executable=$(sed -n "s/^$minor //p" "build/$1/pythons.txt")
    if [ -n "$executable" ]; then
      echo "$executable"
      return 0
    fi
  done
  die "no worker was built for Python 3.9 to 3.13" "set NBREPLAY_PYTHONS to such an interpreter"
}

minor_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }

# ensure_environment NAME REQUIREMENTS PYTHON: a virtual environment for notebooks, .nbreplay/NAME.
ensure_environment() {
  once "environment-$1" "$2" -- make_environment "$@" ||
    die "the environment .nbreplay/$1 could not be made" "see uv's words above"
}

make_environment() {
  say "making the environment .nbreplay/$1"
  rm -rf "${state:?}/$1"
  quietly "$tools/bin/uv" venv --quiet --python "$3" "$state/$1" &&
    quietly "$tools/bin/uv" pip install --quiet --python "$state/$1/bin/python" -r "$2" || return 1
  # Runs never write bytecode into an environment. Libraries' tests are half of their files.
  quietly "$state/$1/bin/python" -I -m compileall -q -j 0 -x 'site-packages/.*/tests?/' "$state/$1/lib" ||
    say "not every file of it could be compiled; that costs time, nothing else"
}

# What set_up prepares while the compiler works: functions that are called with the preset.
preparations=(prepare_to_run)
prepare_to_run() {
  local python
  python=$(python_for_environments "$1")
  bash scripts/prepare_ipython.sh "$1"
  bash scripts/prepare_helper.sh
  ensure_environment demo scripts/demo-requirements.txt "$python"
}

prepare() {
  local step
  for step in "${preparations[@]}"; do "$step" "$1"; done
}

# set_up PRESET TARGET...: everything up to a working nbreplay and the demo environment.
set_up() {
  local preparing
  ensure_debian scripts/debian-packages.txt
  ensure_tools scripts/requirements-tools.txt
  say "building (preset $1)"
  configure "$1"
  prepare "$1" &
  preparing=$!
  # shellcheck disable=SC2064
  trap "kill $preparing 2>/dev/null || true" EXIT
  compile "$@"
  wait "$preparing" || exit 2  # It has said why.
  trap - EXIT
}

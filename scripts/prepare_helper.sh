#!/usr/bin/env bash
# prepare_helper.sh: puts the libraries of the helper package (python/README.md) into
# .nbreplay/helper. The build folder links to it; cmake --install copies it into the prefix.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

requirements=scripts/requirements-helper.txt
folder="$state/helper"
ensure_tools scripts/requirements-tools.txt

supply() {
  say "preparing the packaging tools"
  rm -rf "$folder.new"
  quietly "$tools/bin/uv" pip install --quiet --no-deps --link-mode copy \
    --python "$tools/bin/python" --python-version 3.9 --target "$folder.new" -r "$requirements" ||
    return 1
  # Scripts name the interpreter that they were made with: only uv's own program stays.
  rm -rf "$folder.new/.lock"
  find "$folder.new/bin" -type f ! -name uv -delete
  # Parts compiled for one minor are of no use to the others.
  find "$folder.new" -name '*.so' -delete
  rm -rf "$folder"
  mv "$folder.new" "$folder"
}

[ -d "$folder" ] || rm -f "$state/stamps/helper"
once helper "$requirements" scripts/prepare_helper.sh -- supply ||
  die "the packaging tools could not be prepared" "see uv's words above"

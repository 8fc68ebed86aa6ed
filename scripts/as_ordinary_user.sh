#!/usr/bin/env bash
# Runs a command as a user that nobody else is, as root only. FOLDERs that lie where others may not
# look (such as below /root) are shown in their place, in a namespace of mounts that ends with the
# command: outside of it nothing changes.
#
#   scripts/as_ordinary_user.sh HOME FOLDER... -- COMMAND...
#
# HOME, where everybody may look, is made that user's own; HOME/tmp, for temporary files, is made.
set -euo pipefail
umask 022

if [ "${1:-}" != --within ]; then
  [ "$(id -u)" = 0 ] || { echo "error: only root can become another user" >&2; exit 2; }
  user=54321
  while getent passwd "$user" >/dev/null || getent group "$user" >/dev/null ||
    [ -n "$(find /proc -mindepth 1 -maxdepth 1 -user "$user" -print -quit 2>/dev/null)" ]; do
    user=$((user + 1))
  done
  exec unshare --mount --propagation private bash "${BASH_SOURCE[0]}" --within "$user" "$@"
fi

user=$2 home=$3
shift 3
mkdir -p "$home/tmp"
chown -R "$user:$user" "$home"
folders=()
while [ "$1" != -- ]; do
  folders+=("$(realpath "$1")")
  shift
done
shift

as_user() { setpriv --reuid "$user" --regid "$user" --clear-groups --inh-caps=-all "$@"; }

# closed FOLDER: the first folder on the way to it that the user may not pass through.
closed() {
  local parts=() part at=
  IFS=/ read -ra parts <<<"${1#/}"
  for part in "${parts[@]}"; do
    at+="/$part"
    as_user test -x "$at" || { echo "$at"; return; }
  done
}

# What lies behind a closed folder is put aside, the folder covered, and each put into its place.
mount -t tmpfs none "$home/tmp"
aside=()
for i in "${!folders[@]}"; do
  if [ -n "$(closed "${folders[i]}")" ]; then
    mkdir "$home/tmp/$i"
    mount --rbind "${folders[i]}" "$home/tmp/$i"
    aside+=("$i")
  fi
done
for i in "${aside[@]}"; do
  folder=${folders[i]}
  behind=$(closed "$folder")
  if [ -n "$behind" ] && [ "$behind" != "$folder" ]; then
    mount -t tmpfs -o mode=755 none "$behind"
  fi
  mkdir -p "$folder"
  mountpoint -q "$folder" || mount --rbind "$home/tmp/$i" "$folder"
done
umount --recursive --lazy "$home/tmp"
for folder in "$home" "${folders[@]}"; do
  as_user test -x "$folder" || { echo "error: $folder may be used by its owner only" >&2; exit 2; }
done

cd "$home"
exec setpriv --reuid "$user" --regid "$user" --clear-groups --inh-caps=-all \
  env -i PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 HOME="$home" TMPDIR="$home/tmp" "$@"

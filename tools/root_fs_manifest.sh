#!/bin/bash
# Prints one line for each entry of a tree: name, kind, mode, owner, size, date, target of a
# link, number of hard links, and a file's SHA-256. Two root file systems are the same when
# these lists are the same:
#
#   tools/root_fs_manifest.sh [ROOT]          ROOT is <project>/root_fs/root unless given
set -euo pipefail
export LC_ALL=C

tools=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cd "${1:-$(dirname "$tools")/root_fs/root}"
# A folder's size depends on the disk and its past, so it is left out.
find . -type d -printf '%p %y %m %U:%G %Ts\n' | sort
find . ! -type d -printf '%p %y %m %U:%G %s %Ts %n %l\n' | sort
find . -type f -print0 | sort -z | xargs -0 sha256sum

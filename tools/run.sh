#!/bin/bash
# Runs MyDocker, and before that does whatever is still missing for it: installs packages,
# builds the program into <project>/build, makes the root file system.
#
#   sudo tools/run.sh                                       the README's example: a shell
#   sudo tools/run.sh -aU -c -M 64m /bin/bash -c 'free -m'  any words MyDocker understands
#
# The words reach MyDocker unchanged, the working folder and the standard input and output are
# the container's alone; progress goes to standard error.
set -euo pipefail

me=tools/run.sh
failure=125   # as MyDocker's own failures
# shellcheck source=tools/lib/setup.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib/setup.sh"

prepare() {
    "$tools/install_dependencies.sh" || fail "cannot install what the build needs"
    configure CMAKE_BUILD_TYPE=Release
    compile MyDocker
    make_root_fs
}

need_root
set_up prepare
(($#)) || set -- -aUc -C 50 -I 20 -P 333 /bin/bash
exec "$build/MyDocker" "$@"

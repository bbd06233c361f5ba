# shellcheck shell=bash
# What tools/run.sh and tools/test.sh have in common: packages, build, root file system.
# The script that sources this file sets `me` (how it calls itself) and `failure` (its exit
# status when the set-up fails).
#
# All of it writes to standard error only and reads nothing: the standard output and input
# of tools/run.sh are the container's.

tools=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
tools=${tools%/lib}
project=$(dirname "$tools")
build=$project/build

say() { echo "${me:?}: $*" >&2; }
fail() { say "$*"; exit "${failure:?}"; }

need_root() { ((EUID == 0)) || fail "needs root: sudo $me"; }

# Silent when all goes well; everything the command said when it does not.
quietly() {
    local log=$build/setup.log
    "$@" >"$log" 2>&1 </dev/null && return
    cat "$log" >&2
    fail "failed: $* (the messages above are in $log)"
}

# A build folder which was made for another place (a checkout that was copied or moved) makes
# CMake refuse; nothing but its notes stands in the way.
forget_foreign_cache() {
    local home
    home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$build/CMakeCache.txt" 2>/dev/null || true)
    [[ -z $home || $home -ef $project ]] || rm -rf "$build/CMakeCache.txt" "$build/CMakeFiles"
}

is_configured() {
    [[ -f $build/CMakeCache.txt ]] || return 1
    [[ -f $build/Makefile || -f $build/build.ninja ]] || return 1
    local option
    for option in "$@"; do
        grep -q -x "${option%%=*}:[A-Z]*=${option#*=}" "$build/CMakeCache.txt" || return 1
    done
}

# configure NAME=VALUE...
configure() {
    forget_foreign_cache
    is_configured "$@" && return
    say "configuring $build"
    quietly cmake -S "$project" -B "$build" "${@/#/-D}"
}

# compile TARGET; make looks at the times of the files and mostly finds nothing to do.
compile() {
    [[ -x $build/MyDocker ]] || say "building MyDocker (the first time takes a minute or two)"
    quietly cmake --build "$build" --parallel "$(nproc)" --target "$1"
}

# Two set-ups at once in one folder would step on each other's feet. The lock lives in this
# subshell, so that what is started afterwards does not inherit it. (Mind: bash ignores
# "set -e" to the left of "||", so each step fails by its own "|| fail".)
set_up() {
    (
        exec </dev/null >&2
        mkdir -p "$build" && exec 9>"$build/setup.lock" && flock 9 || fail "cannot lock $build"
        "$@"
    ) || exit "$failure"
}

make_root_fs() {
    "$tools/make_root_fs.sh" --quiet || fail "cannot make the root file system"
}

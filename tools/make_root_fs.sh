#!/bin/bash
# Builds the container's root file system from the packages of this host's own
# distribution (Debian or Ubuntu). Nothing of the host changes: apt works on private
# folders, packages are unpacked, never installed, and none of their scripts runs.
#
#   tools/make_root_fs.sh [--force] [--quiet] [DIR]     the root becomes DIR/root
#                               (DIR is <project>/root_fs unless given; for an installed
#                                MyDocker, /var/lib/mydocker/root_fs)
#
# Does nothing when DIR/root was built by these same scripts; --force builds anew, with
# the newest versions that apt knows. The same versions always give the same tree. --quiet
# says nothing when there is nothing to do.
set -euo pipefail
umask 022
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"   # ldconfig is not in everybody's PATH

tools=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cache=${XDG_CACHE_HOME:-/var/cache}/mydocker
force=no
quiet=no
folder=
new=

# shellcheck source=tools/lib/packages.sh
source "$tools/lib/packages.sh"
# shellcheck source=tools/lib/configure_root.sh
source "$tools/lib/configure_root.sh"

say() { echo "make_root_fs: $*" >&2; }
fail() { say "$*"; exit 1; }

read_arguments() {
    while (($#)); do
        case $1 in
            --force) force=yes ;;
            --quiet) quiet=yes ;;
            -h | --help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
            -*) fail "unknown option $1 (--force, --quiet, --help)" ;;
            *) [[ -z $folder ]] || fail "one folder at most, got $folder and $1"; folder=$1 ;;
        esac
        shift
    done
    [[ -n $folder ]] || default_folder
}

# Where MyDocker looks for it: beside the sources, or, installed, where its images lie too.
default_folder() {
    if [[ -e $(dirname "$tools")/CMakeLists.txt ]]; then
        folder=$(dirname "$tools")/root_fs
    else
        [[ -d /var/lib/mydocker ]] || install -d -m 0700 /var/lib/mydocker
        folder=/var/lib/mydocker/root_fs
    fi
}

# A container's root user may leave set-user-ID files in its tree; on the host they would be
# set-user-ID too. A folder above the root that nobody else may enter keeps them out of reach.
# Whoever owns these scripts decides what root runs here anyway, so such an owner stays.
prepare_folder() {
    mkdir -p "$folder"
    folder=$(readlink -f "$folder")
    # /home, say, must not lose its mode to a slip of the fingers.
    [[ -e $folder/.lock || -z $(ls -A "$folder") || $folder -ef $(dirname "$tools")/root_fs ]] ||
        fail "$folder has other files in it: name an empty or a new folder"
    [[ $(stat -c %u "$folder") == "$(stat -c %u "$tools")" ]] || chown root:root "$folder"
    chmod 0700 "$folder"
}

# One build at a time; and what a killed one left behind is put right first.
lock_and_recover() {
    exec 9>"$folder/.lock"
    flock 9
    local left
    for left in "$folder"/root.old-*; do
        [[ -d $left && ! -e $folder/root ]] && mv -T "$left" "$folder/root"
    done
    rm -rf --one-file-system "$folder"/root.new-* "$folder"/root.old-*
}

# What decides the tree, apart from the packages' versions: these scripts.
recipe() {
    cat "$tools/make_root_fs.sh" "$tools/lib/packages.sh" "$tools/lib/configure_root.sh" |
        sha256sum | cut -d ' ' -f 1
}

up_to_date() {
    [[ $force == no && -d $folder/root && -f $folder/root.packages ]] &&
        [[ $(head -n 1 "$folder/root.packages") == "# recipe $(recipe)" ]]
}

# /bin, /sbin and /lib are links into /usr before anything is unpacked, so that packages
# which still carry /bin/x and those which carry /usr/bin/x land in the same place.
merge_usr() {
    local name
    for name in bin sbin lib lib64; do
        mkdir -p "$new/usr/$name"
        ln -s "usr/$name" "$new/$name"
    done
}

unpack() {
    local deb drop=()
    local name
    for name in "${left_out[@]}"; do drop+=(--exclude="./$name"); done
    for deb in "$@"; do
        # Numbers, not names: the host may give "shadow" another group number.
        dpkg-deb --fsys-tarfile "$deb" |
            tar -x -C "$new" --numeric-owner --same-owner --same-permissions \
                --keep-directory-symlink --anchored --wildcards "${drop[@]}"
    done
}

# The one moment in which the old root gives way: two renames. A kill between them is
# repaired by the next run (lock_and_recover); the record goes first and comes back last,
# so that a half-done exchange is never taken for an up-to-date root.
put_in_place() {
    local old
    rm -f "$folder/root.packages"
    if [[ -e $folder/root ]]; then
        old=$(mktemp -u "$folder/root.old-XXXX")
        mv -T "$folder/root" "$old"
    fi
    mv -T "$new" "$folder/root"
    new=
    { echo "# recipe $(recipe)"; basename -a "$@" | sed 's/\.deb$//; s/%3a/:/; y/_/ /'; } \
        >"$folder/root.packages.new"
    mv "$folder/root.packages.new" "$folder/root.packages"
    rm -rf --one-file-system "$folder"/root.old-*
}

build() {
    local debs
    fetch_packages
    mapfile -t debs < <(package_files)
    new=$(mktemp -d "$folder/root.new-XXXX")
    trap 'rm -rf --one-file-system "$new"' EXIT
    trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
    chmod 0755 "$new"
    merge_usr
    unpack "${debs[@]}"
    configure_root "$new"
    put_in_place "${debs[@]}"
    say "$folder/root: ${#debs[@]} packages, $(du -sm --apparent-size "$folder/root" | cut -f 1) MB, built in $SECONDS s"
}

((EUID == 0)) || fail "needs root: sudo tools/make_root_fs.sh"
read_arguments "$@"
prepare_folder
lock_and_recover
if up_to_date; then
    [[ $quiet == yes ]] || say "$folder/root is up to date (--force builds it anew)"
else
    build
fi

#!/bin/bash
# Prepares what run_in_vm.sh needs, once, and prints the folder that it is in:
#
#   busybox      static: the guest's tools until the host's files are mounted
#   tools/       QEMU with the libraries that this host lacks; absent where QEMU is installed
#   kernel/      vmlinuz, vmlinux, lib/modules: the distribution's own kernel
#   initrd       the guest's first root, from initramfs/init
#   scratch.img  an ext4 file system, mounted at /scratch
#
# Everything is downloaded by apt and unpacked below ${XDG_CACHE_HOME:-/var/cache}: nothing is
# installed, and apt's and dpkg's own locks and package lists are left alone.
set -u
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# A new release of the distribution has other libraries; a new layout of this folder counts up.
release=$(. /etc/os-release && echo "${ID:-linux}-${VERSION_ID:-unknown}")
cache=${XDG_CACHE_HOME:-/var/cache}/mydocker/vm/$release-layout1

# shellcheck source=tests/vm/kernel.sh
source "$here/kernel.sh"

say() { echo "fetch: $*" >&2; }
fail() { say "$*"; exit 1; }

apt_options=(-q -q -o Debug::NoLocking=1 -o APT::Sandbox::User=root)

# A second try has fresh lists of its own: the host's may be old, or empty as in most images.
use_fresh_package_lists() {
    say "once more, with fresh package lists"
    mkdir -p "$cache/lists/partial"
    apt_options+=(-o "Dir::State::lists=$cache/lists" -o "Dir::Cache=$cache/debs")
    apt-get "${apt_options[@]}" update >&2
}

have_qemu() {
    [[ -x $cache/tools/usr/bin/qemu-system-x86_64 ]] || type -P qemu-system-x86_64 >/dev/null
}

download_qemu() {
    have_qemu && return
    mkdir -p "$cache/debs/qemu/partial"
    # Brings the dependencies that this host lacks, too.
    apt-get "${apt_options[@]}" -o "Dir::Cache::archives=$cache/debs/qemu/" \
        install -y --no-install-recommends --download-only qemu-system-x86 >&2
}

# The kernel's packages by name. Debian: linux-image-amd64 needs linux-image-VERSION-amd64.
# Ubuntu: linux-image-generic needs linux-image-VERSION-generic and that the modules' packages.
kernel_packages() {
    local meta only=(--no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances)
    for meta in linux-image-amd64 linux-image-generic; do
        apt-cache "${apt_options[@]}" --recurse "${only[@]}" depends "$meta" 2>/dev/null |
            grep -E '^linux-(image|modules|modules-extra)-[0-9]' | sort -u | grep . && return
    done
    return 1
}

# apt-get download, unlike install, also fetches what is installed already.
download_into() {
    local folder=$1
    shift
    mkdir -p "$folder"
    (cd "$folder" && apt-get "${apt_options[@]}" download "$@" >&2)
}

download() {
    local packages
    packages=$(kernel_packages) || return
    # shellcheck disable=SC2086  # one word for each package
    download_into "$cache/debs/kernel" $packages &&
        download_into "$cache/debs/busybox" busybox-static && download_qemu
}

unpack_tools() {
    local package busybox
    rm -rf "$cache/tools.new"
    mkdir "$cache/tools.new"
    for package in "$cache"/debs/{qemu,busybox}/*.deb; do
        [[ ! -e $package ]] || dpkg-deb -x "$package" "$cache/tools.new" || return
    done
    busybox=$(find "$cache/tools.new" -path '*bin/busybox' -type f)
    mv "$busybox" "$cache/busybox" || return
    have_qemu || mv -T "$cache/tools.new" "$cache/tools" || return
    rm -rf "$cache/tools.new"
}

make_scratch_image() {
    truncate -s 2G "$cache/scratch.img" && mkfs.ext4 -q -F "$cache/scratch.img" >&2
}

set_up() {
    say "downloading a kernel and QEMU, once, to $cache"
    rm -rf "$cache/debs" "$cache/complete"
    download || { use_fresh_package_lists && download; } ||
        fail "apt cannot download linux-image-amd64 (or -generic), busybox-static, qemu-system-x86"
    unpack_tools || fail "the tools cannot be unpacked"
    unpack_kernel || fail "the kernel cannot be unpacked"
    make_scratch_image || fail "mkfs.ext4 failed"
    have_qemu || fail "there is no qemu-system-x86_64 in Debian's package qemu-system-x86"
    rm -rf "$cache/debs" "$cache/lists"
    touch "$cache/complete"
}

[[ $(uname -m) == x86_64 ]] || fail "only x86-64 machines are supported"
mkdir -p "$cache" || fail "cannot make $cache"
{ exec 9>"$cache/lock" && flock 9; } || fail "cannot lock $cache/lock"
# The host's QEMU may be gone since the set-up found it installed.
if [[ ! -e $cache/complete ]] || ! have_qemu; then set_up; fi
[[ $(initrd_recipe) == "$(cat "$cache/initrd.recipe" 2>/dev/null)" ]] || make_initrd || fail "the initrd cannot be made"
echo "$cache"

#!/bin/bash
# Installs what is missing of the packages (Debian, Ubuntu) that MyDocker needs:
#
#   tools/install_dependencies.sh            to build it
#   tools/install_dependencies.sh test       to build it and to run all of its tests
#
# When nothing is missing this takes a moment, asks no network and prints nothing.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH="$PATH:/usr/sbin:/sbin"

build_packages=(
    g++ cmake make pkg-config libcap-dev libseccomp-dev libsystemd-dev libcli11-dev nlohmann-json3-dev
    libip4tc-dev libip6tc-dev libnftables-dev
    libarchive-dev nettle-dev zlib1g-dev libzstd-dev liblzma-dev libbz2-dev liblz4-dev
)
test_packages=(
    libgtest-dev googletest strace util-linux procps iproute2 python3 busybox-static dbus-daemon
    uidmap iptables nftables conntrack squashfs-tools dpkg-dev file
    clang clang-format clang-tidy
)
# A test that finds one of these missing says so and is skipped: other runtimes, to compare
# with, and engines, to work with. Not every release of a distribution has them all.
optional_packages=(bubblewrap crun podman conmon containernetworking-plugins catatonit passt
    skopeo umoci erofs-utils xz-utils zstd lz4 lzip ncompress)

say() { echo "install_dependencies: $*" >&2; }
fail() { say "$*"; exit 1; }

is_installed() {
    [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

missing_of() {
    local name
    for name in "$@"; do is_installed "$name" || echo "$name"; done
}

is_known() { [[ -n $(apt-cache show --no-all-versions "$1" 2>/dev/null) ]]; }

# Another apt (unattended upgrades) may be at work: wait for it rather than fail.
waiting_apt() { apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2; }

update_lists_once() {
    [[ ${updated:-no} == no ]] || return 0
    say "reading the lists of packages"
    waiting_apt update || say "apt-get update failed: going on with the lists that are there"
    updated=yes
}

install_packages() {
    say "installing $*"
    # Old lists name files that the archive has no more, so a failure earns one update.
    waiting_apt install --yes --no-install-recommends "$@" && return
    update_lists_once
    waiting_apt install --yes --no-install-recommends "$@" || fail "cannot install: $*"
}

install_missing() {
    local names name
    mapfile -t names < <(missing_of "$@")
    ((${#names[@]})) || return 0
    for name in "${names[@]}"; do
        is_known "$name" || update_lists_once
    done
    install_packages "${names[@]}"
}

install_known() {
    local names name
    mapfile -t names < <(missing_of "$@")
    for name in "${names[@]}"; do
        if is_known "$name"; then
            install_packages "$name"
        else
            say "$name: unknown to apt here, the tests that want it will be skipped"
        fi
    done
}

# Docker's containerd.io has these in it, and apt would remove it to install them.
install_containerd() { is_installed containerd.io || install_known containerd runc; }

# libFuzzer comes with clang's runtime library, whose package has clang's version in its
# name; older releases have it inside libclang-common-<version>-dev, which clang brings.
install_fuzzer() {
    local version
    version=$(dpkg-query --show --showformat '${Depends}' clang | sed -n 's/.*clang-\([0-9]\+\).*/\1/p')
    [[ -n $version ]] || { say "cannot tell clang's version: no fuzz targets"; return 0; }
    compgen -G "/usr/lib/llvm-$version/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a" >/dev/null ||
        install_known "libclang-rt-$version-dev"
}

((EUID == 0)) || fail "needs root: sudo tools/install_dependencies.sh"
command -v apt-get >/dev/null || fail "no apt-get here: install by hand ${build_packages[*]}"
case ${1-} in
    '') install_missing "${build_packages[@]}" ;;
    test)
        install_missing "${build_packages[@]}" "${test_packages[@]}"
        install_known "${optional_packages[@]}"
        install_containerd
        install_fuzzer
        ;;
    *) fail "unknown group $1 (nothing or: test)" ;;
esac

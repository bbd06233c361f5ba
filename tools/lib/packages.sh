# shellcheck shell=bash disable=SC2154  # cache, say and fail come from make_root_fs.sh
# Which packages make the root file system, and how their .deb files are found, fetched and
# checked. Sourced by make_root_fs.sh.
#
# apt gets a configuration of its own: the host's sources, keys and proxies, but a private
# record of what is installed, private caches and private locks. So the host's apt and dpkg
# may be busy meanwhile, and never learn of this.

# What a person in the container wants to have. The libraries follow from dependencies.
wanted=(
    base-files base-passwd libc-bin ncurses-base ncurses-bin debianutils passwd login
    bash dash coreutils findutils grep sed mawk tar gzip
    util-linux mount procps hostname iproute2 iputils-ping
)

# Packages which only the scripts of other packages need. Those scripts do not run here, so
# apt is told that these are installed already, and leaves out Perl, for one.
pretended=(debconf dpkg perl-base init-system-helpers usr-is-merged install-info sensible-utils)

# Read by no program in the container: left out when unpacking.
# shellcheck disable=SC2034  # used by make_root_fs.sh
left_out=(
    usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/lintian
    usr/share/bug usr/share/bash-completion usr/share/gcc usr/share/gdb
    usr/share/doc-base usr/share/apport usr/share/initramfs-tools
    usr/share/polkit-1 usr/share/menu usr/share/applications usr/share/pixmaps
    'usr/lib/*/gconv' etc/cron.* etc/init.d etc/logrotate.d
    lib/systemd usr/lib/systemd usr/lib/tmpfiles.d usr/lib/sysusers.d
)

write_apt_configuration() {
    local name
    mkdir -p "$cache/debs/partial" "$cache/lists/partial" "$cache/apt"
    for name in "${pretended[@]}"; do
        printf 'Package: %s\nStatus: install ok installed\nVersion: 9999:1\n' "$name"
        printf 'Architecture: all\nMaintainer: nobody\nDescription: not needed here\n'
        [[ $name != debconf ]] || echo 'Provides: debconf-2.0'
        echo
    done >"$cache/apt/status"
    {
        # The host's settings, but none of the commands that it hooks to apt's actions.
        apt-config dump | grep -v -e Invoke -e Pre-Install-Pkgs
        echo "Dir::Etc::main \"/dev/null\"; Dir::Etc::parts \"/dev/null\";"
        echo "Dir::State::status \"$cache/apt/status\";"
        echo "Dir::State::extended_states \"$cache/apt/extended_states\";"
        echo "Dir::State::lists \"$1\";"
        echo "Dir::Cache \"$cache/apt\"; Dir::Cache::archives \"$cache/debs\";"
        echo "Dir::Log \"$cache/apt\";"
        echo "APT::Install-Recommends \"false\"; Acquire::ForceHash \"SHA256\";"
    } >"$cache/apt/apt.conf"
}

private_apt() { APT_CONFIG=$cache/apt/apt.conf apt-get -qq "$@" </dev/null >&2; }

# Writes one line for each needed package: its SHA-256 and its file name in the cache. apt
# would not print what it has already, so it is shown an empty folder here.
resolve() {
    mkdir -p "$cache/apt/empty/partial"
    APT_CONFIG=$cache/apt/apt.conf apt-get -qq -o Dir::Cache::archives="$cache/apt/empty" \
        --print-uris install "${wanted[@]}" </dev/null |
        sed -n "s|^'[^']*' \([^ ]*\) [0-9]* SHA256:\([0-9a-f]*\)\$|\2  \1|p" |
        sort -k 2 >"$cache/apt/needed"
    [[ -s $cache/apt/needed ]]
}

all_there() { (cd "$cache/debs" && sha256sum --check --status "$cache/apt/needed" 2>/dev/null); }

download() {
    all_there && return
    say "fetching packages into $cache/debs"
    # A file of the right name but with other bytes would satisfy apt, and not us.
    local name
    while read -r name; do
        rm -f "$cache/debs/$name"
    done < <(cd "$cache/debs" && sha256sum --check "$cache/apt/needed" 2>/dev/null | sed -n 's/: FAILED.*//p')
    private_apt --yes --download-only install "${wanted[@]}" && all_there
}

has_lists() { compgen -G "$1/*_Packages*" >/dev/null; }

# The host's lists serve while they are there and not too old: an archive keeps the newest
# version of a package only, so an old list names files that are gone. Then come our own.
fetch_packages() {
    mkdir -p "$cache"
    exec 8>"$cache/lock"   # another checkout may build with the same cache
    flock 8
    local lists=/var/lib/apt/lists
    if has_lists "$lists"; then
        write_apt_configuration "$lists"
        if resolve && download; then return; fi
    fi
    write_apt_configuration "$cache/lists"
    if has_lists "$cache/lists" && resolve && download; then return; fi
    say "reading the lists of packages"
    { private_apt update && resolve && download; } ||
        fail "cannot fetch the packages: see apt's messages above (network? /etc/apt?)"
}

package_files() { sed "s|^[0-9a-f]*  |$cache/debs/|" "$cache/apt/needed"; }

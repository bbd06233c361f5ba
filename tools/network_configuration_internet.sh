#!/bin/bash
# Leads what is on a bridge of this host to the outside: by Polycube, where it runs, else by NAT.
#
#   sudo tools/network_configuration_internet.sh             brg0, as netsetgo makes it
#   sudo tools/network_configuration_internet.sh --bridge br7 --way nat
#   sudo tools/network_configuration_internet.sh --delete    takes it all back
#
# Each step that is done writes how it is undone into a list, which --delete, and a failure half
# way, follow from its end. The status is 2 for wrong words, 1 for a failure.
set -euo pipefail

me=network_configuration_internet
list=/run/$me   # root alone may write there
tools=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
bridge=brg0 way='' verb=connect

say() { echo "$me: $*" >&2; }
fail() { say "$@"; exit 1; }
refuse() { say "$@"; exit 2; }

# step UNDO COMMAND...: an empty UNDO means that another step's undo takes it along.
step() {
    local undo=$1
    shift
    "$@" >&2 || fail "'$*' failed; what was done before it is taken back"
    [[ -z $undo ]] || echo "$undo" >>"$list"
}

# A setting of a link that has gone needs no value.
write() { [[ ! -e $1 ]] || echo "$2" >"$1"; }

# Lets what comes in over a link go on. ip_forward would change every link, and not come back.
forward_from() {
    local setting=/proc/sys/net/ipv4/conf/$1/forwarding
    [[ $(<"$setting") == 1 ]] || step "write $setting 0" write "$setting" 1
}

take_back() {
    local line words status=0
    while read -r line; do
        read -ra words <<<"$line"
        "${words[@]}" >&2 || { say "cannot take back: '$line' failed"; status=1; }
    done < <(tac "$list")
    rm -f "$list"
    return "$status"
}

# Of the best default route: where it leads to, and over which link.
find_uplink() {
    local words
    read -ra words < <(ip -4 route show default) || fail "this host has no default route"
    [[ " ${words[*]} " =~ ' dev '([^ ]+) ]] && uplink=${BASH_REMATCH[1]}
    [[ " ${words[*]} " =~ ' via '([^ ]+) ]] && gateway=${BASH_REMATCH[1]} || gateway=''
}

# "10.10.10.1/24"; the first, if there are several.
address_of() { ip -4 -o address show dev "$1" scope global | awk 'NR == 1 { print $4 }'; }

connect() {
    [[ -d /proc/sys/net/ipv4/conf/$bridge ]] ||
        fail "there is no bridge '$bridge': 'netsetgo -pid PID' makes brg0, --bridge names another"
    bridge_address=$(address_of "$bridge")
    [[ -n $bridge_address ]] || fail "the bridge '$bridge' has no IPv4 address"
    find_uplink
    choose_way
    # Nobody else gets this file: so two calls at once do not both begin.
    (set -o noclobber && umask 077 && : >"$list") 2>/dev/null ||
        fail "there is a way out already ($list): take it back by --delete"
    trap 'take_back || true' EXIT
    "connect_by_$way"
    trap - EXIT
    echo "$bridge_address on $bridge reaches the outside over $uplink, by $way"
}

choose_way() {
    [[ -z $way ]] || return 0
    way=nat
    ! polycube_answers || way=polycube
}

# shellcheck source=tools/lib/way_polycube.sh
source "$tools/lib/way_polycube.sh"
# shellcheck source=tools/lib/way_nat.sh
source "$tools/lib/way_nat.sh"

while (($#)); do
    case $1 in
        -h | --help) sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit ;;
        --delete) verb=delete ;;
        --bridge | --way)
            (($# > 1)) || refuse "$1: needs a value"
            if [[ $1 == --bridge ]]; then bridge=$2; else way=$2; fi
            shift ;;
        *) refuse "'$1': unknown; see --help" ;;
    esac
    shift
done
[[ $bridge =~ ^[A-Za-z0-9_.-]{1,15}$ && $bridge != .* ]] || refuse "--bridge '$bridge': no name of a link"
[[ $way =~ ^(|polycube|nat)$ ]] || refuse "--way '$way': allowed are polycube and nat"
((EUID == 0)) || fail "needs root: sudo $0"

if [[ $verb == delete ]]; then
    [[ -e $list ]] || fail "there is nothing to take back"
    take_back
else
    connect
fi

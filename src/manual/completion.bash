# bash takes a word apart at '=' and ':'. Puts it together again, into the array `said`, up to the cursor;
# `piece` is what bash will replace of the last one.
_MyDocker_join() {
    local word glue=no at
    said=()
    for ((at = 0; at <= COMP_CWORD; ++at)); do
        word=${COMP_WORDS[at]}
        if [[ -n $word && -z ${word//[=:]/} && ${#said[@]} -gt 0 ]]; then
            said[-1]+=$word glue=yes piece=
        elif [[ $glue == yes ]]; then
            said[-1]+=$word glue=no piece=$word
        else
            said+=("$word") piece=$word
        fi
    done
}

# Whether the option $2 of the table $1 takes a value. Short ones bundle: -aUcM takes one, for its last letter.
_MyDocker_takes_value() {
    local option=$2
    [[ $option == --* ]] || option=-${option: -1}
    [[ -n ${_MyDocker_values["$1 $option"]+is_there} ]]
}

_MyDocker_candidates() {
    COMPREPLY+=($(compgen -W "$1" -- "$current"))
}

# Files: of the container's root, if one is named, when the word is one of the container's.
_MyDocker_files() {
    local root=$2 found
    [[ $current == /* ]] || root=
    while IFS= read -r found; do COMPREPLY+=("${found#"$root"}"); done \
        < <(compgen "$1" -- "$root$current")
    [[ -z $COMPREPLY ]] || compopt -o filenames 2>/dev/null
}

_MyDocker_commands() {
    local folder found
    if [[ $current == */* ]]; then
        _MyDocker_files -f "$1"
    elif [[ -z $1 ]]; then
        COMPREPLY+=($(compgen -c -- "$current"))
    else
        for folder in "$1"/{usr/local/,usr/,}{bin,sbin}; do
            for found in "$folder/$current"*; do
                [[ ! -x $found ]] || COMPREPLY+=("${found##*/}")
            done
        done
    fi
}

# What stands for the words of $1, as the tables have them.
_MyDocker_of_kind() {
    local kind
    for kind in $1; do
        case $kind in
            '<file>') _MyDocker_files -f ;;
            '<folder>') _MyDocker_files -d ;;
            '<container>') _MyDocker_candidates "$(ls /run/mydocker "${XDG_RUNTIME_DIR:-/}/mydocker" 2>/dev/null | grep -v :)" ;;
            '<image>') _MyDocker_candidates "$("$program" image list 2>/dev/null | cut -d ' ' -f 1)" ;;
            '<signal>') _MyDocker_candidates "$_MyDocker_signals" ;;
            '<capability>') _MyDocker_candidates "$_MyDocker_capabilities" ;;
            '<command>') _MyDocker_commands "" ;;
            *) _MyDocker_candidates "$kind" ;;
        esac
    done
    return 0   # it is of this kind, also if there is none
}

# An option, or its value. `at` is where `said` has its first word; false if the words at the cursor are no option's.
_MyDocker_option() {
    local table=$1 previous=${said[last - 1]}
    if ((last > at)) && [[ $previous == -?* && $previous != *=* && $expects == yes ]]; then
        [[ $previous == --* ]] || previous=-${previous: -1}
        _MyDocker_of_kind "${_MyDocker_values["$table $previous"]}"
    elif [[ $current == --*=* ]]; then
        local option=${current%%=*}
        current=${current#*=}
        _MyDocker_of_kind "${_MyDocker_values["$table $option"]}"
    elif [[ $current == -* ]]; then
        _MyDocker_candidates "${_MyDocker_options["$table"]}"
        return 0
    else
        return 1
    fi
}

# Goes over options and their values: `at` becomes the first word that is none, or the last one.
_MyDocker_skip_options() {
    expects=no
    for (( ; at < last; ++at)); do
        if [[ $expects == yes ]]; then
            expects=no
        elif [[ ${said[at]} == -?* ]]; then
            [[ ${said[at]} == *=* ]] || ! _MyDocker_takes_value "$1" "${said[at]}" || expects=yes
            [[ ${said[at]} != --rootfs=* ]] || root=${said[at]#*=}
            [[ ${said[at]} != --rootfs ]] || root=${said[at + 1]}
        else
            return
        fi
    done
}

_MyDocker_verb() {
    local verb=${said[at]} words number=0 from
    ((++at))
    if [[ -n ${_MyDocker_seconds["$verb"]} ]]; then
        if ((at == last)); then
            _MyDocker_candidates "${_MyDocker_seconds["$verb"]}"
            return
        fi
        verb+=" ${said[at]}"
        ((++at))
    fi
    from=$at
    while _MyDocker_skip_options "$verb"; ((at < last)); do ((++at, ++number)); done
    at=$from
    ! _MyDocker_option "$verb" || return 0
    IFS=, read -r -a words <<<"${_MyDocker_words["$verb"]}"
    if [[ ${words[-1]} == ... ]] && ((number >= ${#words[@]} - 1)); then
        number=$((${#words[@]} - 2))
    fi
    _MyDocker_of_kind "${words[number]}"
}

_MyDocker() {
    local said piece program=$1 last current at=1 expects=no root= before
    COMPREPLY=()
    _MyDocker_join
    last=$((${#said[@]} - 1))
    current=${said[last]}
    before=${current%"$piece"}
    # Global flags of an OCI runtime may stand in front of its verbs.
    _MyDocker_skip_options global
    if ((at < last)) && [[ " $_MyDocker_verbs " == *" ${said[at]} "* ]]; then
        _MyDocker_verb
    elif ((last > 1 && at == last)) && [[ $expects == no && $current != -* ]] &&
        [[ " ${_MyDocker_options[global]} " == *" ${said[1]%%=*} "* ]]; then
        _MyDocker_candidates "$_MyDocker_verbs"
    else
        at=1
        _MyDocker_skip_options classic
        if ((at < last)); then
            _MyDocker_files -f "$root"
        elif ! { at=1; _MyDocker_option classic; }; then
            ((last > 1)) || _MyDocker_candidates "$_MyDocker_verbs"
            _MyDocker_commands "$root"
        fi
    fi
    # What stands in front of the piece is on the line already, and after a value that goes on no blank follows.
    [[ $before != *=* || $before == *=*: ]] || before=${before#*=}
    [[ -z $before ]] || COMPREPLY=("${COMPREPLY[@]#"$before"}")
    [[ ${#COMPREPLY[@]} -ne 1 || $COMPREPLY != *[:/] ]] || compopt -o nospace 2>/dev/null
}

complete -F _MyDocker MyDocker

# Completion for bash: source this file, or put it into ~/.local/share/bash-completion/completions/aigate

_aigate() {
    local line=$COMP_LINE index word words=() current
    for ((index = 0; index <= COMP_CWORD; index++)); do # bash splits at = and : what one typed as one word
        word=${COMP_WORDS[index]}
        if ((index == 0)) || [[ $line == [[:blank:]]* ]]; then
            words+=("$word")
        else
            words[${#words[@]} - 1]+=$word
        fi
        line=${line#"${line%%[![:blank:]]*}"}
        line=${line#"$word"}
    done
    current=${words[${#words[@]} - 1]}
    local quote= kind value help skipped=
    case $current in
        [\'\"]*) quote=${current:0:1} words[${#words[@]} - 1]=${current:1} ;;
        *[=:]*) skipped=${current%"${current##*[=:]}"} ;;
    esac
    [[ $COMP_WORDBREAKS == *[=:]* ]] || skipped=
    COMPREPLY=()
    while IFS=$'\t' read -r kind value help; do
        case $kind in
            word)
                if [[ -z $quote ]]; then
                    printf -v value %q "$value"
                    value=${value//\\,/,}
                fi
                COMPREPLY+=("${value#"$skipped"}")
                ;;
            file)
                compopt -o filenames 2>/dev/null
                while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "${current#"$skipped"}")
                ;;
            directory)
                compopt -o filenames 2>/dev/null
                while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -d -- "$current")
                ;;
            command)
                if declare -F _command_offset >/dev/null; then
                    _command_offset $((value + 1))
                elif ((value + 2 == ${#words[@]})); then
                    while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -c -- "$current" | sort -u)
                else
                    compopt -o default 2>/dev/null
                fi
                ;;
        esac
    done < <(command aigate completion words -- "${words[@]:1}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=,] ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _aigate aigate

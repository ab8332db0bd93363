#compdef aigate
# Completion for zsh: put this file as _aigate into a directory of $fpath, or source it after compinit.

_aigate() {
    local line kind value help
    local -a described
    for line in "${(@f)$(command aigate completion words -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        IFS=$'\t' read -r kind value help <<<"$line"
        case $kind in
            word) described+=("${value//:/\\:}${help:+:$help}") ;;
            file) _files ;;
            directory) _files -/ ;;
            command)
                shift $((value + 1)) words
                ((CURRENT -= value + 1))
                _normal
                ;;
        esac
    done
    (($#described)) && _describe -V aigate described
}
if [[ $funcstack[1] == _aigate ]]; then _aigate "$@"; else compdef _aigate aigate; fi

#!/bin/sh
# Placed here by aigate, in front of the real git. Git ends half-way where a file cannot be replaced, and says that all
# went well. So what a command is going to change is looked at first, and where a file that is hidden or read-only in
# this sandbox is among it, nothing is done. Keeps nothing safe: that is the kernel's part.
real=@REAL@
self=@SELF@
list=@LIST@
nl='
'
tab=$(printf '\t')
REFUSED=1
set -f

say() { printf 'aigate: %s\n' "$1" >&2; }

# Words: options go to $opts, one a line and with their value behind "="; the rest to $args; $dash: how many came before "--".
parse() {
    valued=" $1 " opts=$nl args='' dash='' count=0
    shift
    while [ $# -gt 0 ]; do
        word=$1
        shift
        if [ -n "$dash" ]; then
            args=$args$word$nl
            continue
        fi
        case $word in
            --) dash=$count ;;
            --*)
                case $valued in
                    *" $word "*) opts=$opts$word=${1-}$nl && [ $# -eq 0 ] || shift ;;
                    *) opts=$opts$word$nl ;;
                esac
                ;;
            -?*)
                rest=${word#-}
                while [ -n "$rest" ]; do
                    letter=${rest%"${rest#?}"} rest=${rest#?}
                    case $valued in
                        *" -$letter "*)
                            [ -n "$rest" ] || { rest=${1-} && [ $# -eq 0 ] || shift; }
                            opts=$opts-$letter=$rest$nl rest=''
                            ;;
                        *) opts=$opts-$letter$nl ;;
                    esac
                done
                ;;
            *) args=$args$word$nl count=$((count + 1)) ;;
        esac
    done
}

has() { # any of these options
    for option do
        case $opts in *"$nl$option$nl"* | *"$nl$option="*) return 0 ;; esac
    done
    return 1
}

value() { # of the first of these options that is there
    for option do
        case $opts in
            *"$nl$option="*)
                found=${opts#*"$nl$option="}
                printf '%s' "${found%%"$nl"*}"
                return
                ;;
        esac
    done
}

each() { "$real" --literal-pathspecs -C "$top" -c core.quotePath=false "$@" -- $all; } # $all is split at line ends
commit() { "$real" rev-parse -q --verify "$1^{commit}" 2>/dev/null; }
tip() { commit HEAD || "$real" hash-object -t tree /dev/null; }
between() { [ -z "$all" ] || each diff-tree -r --name-only --no-renames "$1" "$2" 2>/dev/null; }
staged() { [ -z "$all" ] || each diff-index --cached --name-only --no-renames "$1" 2>/dev/null; } # between a tree and the index
edited() { [ -z "$all" ] || each diff --no-ext-diff --no-renames --name-only "$@" 2>/dev/null; }
passed() { [ -z "$all" ] || each log --format= --name-only --no-renames -m "$@" 2>/dev/null; } # by these commits

guarded() { # a path from the top, or a directory above it
    one=$1
    while :; do
        case $nl$all in *"$nl$one$nl"*) return 0 ;; esac
        case $one in */*) one=${one%/*} ;; *) return 1 ;; esac
    done
}

among() { # those of these paths that are guarded
    for one_path in $1; do
        ! guarded "$one_path" || printf '%s\n' "$one_path"
    done
}

list_names() { # the first of these paths, one a line, on one line
    names='' told=0
    for one_path in $1; do
        case ", $names, " in *", $one_path, "*) continue ;; esac
        told=$((told + 1))
        [ $told -le 5 ] || { names="$names, ..." && break; }
        names="${names:+$names, }$one_path"
    done
    printf '%s' "$names"
}

refuse() { # for these paths; none: go on
    names=$(list_names "$1")
    [ -n "$names" ] || return 0
    say "git $sub would change what is hidden or read-only in this sandbox: $names"
    say "so nothing was done; the user can do it outside"
    exit $REFUSED
}

refuse_config() {
    [ -n "$config" ] || return 0
    [ -z "$1" ] || sub="$sub $1"
    say "git $sub would write $config, which is read-only in this sandbox, so nothing was done; the user can do it outside"
    exit $REFUSED
}

refuse_setting() { # what is not brought out of this sandbox, either
    [ -n "$settings" ] || return 0
    [ -z "$1" ] || sub="$sub $1"
    say "git $sub would change $settings, where agents may only add remotes and set what branches track"
    say "so nothing was done; the user can do it outside"
    exit $REFUSED
}

remote_branch() { # tell whether a name is a remote's branch
    case $("$real" rev-parse -q --verify --symbolic-full-name "$1" 2>/dev/null) in refs/remotes/*) return 0 ;; esac
    return 1
}

untracked() { # a new branch (name, start) does not track what it would outside
    [ -n "$config" ] || return 0
    say "$1 is not set to track $2, since $config is read-only in this sandbox"
    printf 'untracked\n'
}

look_checkout() { # and switch
    parse '-b -B -c -C --create --force-create --orphan --conflict --pathspec-from-file' "$@"
    new=$(value -b -B -c -C --create --force-create)
    set -- $args
    [ "${1-}" != - ] || { shift && set -- '@{-1}' "$@"; }
    if has --orphan; then
        [ "$sub" = checkout ] && [ $# -eq 0 ] || refuse "$(between "$(tip)" "$(commit "${1-}" || "$real" hash-object -t tree /dev/null)")"
        return
    fi
    target=''
    [ $# -eq 0 ] || [ "$dash" = 0 ] || target=$(commit "$1")
    track=''
    if [ -z "$target" ] && [ $# -eq 1 ] && [ -z "$new$dash" ] && ! [ -e "$1" ]; then
        track=$("$real" for-each-ref --format='%(refname)' "refs/remotes/*/$1")
        case $track in *"$nl"*) track='' ;; esac
        [ -z "$track" ] || target=$(commit "$track")
    fi
    if [ -z "$target" ] && [ $# -gt 0 ] || [ $# -gt 1 ] || has -p --patch --ours --theirs --pathspec-from-file; then
        [ -z "$target" ] || shift
        restored "$target" "$@"
        return
    fi
    [ -z "$target" ] || refuse "$(between "$(tip)" "$target")"
    ! has -f --force --discard-changes || refuse "$(edited)"
    if [ -n "$track" ]; then
        [ -z "$config" ] || printf 'guess %s %s\n' "$1" "$track"
        untracked "$1" "${track#refs/remotes/}"
    elif has -t --track && [ -n "$config" ] && [ $# -eq 1 ]; then
        start=$("$real" rev-parse -q --verify --symbolic-full-name "$1" 2>/dev/null)
        name=${start#refs/remotes/*/}
        [ -n "$new" ] || printf 'name %s\n' "$name"
        printf 'no-track\n'
        untracked "${new:-$name}" "$1"
    elif [ -n "$new" ] && [ $# -eq 1 ] && ! has --no-track && remote_branch "$1"; then
        untracked "$new" "$1"
    fi
}
look_switch() { look_checkout "$@"; }

restored() { # source ("" for the index), pathspecs
    source=$1
    shift
    [ $# -gt 0 ] || set -- :/
    changed=$(
        exec 2>/dev/null
        [ -z "$source" ] || "$real" -c core.quotePath=false diff-index --cached --name-only --no-renames "$source" -- "$@"
        "$real" -c core.quotePath=false diff --no-ext-diff --no-renames --name-only -- "$@"
    )
    refuse "$(among "$changed")"
}

look_restore() {
    parse '-s --source --conflict --pathspec-from-file' "$@"
    source=$(value -s --source)
    set -- $args
    if has -S --staged && ! has -W --worktree; then
        all=$hid
        source=${source:-$(tip)}
        changed=$("$real" -c core.quotePath=false diff-index --cached --name-only --no-renames "$source" -- "$@" 2>/dev/null)
        refuse "$(among "$changed")"
        return
    fi
    ! has -S --staged || source=${source:-$(tip)}
    restored "$source" "$@"
}

look_reset() {
    parse '--pathspec-from-file -U' "$@"
    set -- $args
    target=''
    [ $# -eq 0 ] || [ "$dash" = 0 ] || target=$(commit "$1")
    [ -z "$target" ] || shift
    if has --hard --merge --keep; then
        refuse "$(staged "${target:-$(tip)}")"
        ! has --hard || refuse "$(edited)"
    elif ! has --soft; then # what is hidden would no longer be as it is committed, and the next commit would undo it
        all=$hid
        refuse "$(staged "${target:-$(tip)}")"
    fi
}

look_merge() {
    parse '-s --strategy -X --strategy-option -m -F --file --into-name --cleanup -S' "$@"
    ! has --abort --continue --quit || return 0
    set -- $args
    [ $# -gt 0 ] || set -- '@{upstream}'
    for revision do
        theirs=$(commit "$revision") || continue
        base=$("$real" merge-base HEAD "$theirs" 2>/dev/null) || base=$("$real" hash-object -t tree /dev/null)
        changed=$(between "$(tip)" "$theirs")
        [ -z "$changed" ] || refuse "$(only "$(between "$base" "$theirs")" "$changed")"
    done
}

only() { # lines of the first text that are in the second, too
    for line in $1; do
        case $nl$2$nl in *"$nl$line$nl"*) printf '%s\n' "$line" ;; esac
    done
}

look_rebase() {
    parse '--onto -s --strategy -X --strategy-option -x --exec -C --empty --whitespace' "$@"
    ! has --abort --continue --quit --skip --edit-todo --show-current-patch || return 0
    set -- $args
    if has --root; then
        refuse "$(passed "${1:-HEAD}")"
        return
    fi
    [ $# -gt 0 ] || set -- '@{upstream}'
    upstream=$(commit "$1") || return 0
    branch=$(commit "${2:-HEAD}") || return 0
    onto=$(value --onto)
    case $onto in *...*) onto=$("$real" merge-base "${onto%...*}" "${onto#*...}") ;; esac
    onto=$(commit "${onto:-$upstream}") || return 0
    ! has --keep-base || onto=$("$real" merge-base "$upstream" "$branch")
    refuse "$(between "$(tip)" "$onto")$nl$(passed "$upstream..$branch")"
}

look_cherry_pick() { # and revert
    parse '-m --mainline -s --strategy -X --strategy-option --cleanup --empty' "$@"
    ! has --abort --continue --quit --skip || return 0
    set -- $args
    [ $# -eq 0 ] || refuse "$(passed --no-walk=unsorted "$@")"
}
look_revert() { look_cherry_pick "$@"; }

look_stash() {
    action=${1:-push}
    case $action in -*) action=push ;; *) [ $# -eq 0 ] || shift ;; esac
    parse '-m --message --pathspec-from-file' "$@"
    set -- $args
    case $action in
        push | save)
            refuse "$(edited HEAD)"
            ! has -u --include-untracked -a --all || exclude
            ;;
        pop | apply | branch)
            [ "$action" != branch ] || [ $# -eq 0 ] || shift
            case ${1-} in *[!0-9]*) stash=$1 ;; '') stash=stash@{0} ;; *) stash=stash@{$1} ;; esac
            stash=$(commit "$stash") || return 0
            [ "$action" != branch ] || refuse "$(between "$(tip)" "$stash^1")"
            refuse "$(between "$stash^1" "$stash")"
            [ -z "$(commit "$stash^3")" ] || refuse "$(among "$("$real" -c core.quotePath=false ls-tree -r --name-only --full-tree "$stash^3")")"
            ;;
    esac
}

look_bisect() {
    [ "${1-}" = start ] || return 0 # the others start `git checkout`, which is looked at then
    shift
    parse '--term-new --term-bad --term-old --term-good' "$@"
    set -- $args
    bad=$(commit "${1-}") || return 0
    shift
    [ $# -eq 0 ] || refuse "$(between "$(tip)" "$bad")$nl$(passed "$bad" --not "$@")"
}

patched() { # the paths that patches change: files, each also as it is seen from this directory
    prefix=$("$real" rev-parse --show-prefix)
    for patch do
        [ "$patch" != - ] || patch=$input
        {
            "$real" -c core.quotePath=false apply --numstat "$patch" 2>/dev/null | sed "s/^[^$tab]*$tab[^$tab]*$tab//"
            sed -n -e 's/^rename from //p' -e 's/^rename to //p' -e 's/^copy to //p' "$patch"
            sed -n -e 's/^--- [^/]*\///p' -e 's/^+++ [^/]*\///p' "$patch" | sed "s/$tab.*//"
        } | while IFS= read -r line; do
            printf '%s\n' "$line"
            [ -z "$prefix" ] || printf '%s\n' "$prefix$line"
        done
    done
}

look_apply() {
    parse '-p -C --exclude --include --whitespace --directory --build-fake-ancestor' "$@"
    ! has --check --stat --numstat --summary || has --apply || return 0
    ! has --cached || all=$hid
    set -- $args
    [ $# -gt 0 ] || set -- "$input"
    refuse "$(among "$(patched "$@")")"
}

look_am() {
    parse '-p -C --exclude --include --whitespace --directory --patch-format --resolvemsg' "$@"
    ! has --abort --continue --quit --skip --resolved -r --show-current-patch || return 0
    look_apply "$@"
}

look_clean() {
    ! { parse '-e --exclude' "$@" && has -n --dry-run -i --interactive; } || return 0
    prefix=$("$real" rev-parse --show-prefix)
    lost=''
    for word do
        shift
        case $word in --quiet | -q) continue ;; --*) ;; -*q*) word=$(printf '%s' "$word" | tr -d q) ;; esac
        set -- "$@" "$word"
    done
    for path in $(LC_ALL=C "$real" -c core.quotePath=false clean -n "$@" 2>/dev/null | sed -n 's/^Would remove //p'); do
        path=$prefix$path
        case $path in
            */) case $nl$all in *"$nl$path"*) lost=$lost$path$nl ;; esac ;;
            *) ! guarded "$path" || lost=$lost$path$nl ;;
        esac
    done
    refuse "$lost"
}

look_rm() {
    parse '--pathspec-from-file' "$@"
    ! has --cached || all=$hid
    ! has -n --dry-run || return 0
    set -- $args
    [ $# -eq 0 ] || refuse "$(among "$("$real" -c core.quotePath=false ls-files --full-name -- "$@" 2>/dev/null)")"
}

look_mv() {
    parse '' "$@"
    ! has -n --dry-run || return 0
    set -- $args
    prefix=$("$real" rev-parse --show-prefix)
    for path do
        ! guarded "$prefix${path%/}" || refuse "$prefix$path"
        refuse "$(among "$("$real" -c core.quotePath=false ls-files --full-name -- "$path" 2>/dev/null)")"
    done
}

exclude() { # untracked files that are hidden; told in a file, with those that the user's own settings name
    [ -n "$hid" ] || return 0
    left=$("$real" --literal-pathspecs -C "$top" -c core.quotePath=false ls-files --others --exclude-standard -- $hid 2>/dev/null)
    [ -z "$left" ] || say "git $sub leaves out what is hidden in this sandbox: $(list_names "$left")"
    own=$("$real" config --type=path --get core.excludesFile) || own=${XDG_CONFIG_HOME:-$HOME/.config}/git/ignore
    file=/tmp/.aigate-exclude.$$
    {
        cat "$own" 2>/dev/null
        printf '\n'
        for path in $hid; do printf '/%s\n' "$path"; done | sed 's/[][*?\\ ]/\\&/g'
    } >"$file"
    printf 'exclude %s\n' "$file"
}

look_add() {
    parse '--chmod --pathspec-from-file' "$@"
    set -- $args
    prefix=$("$real" rev-parse --show-prefix)
    all=$hid
    for path do
        path=$prefix${path#./}
        ! guarded "${path%/}" || refuse "$path"
    done
    exclude
}
look_stage() { look_add "$@"; }

look_config() {
    parse '-f --file --blob --type --default --comment --value --url -t' "$@"
    ! has --global --system -f --file --blob || return 0
    set -- $args
    case ${1-} in
        get | list) return 0 ;;
        set | unset | rename-section | remove-section | edit) refuse_setting "${1-}" ;;
    esac
    ! has --get --get-all --get-regexp --get-urlmatch --get-color --get-colorbool -l --list || return 0
    [ $# -lt 2 ] && ! has --unset --unset-all -e --edit --remove-section --rename-section || refuse_setting "${1-}"
}

look_remote() {
    case ${1-} in -v | --verbose) shift ;; esac
    case ${1-} in
        add)
            refuse_config add
            parse '-t -m' "$@"
            ! has --mirror || refuse_setting "add --mirror"
            ;;
        rename | rm | remove | set-url | set-branches) refuse_setting "$1" ;;
    esac
}

look_branch() {
    parse '-u --set-upstream-to --contains --no-contains --points-at --sort --format' "$@"
    set -- $args
    if has --edit-description; then
        refuse_setting --edit-description
    elif has -m -M --move -c -C --copy -u --set-upstream-to --unset-upstream; then
        refuse_config "${1-}"
    elif has -d -D --delete; then
        for name do
            ! "$real" config --get-regexp "^branch\.$name\." >/dev/null || refuse_config "-d $name"
        done
        [ -z "$config" ] || printf 'noise\n'
    elif has -t --track && [ $# -gt 0 ]; then
        refuse_config --track
    elif [ $# -eq 2 ] && ! has --no-track && remote_branch "$2"; then
        untracked "$1" "$2"
    fi
}

look_worktree() {
    [ "${1-}" = add ] || return 0
    parse '-b -B --reason' "$@"
    new=$(value -b -B)
    set -- $args
    ! { [ -n "$new" ] && [ $# -eq 3 ] && remote_branch "$3"; } || untracked "$new" "$3"
}

look_push() {
    parse '-o --push-option --repo --receive-pack --exec' "$@"
    [ -n "$config" ] || return 0
    printf 'untracked\n'
    has -u --set-upstream || return 0
    say "no upstream is set, since $config is read-only in this sandbox"
    printf 'no-upstream\n'
}

look_fetch() { # and pull, whose merge or rebase is looked at when it starts that
    parse '' "$@"
    ! has --set-upstream || refuse_config --set-upstream
}
look_pull() { look_fetch "$@"; }

look_submodule() {
    while :; do case ${1-} in -*) shift ;; *) break ;; esac; done
    case ${1-} in
        add | init) refuse_config "$1" ;;
        deinit | sync | set-url | set-branch | absorbgitdirs) refuse_setting "$1" ;;
        update)
            parse '--reference --depth -j --jobs' "$@"
            ! has --init || case $nl$("$real" submodule status 2>/dev/null) in *"$nl-"*) refuse_config "update --init" ;; esac
            ;;
    esac
}

look_sparse_checkout() {
    case ${1-} in init | set | add | reapply | disable) refuse_setting "$1" ;; esac
}

look() { # in a process of its own: prints what has to be done besides, fails where nothing may be done
    while :; do
        case ${1-} in
            -C) cd -- "$2" 2>/dev/null || exit 0 && shift ;;
            -c | --config-env | --namespace | --attr-source | --super-prefix) shift ;;
            --git-dir | --work-tree) setting "$1" "$2" && shift ;;
            --git-dir=* | --work-tree=*) setting "${1%%=*}" "${1#*=}" ;;
            -?*) ;;
            '') exit 0 ;;
            *) break ;;
        esac
        shift
    done
    sub=$1
    shift
    IFS=$nl
    export GIT_OPTIONAL_LOCKS=0
    set -- "$("$real" rev-parse --show-toplevel --git-common-dir 2>/dev/null)" "$@"
    case $1 in *"$nl"*) ;; *) exit 0 ;; esac # in no work tree
    top=${1%%"$nl"*} common=${1#*"$nl"} all='' hid='' config='' settings=''
    shift
    common=$(CDPATH='' cd -- "$common" && pwd -P) || exit 0
    for line in $(cat "$list"); do
        path=${line#* }
        [ "$path" != "$common/config" ] || settings=$path config=$path
        case $line in copied*)
            [ "$path" != "$common/config" ] || config=''
            continue
            ;;
        esac
        case $path in "$top"/.git/*) continue ;; "$top"/*) path=${path#"$top"/} ;; *) continue ;; esac
        all=$all$path$nl
        case $line in hidden*) hid=$hid$path$nl ;; esac
    done
    [ -n "$all$settings" ] || exit 0
    case $sub in
        cherry-pick) look_cherry_pick "$@" ;;
        sparse-checkout) look_sparse_checkout "$@" ;;
        *) "look_$sub" "$@" ;;
    esac
    exit 0
}

setting() { # make what an option says of the repository a variable, which counts in every directory
    case $2 in /*) path=$2 ;; *) path=$PWD/$2 ;; esac
    case $1 in --git-dir) export GIT_DIR="$path" ;; *) export GIT_WORK_TREE="$path" ;; esac
}

reads_input() { # tell whether `apply` or `am` takes patches from standard input; $1: words before the subcommand
    shift $(($1 + 2))
    parse '-p -C --exclude --include --whitespace --directory --patch-format --resolvemsg --build-fake-ancestor' "$@"
    ! has --abort --continue --quit --skip --resolved -r --show-current-patch || return 1
    case $nl$args in "$nl" | *"$nl-$nl"*) return 0 ;; esac
    return 1
}

words() { # find the subcommand, $sub, and how many words stand before it, $before
    sub='' before=0
    while [ $# -gt 0 ]; do
        case $1 in
            -C | -c | --config-env | --namespace | --attr-source | --super-prefix | --git-dir | --work-tree)
                before=$((before + 1))
                [ $# -eq 1 ] || shift
                ;;
            -*) ;;
            *)
                sub=$1
                return
                ;;
        esac
        before=$((before + 1))
        shift
    done
}

case ${0##*/} in git-?*)
    name=${0##*/}
    set -- "${name#git-}" "$@"
    ;;
esac
unsigned() { # tell whether something is to be signed, which nobody can do here
    case $sub in commit | tag | merge | rebase | revert | cherry-pick | am | pull | push) ;; *) return 1 ;; esac
    for word do
        case $sub:$word in
            tag:-s | tag:-[a-z]s | tag:-s[a-z] | tag:--sign | tag:-u* | tag:--local-user*) return 0 ;;
            push:--signed | push:--signed=true | push:--signed=yes) return 0 ;;
            *:-S* | *:-[a-z]S | *:--gpg-sign | *:--gpg-sign=*) return 0 ;;
            *:--) return 1 ;;
        esac
    done
    return 1
}

words "$@"
if [ -z "${AIGATE_GIT_SIGNING-}" ] && unsigned "$@"; then
    AIGATE_GIT_SIGNING=1 "$self" "$@"
    status=$?
    [ $status -eq 0 ] || say "your user's keys are out of reach here, so nothing can be signed: leave that option out, and let your user sign outside"
    exit $status
fi
case $sub in
    '' | status | log | diff | show | rev-parse | ls-files | ls-tree | cat-file | rev-list | for-each-ref | describe | grep) exec "$real" "$@" ;;
    blame | tag | clone | init | commit | symbolic-ref | show-ref | merge-base | hash-object | update-index | diff-*) exec "$real" "$@" ;;
    add | stage | am | apply | bisect | branch | checkout | cherry-pick | clean | config | fetch | merge | mv | pull) ;;
    push | rebase | remote | reset | restore | revert | rm | sparse-checkout | stash | submodule | switch | worktree) ;;
    *--*) exec "$real" "$@" ;;
    *)
        alias=$("$real" config --get "alias.$sub")
        case $alias in '' | !*) exec "$real" "$@" ;; esac
        export AIGATE_GIT_ALIASES="${AIGATE_GIT_ALIASES-}x"
        [ ${#AIGATE_GIT_ALIASES} -lt 10 ] || exec "$real" "$@" # which says that they go in a circle
        kept=$before
        for word do # the alias's words take its place
            shift
            if [ $kept -ne 0 ]; then
                set -- "$@" "$word"
            else
                eval "set -- \"\$@\" $(printf '%s' "$alias" | sed 's/[^A-Za-z0-9_ '"'"'"=@:,./^~{}-]/\\&/g')"
            fi
            kept=$((kept - 1))
        done
        exec "$self" "$@"
        ;;
esac

input=/dev/null own_input=''
case $sub in apply | am)
    if reads_input "$before" "$@"; then
        own_input=/tmp/.aigate-input.$$
        cat >"$own_input"
        input=$own_input
    fi
    ;;
esac

orders=$(look "$@") || {
    status=$?
    [ -z "$own_input" ] || rm -f "$own_input"
    exit $status
}
[ -n "$orders$own_input" ] || exec "$real" "$@"

number=${GIT_CONFIG_COUNT:-0}
set_config() {
    export "GIT_CONFIG_KEY_$number=$1" "GIT_CONFIG_VALUE_$number=$2"
    number=$((number + 1))
    export GIT_CONFIG_COUNT=$number
}

file='' noise=''
while IFS= read -r order; do
    detail=${order#* }
    case $order in
        'exclude '*) file=$detail && set_config core.excludesFile "$file" ;;
        noise) noise=1 ;;
        untracked) set_config branch.autoSetupMerge false && set_config push.autoSetupRemote false ;;
        'guess '* | 'name '* | no-track | no-upstream)
            for word do
                shift
                case $order in
                    'guess '*) [ "$word" = "${detail%% *}" ] && set -- "$@" --no-track "$([ "$sub" = switch ] && echo -c || echo -b)" "$word" "${detail#* }" && continue ;;
                    'name '*) [ "$word" = "$sub" ] && set -- "$@" "$word" "$([ "$sub" = switch ] && echo -c || echo -b)" "$detail" && continue ;;
                    no-track) case $word in -t | --track | --track=*) word=--no-track ;; esac ;;
                    no-upstream) case $word in -u | --set-upstream) continue ;; -[a-z]*u | -u[a-z]*) word=-$(printf '%s' "${word#-}" | tr -d u) ;; esac ;;
                esac
                set -- "$@" "$word"
            done
            ;;
    esac
done <<END
$orders
END
[ -n "$file$own_input$noise" ] || exec "$real" "$@"

if [ -n "$own_input" ]; then "$real" "$@" <"$own_input"; else "$real" "$@"; fi
status=$?
[ -z "$file$own_input" ] || rm -f $file $own_input
[ -z "$noise" ] || say 'branches are deleted though git says that it cannot write its config, which is read-only in this sandbox'
exit $status

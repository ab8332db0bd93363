# Completion for fish: put this file into ~/.config/fish/completions/aigate.fish

function __aigate_candidates
    set -l words (commandline -opc) (commandline -ct)
    set -e words[1]
    for line in (command aigate completion words -- $words 2>/dev/null)
        set -l parts (string split -m 2 \t -- $line)
        switch $parts[1]
            case word
                printf '%s\t%s\n' $parts[2] $parts[3]
            case file
                __fish_complete_path (commandline -ct)
            case directory
                __fish_complete_directories (commandline -ct)
            case command
                set -l first (math $parts[2] + 1)
                set -l typed (string escape -- $words[$first..-2]) $words[-1]
                complete -C "$typed"
        end
    end
end
complete -c aigate -f -a '(__aigate_candidates)'

# completion bash: a script that bash takes, and that completes what the commands have.
need_tool bash
for program in sealift sealift-runtime; do
    expect_exit 0 $program completion bash
    $program completion bash > $program.bash
    expect_exit 0 bash -n $program.bash
    $program completion bash -o written.bash
    expect_same written.bash $program.bash
    expect_exit 2 $program completion zsh
    expect_exit 2 $program completion
done

# complete WORDS...: what bash offers for the last word; one a line.
complete_words() {
    env -i PATH="$PATH" HOME="$HOME" bash --norc --noprofile -c '
        for file in /usr/share/bash-completion/bash_completion; do [ ! -e $file ] || . $file; done
        . "./$1.bash"
        function=$(complete -p "$1" | sed -E "s/.*-F ([^ ]+).*/\1/")
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
        COMPREPLY=()
        "$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2> /dev/null
        printf "%s\n" "${COMPREPLY[@]}"' complete "$@" | sed 's/ *$//' | sort
}
expect_exit 0 complete_words sealift ""
for command in init keygen build sign inspect verify ls cat extract bom diff reproduce profiles; do
    expect_out_like "^$command\$"
done
expect_exit 0 complete_words sealift ver
expect_out_is verify
expect_exit 0 complete_words sealift build --sig
expect_out_is --signing-key
expect_exit 0 complete_words sealift profiles l
expect_out_is "$(printf 'lint\nlist')"
expect_exit 0 complete_words sealift-runtime st
expect_out_is "$(printf 'status\nstop')"
expect_exit 0 complete_words sealift-runtime boot --fore
expect_out_is --foreground
expect_exit 0 complete_words sealift verify --format j
expect_out_is json
expect_exit 0 complete_words sealift build no-such
expect_out_is ""
touch a.sealift
expect_exit 0 complete_words sealift verify a.sea
expect_out_like '^(a\.sealift)?$'

# --help of every command: status 0, on stdout, every option with words of explanation, no line that is too long.
for program in sealift sealift-runtime; do
    expect_exit 0 $program --version
    expect_out_like "^$program [0-9]+\.[0-9]+\.[0-9]+\$"
    expect_err ""
    expect_exit 2 $program
    expect_out_is ""
    expect_exit 2 $program no-such-command
    expect_err "no-such-command"
    expect_err "hint: "
    expect_exit 0 $program -h
    expect_exit 0 $program --help
    expect_out "Exit status:"
    commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' <<< "$out")
    [ "$(wc -w <<< "$commands")" -ge 8 ] || fail "commands are: $commands"
    for command in $commands; do
        expect_exit 0 $program $command --help
        expect_equal "$err" ""
        expect_out "Usage: $program $command"
        expect_out "Exit status:"
        expect_equal "$(awk 'length($0) > 90' <<< "$out")" ""
        # Every option that the completion knows stands in the help, with a text of its own.
        for option in $(grep -oE '^ +(-[a-z],)?--[a-z-]+' <<< "$out" | grep -oE -- '--[a-z-]+'); do
            expect_exit 0 awk -v option="$option" 'index($0, option) && $1 ~ /^-/ { getline next_line
                if (NF > 1 || next_line ~ /^                     *[^ ]/) found = 1 } END { exit !found }' <<< "$($program $command --help)"
        done
        # What is asked after --help does not run.
        expect_exit 2 $program $command --no-such-option
        expect_out_is ""
        expect_err "--no-such-option"
        expect_err "hint: "
    done
done

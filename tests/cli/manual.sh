# man: a page that mandoc has nothing to say about, with everything that --help has.
need_tool mandoc
for program in sealift sealift-runtime; do
    $program man > $program.1
    # A page without a date is on purpose: the same program makes the same page on any day.
    mandoc -T lint -W warning $program.1 > lint.txt || true
    expect_exit 1 grep -v 'WARNING: missing date' lint.txt
    mandoc -T utf8 $program.1 | sed 's/.\x08//g' > $program.txt
    for command in $($program --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p'); do
        expect_exit 0 grep -qw -- "$command" $program.txt
        for option in $($program $command --help | grep -oE '^  (-[a-z],)?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
            expect_exit 0 grep -qe "$option" $program.txt
        done
    done
    expect_exit 0 grep -qi "exit status" $program.txt
    mkdir $program
    expect_exit 0 $program man -o $program
    expect_same $program/$program.1 $program.1
    expect_exit 3 $program man -o no-such-folder
done
refute_same sealift.1 sealift-runtime.1

# Names that would move a cursor, hide a line or fool a reader are refused or shown as escapes.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift
escape=$(printf '\033')
make_input hostile

# refuse_name NAME SHOWN: a file of this name gets into no recipe, and its name does no harm on the screen.
refuse_name() {
    touch "hostile/docs/$1"
    expect_exit 2 sealift init hostile --profile "$profile" -o refused.json
    expect_err "$2"
    refute_err "$escape"
    refute_err $'\r'
    refute_file refused.json
    rm "hostile/docs/$1"
}
refuse_name "${escape}[2Jgone" '\x1b[2J'
refuse_name $'two\nlines' 'two\nlines'
refuse_name $'back\rwards' 'back\rwards'
refuse_name $'\xff\xfe' '\xff'
refuse_name 'back\slash' 'back'
refuse_name 'trailing.' 'trailing.'
touch hostile/docs/license # beside LICENSE
quietly sealift init hostile --profile "$profile" --yes
expect_exit 2 sealift build hostile -o refused.sealift
expect_err SL-PATH-COLLISION
refute_file refused.sealift
rm hostile/docs/license

# Text that runs from right to left is a name, but is shown by its numbers.
touch "hostile/docs/"$'right\xe2\x80\xaeleft'
quietly sealift init hostile --profile "$profile" --yes
quietly sealift build hostile -o turned.sealift
expect_exit 0 sealift ls turned.sealift
expect_out 'docs/right\u202eleft'
refute_out $'\xe2\x80\xae'

make_keys other
# Names of bundles and keys are shown, not obeyed.
cp a.sealift $'two\nlines.sealift'
expect_exit 0 sealift verify $'two\nlines.sealift' --key release.pub
expect_exit 1 sealift verify $'two\nlines.sealift' --key other.pub
expect_out 'two\nlines.sealift'
expect_exit 3 sealift verify "${escape}[2J.sealift" --key release.pub
expect_err '\x1b[2J.sealift'
refute_err "$escape"
expect_exit 3 sealift-runtime install a.sealift --key $'key\n.pub' --site site
expect_err 'key\n.pub'
expect_exit 2 sealift verify "--${escape}[2J"
refute_err "$escape"
expect_exit 2 sealift "${escape}[2J"
refute_err "$escape"
expect_exit 1 sealift-runtime verify $'two\nlines.sealift' --key other.pub --format json
expect_json .bundle $'two\nlines.sealift'

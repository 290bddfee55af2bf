# labels: peers
# The same input gives the same bytes: elsewhere, on another day, for another user, with other habits.
. "$SOURCE/tests/cli/input.bash"
need_tool faketime sha256sum
make_bundle a.sealift
wanted=$(sha256sum < a.sealift)

# again WHAT COMMAND...: builds b.sealift from a fresh copy of the input, which was put down in another order.
again() {
    local what=$1 copy
    shift
    copy="copy of $what"
    mkdir -p "$copy"
    find input-none -type f | sort -r | while read -r file; do
        mkdir -p "$copy/$(dirname "${file#*/}")"
        cp "$file" "$copy/${file#*/}"
    done
    find "$copy" -exec touch -d "2001-02-03 04:05:06" {} +
    (cd "$copy" && expect_exit 0 "$@" sealift build . -o "$DIR/b.sealift" --signing-key "$DIR/release.key")
    expect_equal "$what: $(sha256sum < b.sealift)" "$what: $wanted"
    rm b.sealift
}
again "nothing else"
again "another clock" faketime "2031-12-31 23:59:59"
again "another time zone" env TZ=Pacific/Kiritimati
again "another locale" env LC_ALL=de_DE.UTF-8 LANG=tr_TR.UTF-8 LANGUAGE=tr
again "another umask" bash -c 'umask 077; exec "$@"' bash
again "an open umask" bash -c 'umask 000; exec "$@"' bash
again "another home" env HOME=/nonexistent USER=somebody LOGNAME=somebody
again "one thread" bash -c 'exec "$@" -j 1' bash
again "seven threads" bash -c 'exec "$@" -j 7' bash
again "no colours" env NO_COLOR=1 TERM=xterm COLUMNS=40
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
    # In a place of its own: nobody else gets into the folder of this story.
    theirs=$(mktemp -d)
    trap 'rm -rf "$theirs"' EXIT
    cp -r input-none "$theirs/input"
    cp "$(command -v sealift)" "$theirs/program"
    cp release.key "$theirs/"
    cp -r "$SEALIFT_PROFILES" "$theirs/profiles"
    chown -R 65534:65534 "$theirs"
    expect_exit 0 setpriv --reuid 65534 --regid 65534 --clear-groups env SEALIFT_PROFILES="$theirs/profiles" \
        "$theirs/program" build "$theirs/input" -o "$theirs/b.sealift" --signing-key "$theirs/release.key"
    expect_equal "another user: $(sha256sum < "$theirs/b.sealift")" "another user: $wanted"
fi
# The folder form holds the same documents.
quietly sealift build input-none -o folder/ --signing-key release.key
expect_equal "$(tar -xOf a.sealift index.json | sha256sum)" "$(sha256sum < folder/index.json)"

# What shall differ does.
echo "Other words." >> input-none/docs/LICENSE
quietly sealift build input-none -o c.sealift --signing-key release.key
refute_same a.sealift c.sealift
# SOURCE_DATE_EPOCH is the one time that counts.
SOURCE_DATE_EPOCH=1700000000 quietly sealift build input-none -o d.sealift --signing-key release.key
SOURCE_DATE_EPOCH=1700000000 quietly faketime "2031-12-31 23:59:59" sealift build input-none -o e.sealift --signing-key release.key
expect_same d.sealift e.sealift
SOURCE_DATE_EPOCH=soon expect_exit 2 sealift build input-none -o f.sealift
expect_err SOURCE_DATE_EPOCH

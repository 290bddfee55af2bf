# Killed in the middle: nothing is there under the target's name, an older bundle stays, and the next run succeeds.
. "$SOURCE/tests/cli/input.bash"
[ "$(df --output=avail -k . | tail -n 1)" -gt 2500000 ] || not_here_ "less than 2.5 GB are free in $DIR" ""
make_keys release second
make_bundle old.sealift
make_input large
head -c 300000000 /dev/urandom > large/docs/large.bin
quietly sealift init large --profile "$profile" --name large
quietly sealift build large -o whole.sealift --signing-key release.key
mkdir place

# interrupt SIGNAL COMMAND...: sends it as soon as the command has written 20 MB.
interrupt() {
    local signal=$1 written=0 pid ended=0
    shift
    env --default-signal=INT "$@" > said 2>&1 & # else what runs in the background ignores it
    pid=$!
    while kill -0 $pid 2> said-of-kill; do
        written=$(sed -n 's/^wchar: //p' /proc/$pid/io 2> said-of-kill || true)
        [ "${written:-0}" -lt 20000000 ] || break
    done
    kill -"$signal" $pid 2> said-of-kill || true
    wait $pid 2> said-of-kill || ended=$?
    expect_equal "$* ended with $ended" "$* ended with $((128 + $(kill -l "$signal")))"
}
left() { ls -A place | tr '\n' ' '; }
# Of a folder: another process notices that its maker is gone.
left_at_last() {
    local tries
    for ((tries = 0; tries < 200; ++tries)); do
        [ -n "$(left)" ] || return 0
        sleep 0.05
    done
    left
}
for signal in KILL TERM INT; do
    # The file form has no name before it is whole.
    interrupt $signal sealift build large -o place/a.sealift --signing-key release.key
    expect_equal "$signal: $(left)" "$signal: "
    cp old.sealift place/a.sealift
    interrupt $signal sealift build large -o place/a.sealift --signing-key release.key
    interrupt $signal sealift sign whole.sealift --signing-key second.key -o place/a.sealift
    expect_equal "$signal: $(left)" "$signal: a.sealift "
    expect_same place/a.sealift old.sealift
    expect_exit 0 sealift verify place/a.sealift --key release.pub
    rm place/a.sealift
    # Folders do have one, which is no bundle's; whatever ends the program, they go.
    interrupt $signal sealift build large -o place/a/ --signing-key release.key
    expect_equal "$signal: $(left_at_last)" "$signal: "
    interrupt $signal sealift extract whole.sealift -o place/out --key release.pub
    expect_equal "$signal: $(left_at_last)" "$signal: "
done
# When all of its processes are killed at once, as with a container, the next one that wants the same name finds that
# nobody works on the folder any more.
mkdir place/.out.sealift-0123456789abcdef
expect_exit 0 sealift extract whole.sealift -o place/out --key release.pub
expect_equal "$(left)" "out "
rm -r place/out

# Where every file has a name (FAT, NFS; or a system without /proc, as here, which sanitizers need) that one goes too.
if [ "$(id -u)" = 0 ] && unshare -m true 2> said-of-unshare && ! ldd "$SEALIFT_BIN/sealift" | grep -q libasan; then
    unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' sh \
        sealift build large -o place/b.sealift --signing-key release.key > said 2>&1 &
    pid=$!
    seen=
    while [ -z "$seen" ] && kill -0 $pid 2> said-of-kill; do
        seen=$(left)
    done
    while kill -0 $pid 2> said-of-kill && [ "$(sed -n 's/^wchar: //p' /proc/$pid/io)" -lt 20000000 ]; do :; done
    kill -KILL $pid
    wait $pid 2> said-of-kill || true
    expect_equal "${seen%-*}" .b.sealift.sealift
    expect_equal "$(left_at_last)" ""
fi
expect_exit 0 sealift sign whole.sealift --signing-key second.key -o place/a.sealift
expect_exit 0 sealift verify place/a.sealift --key second.pub
expect_exit 0 sealift extract whole.sealift -o place/out --key release.pub
expect_same place/out/docs/large.bin large/docs/large.bin

# On a file system that shares blocks (xfs, btrfs) build, extract and install take next to no room, and what they
# made is proven all the same.
. "$SOURCE/tests/cli/input.bash"
[ "$(id -u)" = 0 ] || not_here_ "this story mounts a file system, which takes root" ""
make_keys release
# try KIND MKFS...: a file system of that kind in a file, mounted; everything below happens in it.
try() {
    local kind=$1
    shift
    command -v "$1" > /dev/null || not_here_ "$1 is not installed" "install xfsprogs and btrfs-progs"
    rm -f image
    truncate -s 1200M image
    "$@" image > mkfs.log 2>&1 || fail "$(cat mkfs.log)"
    mkdir -p "$kind"
    mount -o loop image "$kind" 2> mount.log || not_here_ "a $kind image cannot be mounted: $(cat mount.log)" ""
    trap "umount -l '$DIR/$kind' 2> /dev/null" EXIT
    mkdir -p "$kind/input/weights"
    head -c 60000000 /dev/urandom > "$kind/input/weights/a.bin"
    head -c 60000001 /dev/urandom > "$kind/input/weights/b.bin"
    jq -n --arg profile "$profile" '{schema: "sealift.recipe/1", name: "shared", version: "1", profile: $profile,
        files: [{path: "weights/a.bin", role: "weights"}, {path: "weights/b.bin", role: "weights"}]}' \
        > "$kind/input/sealift.json"
    local before after
    used() { sync -f "$kind" && df --output=used -k "$kind" | tail -n 1; }
    before=$(used)
    expect_exit 0 sealift build "$kind/input" -o "$kind/a.sealift" --signing-key release.key
    expect_exit 0 sealift verify "$kind/a.sealift" --key release.pub --flat
    expect_exit 0 sealift extract "$kind/a.sealift" -o "$kind/out" --key release.pub
    expect_exit 0 sealift-runtime install "$kind/a.sealift" --key release.pub --site "$PWD/$kind/site"
    after=$(used)
    expect_same "$kind/out/weights/b.bin" "$kind/input/weights/b.bin"
    # Three more copies of 120 MB: without sharing they would take 360,000 KiB.
    expect_equal "$kind: $((after - before)) KiB more: $((after - before < 20000))" "$kind: $((after - before)) KiB more: 1"
    # A clone is proven after it was made: a damaged bundle leaves nothing.
    flip_bit "$kind/a.sealift" "$(offset_of "$kind/a.sealift" weights/b.bin)"
    expect_exit 1 sealift extract "$kind/a.sealift" -o "$kind/bad" --key release.pub
    refute_file "$kind/bad"
    expect_exit 1 sealift-runtime install "$kind/a.sealift" --key release.pub --site "$PWD/$kind/other"
    expect_equal "$(find "$kind/other" -type f -size +0 | wc -l)" 0
    umount "$kind"
    trap - EXIT
}
try xfs mkfs.xfs -q -m reflink=1
try btrfs mkfs.btrfs -q

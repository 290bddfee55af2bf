# What has holes has them in every copy, and a disk that cannot hold a copy is known before the first byte.
. "$SOURCE/tests/cli/input.bash"
make_keys release second
mkdir -p holes/weights holes/docs
head -c 2000000 /dev/urandom > holes/docs/data.bin
head -c 1000000 /dev/urandom > holes/weights/a.bin
truncate -s 700000000 holes/weights/a.bin # past the page cache, which has a way of its own
head -c 1000001 /dev/urandom >> holes/weights/a.bin
cp --sparse=always holes/weights/a.bin holes/weights/same.bin # once in the bundle, and its holes count once
jq -n --arg profile "$profile" '{schema: "sealift.recipe/1", name: "holes", version: "1", profile: $profile,
    files: [{path: "weights/a.bin", role: "weights"}, {path: "weights/same.bin", role: "weights"},
        {path: "docs/data.bin", role: "doc"}]}' > holes/sealift.json
# expect_holes PATH: it is 700 MB long and takes little of the disk.
expect_holes() {
    sync -f "$1"
    [ "$(du -s --apparent-size -k "$1" | cut -f 1)" -gt 680000 ] || fail "$1 is short"
    [ "$(du -s -k "$1" | cut -f 1)" -lt 20000 ] || fail "$1 takes $(du -s -k "$1" | cut -f 1) KiB of the disk"
    expected_
}
expect_exit 0 sealift build holes -o whole.sealift --signing-key release.key
expect_exit 0 sealift build holes -o folder/ --signing-key release.key
expect_exit 0 sealift sign whole.sealift --signing-key second.key -o signed.sealift
expect_exit 0 sealift sign folder --signing-key second.key -o signed-folder/
expect_exit 0 sealift extract signed.sealift -o out --key second.pub
expect_exit 0 sealift extract signed-folder -o out-of-folder --key second.pub
for path in whole.sealift folder signed.sealift signed-folder out out-of-folder; do
    expect_holes $path
done
expect_exit 0 sealift verify signed.sealift --key second.pub
expect_same out/weights/a.bin holes/weights/a.bin
expect_same out-of-folder/docs/data.bin holes/docs/data.bin
rm -r out out-of-folder signed.sealift signed-folder folder

[ "$(id -u)" = 0 ] || not_here_ "the rest of this story mounts a file system, which takes root" ""
mkdir small
mount -t tmpfs -o size=40M tmpfs small 2> mount.log || not_here_ "nothing can be mounted: $(cat mount.log)" ""
trap "umount -l '$DIR/small' 2> /dev/null" EXIT
mkdir -p much/weights
for name in a b c; do
    head -c 20000000 /dev/urandom > much/weights/$name.bin
done
jq -n --arg profile "$profile" '{schema: "sealift.recipe/1", name: "much", version: "1", profile: $profile,
    files: [["a", "b", "c"][] | {path: "weights/\(.).bin", role: "weights"}]}' > much/sealift.json
expect_exit 0 sealift build much -o much.sealift --signing-key release.key
# refused COMMAND...: nothing is written, nothing is left, and an older bundle stays.
refused() {
    expect_exit 3 "$@"
    expect_err_like "$words"
    expect_equal "$(ls -A small)" ""
}
words="^sealift: .*('small' has 4[0-9.]+ MB free, wanted 60\.[0-9] MB|no room to write 'small/)"
refused sealift extract much.sealift -o small/out --key release.pub
refused sealift build much -o small/much/
refused sealift build much -o small/much.sealift
refused sealift sign much.sealift --signing-key second.key -o small/much.sealift
# A part of it has room.
expect_exit 0 sealift extract much.sealift weights/b.bin -o small/out --key release.pub
expect_same small/out/weights/b.bin much/weights/b.bin
rm -r small/out
# 1.4 GB with holes have room in 40 MiB, at a site too.
expect_exit 1 sealift-runtime install much.sealift --key release.pub --site small/site
expect_out SL-SITE-SPACE
expect_exit 0 sealift-runtime install whole.sealift --key release.pub --site small/site
expect_same small/site/generations/*/files/weights/same.bin holes/weights/same.bin
umount small
mount -t tmpfs -o size=0 tmpfs small # without a limit
expect_exit 0 sealift extract much.sealift -o small/out --key release.pub
expect_exit 0 sealift-runtime install much.sealift --key release.pub --site small/site

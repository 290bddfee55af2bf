# The folder form works wherever the file form does, and holds the same bundle.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift
make_bundle folder/
make_keys second

expect_exit 0 sealift inspect a.sealift --format json
digest=$(jq -r .digest <<< "$out")
expect_exit 0 sealift inspect folder --format json
expect_json .form folder
expect_json .digest "$digest"
mkdir unpacked
tar -xf a.sealift -C unpacked --exclude=sealift-padding
expect_exit 0 diff -r unpacked folder

file=$(sealift ls a.sealift --format json | jq 'del(.files[].offset)')
expect_equal "$(sealift ls folder --format json | jq 'del(.files[].offset)')" "$file"
for path in "$weights" sealift/bundle.json sealift/software.cdx.json; do
    sealift cat a.sealift "$path" > from-file
    sealift cat folder/ "$path" > from-folder
    expect_same from-file from-folder
done
expect_exit 0 sealift bom folder --hardware
expect_exit 0 sealift extract folder -o out-of-folder --key release.pub
expect_exit 0 sealift extract a.sealift -o out-of-file --key release.pub
expect_exit 0 diff -r out-of-folder out-of-file

# Signed in the one form is signed in the other, and the digest stays.
expect_exit 0 sealift sign folder --signing-key second.key
expect_out "2 signatures"
expect_exit 0 sealift verify folder --key second.pub --format json
expect_json .form folder
expect_json .digest "$digest"
expect_exit 0 sealift sign a.sealift --signing-key second.key
rm -r unpacked
mkdir unpacked
tar -xf a.sealift -C unpacked --exclude=sealift-padding
expect_exit 0 diff -r unpacked folder

# An older bundle is replaced whole; what is no bundle is not touched.
expect_exit 0 sealift build input-none -o folder/ --signing-key release.key
expect_exit 1 sealift verify folder --key second.pub
mkdir precious
echo mine > precious/thing
status_before=$(find precious -type f)
sealift build input-none -o precious/ --signing-key release.key > said 2>&1 && fail "a folder with other files was replaced"
expect_exit 0 cat precious/thing
expect_out_is mine

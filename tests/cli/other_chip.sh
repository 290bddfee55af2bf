# A bundle for a chip that this machine is not: refused before a byte is copied, naming found, wanted and remedy.
. "$SOURCE/tests/cli/input.bash"
need_tool jq
[ "$(uname -m)" = x86_64 ] || { echo "not run on this machine: it is no x86-64" >&2; exit 77; }
if sealift-runtime probe --format json | jq -e '.profiles[] | select(.id == "sapphirerapids").fits' > "$STORY_CONTROL/is"; then
    echo "not run on this machine: it is a Sapphire Rapids" >&2
    exit 77
fi
make_input input
mv "input/$kernel" input/kernels/libggml-cpu-sapphirerapids.so
quietly sealift init input --profile sapphirerapids --name story
make_keys release
quietly sealift build input -o a.sealift --signing-key release.key
expect_exit 0 sealift verify a.sealift --key release.pub

for command in "install a.sealift" "install a.sealift --dry-run" "boot a.sealift"; do
    expect_exit 1 sealift-runtime $command --key release.pub --site site
    expect_out_like '^instructions +[0-9]+ instruction sets +without .* +not met$'
    expect_out_like '^SL-FIT-FEATURES  instructions: found without .*amx_tile.*, wanted [0-9]+ instruction sets$'
    expect_out_like "^ +hint: take a bundle for a profile that this processor fits; 'sealift-runtime probe' lists them\$"
    expect_out_like '^NOT (INSTALLED|BOOTED) '
    expect_equal "$(awk '{ if (length($0) > longest) longest = length($0) } END { print longest < 160 }' <<< "$out")" 1
    expect_exit 1 sealift-runtime $command --key release.pub --site site --format json
    expect_json '[.findings[].code] | index("SL-FIT-FEATURES") != null' true
    expect_json '[.findings[].text | test("wanted .*amx_tile")] | any' true
done
refute_file site

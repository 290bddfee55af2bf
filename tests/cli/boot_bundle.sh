# boot BUNDLE: straight from the file or folder, nothing unpacked.
. "$SOURCE/tests/cli/input.bash"
need_tool curl jq
make_bundle a.sealift
make_bundle folder/
make_keys stranger
site=$DIR/site
trap 'sealift-runtime stop --site "$site" > "$STORY_CONTROL/stopped" 2>&1 || true' EXIT

for bundle in a.sealift folder; do
    expect_exit 0 sealift-runtime boot $bundle --key release.pub --site "$site"
    expect_out_like '^BOOTED  story 0.1.0 for '
    expect_out "straight from the bundle"
    expect_exit 0 sealift-runtime status --site "$site" --format json
    expect_json .state running
    expect_json '.generations | length' 0
    expect_exit 0 curl -sSf "$(jq -r .endpoint <<< "$out")/health"
    expect_exit 0 sealift-runtime stop --site "$site"
    expect_out "exit status 0"
done
expect_equal "$(find "$site" -name tiny.gguf | wc -l)" 0

# In the foreground it stays until it is told to end, and then ends well.
sealift-runtime boot a.sealift --key release.pub --site "$site" --foreground > foreground 2>&1 &
supervisor=$!
for _ in $(seq 200); do
    ! grep -q '^BOOTED' foreground || break
    sleep 0.1
done
expect_exit 0 grep '^BOOTED' foreground
expect_exit 0 sealift-runtime status --site "$site"
kill -TERM $supervisor
expect_exit 0 wait $supervisor

# Who is not trusted does not start, and what is damaged does not either.
expect_exit 3 sealift-runtime boot a.sealift --site "$site"
expect_err SL-TRUST-NO-POLICY
expect_err "--key"
expect_exit 1 sealift-runtime boot a.sealift --key stranger.pub --site "$site"
expect_out SL-TRUST-KEY
expect_out "NOT BOOTED"
for file in "$weights" "$kernel" engine/stub_engine config/known_answer.json docs/LICENSE; do
    cp a.sealift damaged.sealift
    flip_bit damaged.sealift $(($(offset_of a.sealift "$file") + 20)) 7
    expect_exit 1 sealift-runtime boot damaged.sealift --key release.pub --site "$site"
    expect_out SL-CONTENT-DIGEST
    expect_out "$file"
    expect_out "NOT BOOTED"
done
expect_exit 1 sealift-runtime boot release.pub --key release.pub --site "$site" --format json
expect_json .booted false
expect_json '.findings[0].code[0:10]' SL-FORMAT-
expect_exit 3 sealift-runtime boot no-such.sealift --key release.pub --site "$site"

# A bundle that carries no engine has nothing to boot.
mkdir -p model/weights
cp "input-none/$weights" model/weights/
quietly sealift init model --profile "$profile"
quietly sealift build model -o model.sealift --signing-key release.key
expect_exit 1 sealift-runtime boot model.sealift --key release.pub --site "$site"
expect_out SL-BOOT-START
expect_out "no runtime section"

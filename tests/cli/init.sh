# init: looks at a folder and writes the recipe that packs it.
. "$SOURCE/tests/cli/input.bash"
make_input input

expect_exit 0 sealift init input --profile "$profile" --name story --bundle-version 1.2.3 --license model=MIT --format json
expect_json .files 5
expect_json .recipe input/sealift.json
expect_exit 0 grep -c '"role":"kernel"' input/sealift.json
expect_out_is 1
expect_exit 0 grep '"version": "1.2.3"' input/sealift.json

# A recipe that somebody worked on is not replaced unasked.
echo '{"mine": 1}' > input/sealift.json
expect_exit 2 sealift init input --profile "$profile"
expect_err "hint: --yes replaces it"
expect_exit 0 cat input/sealift.json
expect_out_is '{"mine": 1}'
expect_exit 0 sealift init input --profile "$profile" --yes

# A recipe that is written elsewhere says where the files are, and builds.
mkdir recipes
expect_exit 0 sealift init input --profile "$profile" -o recipes/story.json
expect_exit 0 sealift build recipes/story.json -o story.sealift
expect_exit 0 sealift init input --profile "$profile" -o "$DIR/recipes/absolute.json"
expect_exit 0 sealift build recipes/absolute.json -o absolute.sealift --dry-run
expect_exit 0 sealift init "$DIR/input" --profile "$profile" -o beside.json
expect_exit 0 sealift build beside.json -o beside.sealift
# Another profile.
expect_exit 2 sealift init input --profile no-such-chip --yes
expect_err "no-such-chip"
expect_err "hint: "
other=armv8.2
[ "$(uname -m)" = x86_64 ] || other=x86_64-v1
expect_exit 1 sealift init input --profile $other --yes
expect_err SL-FIT-KERNEL
expect_err "hint: the profile takes, best first: libggml-cpu-"
expect_exit 2 sealift init input
expect_err "--profile"

expect_exit 2 sealift init no-such-folder --profile "$profile"
expect_err "no-such-folder"
mkdir empty
expect_exit 2 sealift init empty --profile "$profile"
expect_err "no files in weights/"
expect_exit 2 sealift init input --profile "$profile" --license MIT --yes
expect_err "WHAT=VALUE"

# What is no regular file, or could not be named on every system, gets into no recipe.
ln -s no-such-file input/weights/again.gguf
expect_exit 2 sealift init input --profile "$profile" -o refused.json
expect_err "neither a file"
rm input/weights/again.gguf
mkfifo input/docs/fifo
expect_exit 2 sealift init input --profile "$profile" -o refused.json
rm input/docs/fifo
echo '{"entrypoint": "engine/stub_engine", "arguments": [' > input/engine/launch.json
expect_exit 2 sealift init input --profile "$profile" -o refused.json
expect_err "launch.json"
refute_file refused.json

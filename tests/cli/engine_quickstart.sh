# labels: engine
# The quickstart's bundle with the real engine, from a folder of files to an answer over HTTP.
. "$SOURCE/tests/cli/input.bash"
need_engine
need_tool curl jq openssl
quietly "$SOURCE/examples/quickstart/stage" --engine "$SEALIFT_BIN/tiny_engine" --npm "$engine" --work work
best=$(sealift-runtime probe --format json | jq -r .best_profile)
make_keys release
site=$DIR/site
trap 'sealift-runtime stop --site "$site" > "$STORY_CONTROL/stopped" 2>&1 || true' EXIT

expect_exit 0 sealift init work/input --profile "$best" --name tinyseek --license model=CC0-1.0
expect_exit 0 sealift build work/input -o tinyseek.sealift --signing-key release.key
expect_exit 0 sealift build work/input -o tinyseek/ --signing-key release.key
expect_exit 0 sealift verify tinyseek.sealift --key release.pub
expect_exit 0 sealift-runtime verify tinyseek --key release.pub

# asked WHERE: prompts the engine that runs at the site.
asked() {
    curl -sSf "$1/v1/chat/completions" -H 'Content-Type: application/json' \
        -d '{"messages": [{"role": "user", "content": "Who are you?"}], "max_tokens": 64, "temperature": 0}'
}
answers() {
    expect_exit 0 sealift-runtime status --site "$site" --format json
    expect_json .state running
    expect_exit 0 asked "$(jq -r .endpoint <<< "$out")"
    expect_json .choices[0].message.content "$(jq -r .text work/input/config/known_answer.json)"
    expect_exit 0 sealift-runtime stop --site "$site"
    expect_out "exit status 0"
}
expect_exit 0 sealift-runtime install tinyseek.sealift --key release.pub --site "$site"
expect_exit 0 sealift-runtime boot --site "$site"
expect_out "BOOTED  tinyseek 0.1.0 for $best"
answers
expect_exit 0 sealift-runtime boot tinyseek.sealift --key release.pub --site "$site"
expect_out "straight from the bundle"
answers
expect_exit 0 sealift-runtime boot tinyseek --key release.pub --site "$site"
answers

# The same model in the form that it is published in is a bundle too, with nothing to boot.
expect_exit 0 sealift init work/input-hf --profile "$best" --name tinyseek-hf
expect_exit 0 sealift build work/input-hf -o hf.sealift --signing-key release.key
expect_exit 0 sealift verify hf.sealift --key release.pub
expect_exit 1 sealift-runtime boot hf.sealift --key release.pub --site "$site"
expect_out "no runtime section"

# One bit of the kernel, of a library, of the weights.
for file in kernels/ engine/libllama weights/; do
    cp tinyseek.sealift damaged.sealift
    path=$(sealift ls tinyseek.sealift --format json | jq -r --arg start $file 'first(.files[] | select(.path | startswith($start))).path')
    flip_bit damaged.sealift $(($(offset_of tinyseek.sealift "$path") + 54321)) 2
    expect_exit 1 sealift-runtime boot damaged.sealift --key release.pub --site "$site"
    expect_out SL-CONTENT-DIGEST
    expect_out "$path"
done

# Weights of another precision carry their own digest, so only the known answer can tell.
quietly python3 "$SOURCE/examples/quickstart/model/make_model.py" --dtype q4_0 --gguf work/input/weights/tinyseek-q8_0.gguf
quietly sealift build work/input -o q4.sealift --signing-key release.key
expect_exit 0 sealift verify q4.sealift --key release.pub
expect_exit 1 sealift-runtime boot q4.sealift --key release.pub --site "$site"
expect_out SL-BOOT-ANSWER
expect_exit 1 sealift-runtime status --site "$site" --format json
expect_json .state failed

# What stories pack: a model of a few bytes, the stub engine, and a kernel binary that is one. A story reads this
# file by:  . "$SOURCE/tests/cli/input.bash"

# The profile that every machine of this architecture fits, and the kernel file that it takes.
case $(uname -m) in
x86_64) profile=x86_64-v1 kernel=kernels/libggml-cpu-x64.so ;;
aarch64) profile=armv8.2 kernel=kernels/$(jq -r '.kernels.names[0]' "$SOURCE/profiles/armv8.2.json") ;;
*) not_here_ "no profile is for $(uname -m)" "" ;;
esac
weights=weights/tiny.gguf
export SEALIFT_PROFILES=$SOURCE/profiles

# make_input FOLDER [MISBEHAVIOUR]: what sealift init reads. The weights have three chunks, so that they are aligned
# in a bundle and have a chunk table, and whole blocks of 4096 bytes; the kernel differs from the engine, so that it is a blob of its own.
make_input() {
    local folder=$1 misbehaviour=${2:-none}
    mkdir -p "$folder"/{weights,kernels,engine,config,docs}
    python3 - "$folder/$weights" << 'PYTHON'
import hashlib, struct, sys
with open(sys.argv[1], "wb") as file:
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + struct.pack("<Q1sIQIQ", 1, b"t", 1, 300 * 4096 - 64, 24, 0)
    content = header.ljust(64, b"\0") + b"".join(hashlib.sha256(bytes([i % 256, i // 256])).digest() for i in range(38400))
    file.write(content[:300 * 4096])
PYTHON
    install -m 755 "$SEALIFT_BIN/stub_engine" "$folder/engine/stub_engine"
    install -m 644 "$SEALIFT_BIN/stub_engine" "$folder/$kernel"
    echo "a kernel" >> "$folder/$kernel"
    sed -n '/R"(/,/)";/{s/.*R"(//; s/)";//; p}' "$SOURCE/tests/support/stub_answer.hpp" \
        > "$folder/config/known_answer.json"
    echo "Permission is granted to test." > "$folder/docs/LICENSE"
    jq --arg misbehaviour "$misbehaviour" '.arguments += ["--misbehave", $misbehaviour]' \
        > "$folder/engine/launch.json" << 'JSON'
{
  "entrypoint": "engine/stub_engine",
  "arguments": ["--kernel", "{file:kernels/*}", "--model-fd", "{fd:weights/*}",
    "--model-offset", "{offset:weights/*}", "--port", "{port}"],
  "environment": {},
  "port": 0,
  "ready": {"listen_prefix": "listening ", "health_path": "/health", "timeout_s": 20},
  "device": {"path": "/props", "pointer": "/device/backend", "equals": "CPU"},
  "known_answer": "config/known_answer.json"
}
JSON
}

# quietly COMMAND...: a step that is not what the story is about; it shows its words only when it fails.
quietly() { "$@" > "$STORY_CONTROL/quiet" 2>&1 || { cat "$STORY_CONTROL/quiet" >&2; fail "failed: $*"; }; }

make_keys() {
    local name
    for name in "$@"; do
        quietly sealift keygen -o "$name" --no-passphrase
    done
}

# make_bundle OUTPUT [MISBEHAVIOUR]: signed with release.key, which it makes if need be. The input stays beside it.
make_bundle() {
    local input=input-${2:-none}
    if [ ! -e "$input/sealift.json" ]; then
        make_input "$input" "${2:-none}"
        quietly sealift init "$input" --profile "$profile" --name story --license model=MIT
    fi
    [ -e release.key ] || make_keys release
    quietly sealift build "$input" -o "$1" --signing-key release.key
}

# offset_of BUNDLE PATH: where the bytes of a file begin in a bundle file.
offset_of() { sealift ls "$1" --format json 2> "$STORY_CONTROL/quiet" | jq -r --arg path "$2" '.files[] | select(.path == $path).offset'; }

# entry_offset BUNDLE NAME: where the bytes of a tar entry begin; NAME may be the start of one.
entry_offset() {
    python3 - "$1" "$2" << 'PYTHON'
import sys, tarfile
with tarfile.open(sys.argv[1]) as bundle:
    print(next(entry.offset_data for entry in bundle if entry.name.startswith(sys.argv[2])))
PYTHON
}

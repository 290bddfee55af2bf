# labels: peers
# tar, jq and sha256sum derive every digest of a bundle again, fsverity and veritysetup every tree; three tar readers
# see the same entries.
. "$SOURCE/tests/cli/input.bash"
PATH=$PATH:/usr/sbin:/sbin # where Debian has veritysetup
need_tool tar bsdtar jq sha256sum fsverity veritysetup python3
make_bundle a.sealift

tar -tf a.sealift > entries
bsdtar -tf a.sealift > bsdtar-entries
python3 -c 'import tarfile; print("\n".join(tarfile.open("a.sealift").getnames()))' > python-entries
expect_same entries bsdtar-entries
expect_same entries python-entries
expect_equal "$(sort entries | uniq -d)" ""
expect_equal "$(tar --numeric-owner -tvf a.sealift | awk '{print $1, $2, $4}' | sort -u)" "-rw-r--r-- 0/0 1970-01-01"

mkdir bundle
tar -xf a.sealift -C bundle
cd bundle
sha() { sha256sum < "$1" | cut -d' ' -f1; }
blob() { printf 'blobs/sha256/%s' "${1#sha256:}"; }
# Every blob has the digest that is its name.
blobs=0
for file in blobs/sha256/*; do
    expect_equal "$(sha "$file")" "$(basename "$file")"
    blobs=$((blobs + 1))
done
expect_equal "$((blobs > 12))" 1

# described DIGEST SIZE: a descriptor tells the truth.
described() { expect_equal "$(sha "$(blob "$1")") $(stat -c %s "$(blob "$1")")" "${1#sha256:} $2"; }
reached=()
while read -r digest size; do
    described "$digest" "$size"
    reached+=("${digest#sha256:}")
    manifest=$(blob "$digest")
    while read -r digest size; do
        described "$digest" "$size"
        reached+=("${digest#sha256:}")
    done < <(jq -r '(.config, .layers[], .subject // empty) | "\(.digest) \(.size)"' "$manifest")
done < <(jq -r '.manifests[] | "\(.digest) \(.size)"' index.json)
# Nothing is there that no manifest names.
expect_equal "$(printf '%s\n' "${reached[@]}" | sort -u)" "$(ls blobs/sha256 | sort)"

# From the bundle's own digest alone: manifest, document, and through it each file.
digest=$(sealift inspect ../a.sealift --format json 2> /dev/null | jq -r .digest)
expect_equal "$(jq -r --arg digest "$digest" '[.manifests[].digest] | index($digest) != null' index.json)" true
document=$(blob "$(jq -r .config.digest "$(blob "$digest")")")
expect_equal "$(jq -r .schema "$document")" sealift.bundle/1
files=0
while read -r file_digest size path; do
    described "$file_digest" "$size"
    [ "$path" = engine/launch.json ] || cmp "$(blob "$file_digest")" "../input-none/$path"
    files=$((files + 1))
done < <(jq -r '.files[] | "\(.digest) \(.size_bytes) \(.path)"' "$document")
expect_equal $files 5
# Every tree by Linux' own tools: fsverity of each file, and of files of whole blocks the root by dm-verity's. Between
# the two, in Python: the root that the chunk table has makes the fs-verity digest.
while read -r file_digest fs_verity path; do
    expect_equal "$path sha256:$(fsverity digest --compact "$(blob "$file_digest")")" "$path $fs_verity"
done < <(jq -r '.files[] | "\(.digest) \(.fs_verity_digest) \(.path)"' "$document")
python3 - "$document" > roots << 'PYTHON'
import hashlib, json, sys
def sha256(data):
    return hashlib.sha256(data).digest()
def blob(digest):
    with open("blobs/sha256/" + digest[7:], "rb") as file:
        return file.read()
def up(data):
    return b"".join(sha256(data[at:at + 4096].ljust(4096, b"\0")) for at in range(0, len(data), 4096))
for file in json.load(open(sys.argv[1]))["files"]:
    assert ("chunk_table" in file) == (file["size_bytes"] > 524288), file
    if "chunk_table" not in file:
        continue
    data, table = blob(file["digest"]), blob(file["chunk_table"]["digest"])
    assert file["chunk_table"]["size_bytes"] == len(table) == 32 * -(-len(data) // 524288), file
    assert b"".join(up(up(data[at:at + 524288])) for at in range(0, len(data), 524288)) == table, file
    root = table
    while len(root) > 32:
        root = up(root)
    descriptor = (bytes([1, 1, 12, 0, 0, 0, 0, 0]) + len(data).to_bytes(8, "little") + root).ljust(256, b"\0")
    assert "sha256:" + sha256(descriptor).hex() == file["fs_verity_digest"], file
    print(len(data) % 4096 == 0, file["digest"], root.hex(), file["path"])
PYTHON
expect_equal "$(grep -c "$weights" roots)" 1
whole_blocks=0
while read -r file_digest root path; do
    veritysetup format --hash=sha256 --data-block-size=4096 --hash-block-size=4096 --salt=- \
        "$(blob "$file_digest")" hash-tree > verity-says
    expect_equal "$path $(sed -n 's/^Root hash:[[:space:]]*//p' verity-says)" "$path $root"
    whole_blocks=$((whole_blocks + 1))
done < <(sed -n 's/^True //p' roots)
expect_equal "$((whole_blocks >= 1))" 1
# Each other digest in the document is that of a blob: profile, both BOMs, model manifest.
others=0
while read -r other; do
    expect_file "$(blob "$other")"
    others=$((others + 1))
done < <(jq -r 'del(.files) | .. | strings | select(test("^sha256:[0-9a-f]{64}$"))' "$document")
expect_equal "$((others >= 4))" 1
expect_equal "$(jq -r .target.digest "$document" 2> /dev/null | grep -c . )" 1
cmp "$(blob "sha256:$(sha "$SOURCE/profiles/$profile.json")")" "$SOURCE/profiles/$profile.json"

# Titles of layers are the paths of the document.
manifest=$(blob "$digest")
model=$(blob "$(jq -r '.. | objects | to_entries[] | select(.key == "model_manifest") | .value | .digest? // .' "$document" | head -n 1)")
expect_equal "$(jq -r .artifactType "$manifest")" application/vnd.sealift.bundle.v1+json
expect_equal "$(jq -r .artifactType "$model")" application/vnd.cncf.model.manifest.v1+json
expect_equal "$(jq -r '.layers[].annotations | select(.["org.opencontainers.image.title"] != .["org.cncf.model.filepath"])' "$manifest" "$model")" ""
jq -r '.layers[].annotations["org.opencontainers.image.title"]' "$manifest" "$model" | grep -v '^sealift/' | sort -u > titles
expect_equal "$(jq -r '.files[].path' "$document" | sort)" "$(cat titles)"
# The model config is ModelPack's: what it must have, and one diffId for each layer.
config=$(blob "$(jq -r .config.digest "$model")")
expect_equal "$(jq -r .config.mediaType "$model")" application/vnd.cncf.model.config.v1+json
expect_exit 0 jq -e '(.descriptor | type) == "object" and .modelfs.type == "layers"' "$config"
expect_equal "$(jq -r '.modelfs.diffIds[]' "$config")" "$(jq -r '.layers[].digest' "$model")"
expect_equal "$(jq -r '[.layers[].mediaType | test("^application/vnd.cncf.model.(weight|weight.config|doc|code|dataset).v1.raw$")] | all' "$model")" true

# labels: peers
# tar, jq and sha256sum derive every digest of a bundle again; three tar readers see the same entries.
. "$SOURCE/tests/cli/input.bash"
need_tool tar bsdtar jq sha256sum
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

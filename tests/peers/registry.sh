# labels: peers
# skopeo takes a bundle to a registry and back; every manifest keeps its digest, and the bundle stays trusted.
. "$SOURCE/tests/cli/input.bash"
need_tool skopeo docker-registry curl jq python3
make_bundle a.sealift
make_bundle folder/
make_keys second
quietly sealift sign folder --signing-key second.key
quietly sealift sign a.sealift --signing-key second.key

# A registry of our own on a free port of loopback, with its storage in this story's folder.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat > registry.yml << END
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $DIR/registry}}
http: {addr: 127.0.0.1:$port}
END
docker-registry serve registry.yml > registry.log 2>&1 &
registry=$!
trap 'kill $registry 2> /dev/null; wait $registry 2> /dev/null || true' EXIT
for _ in $(seq 100); do
    ! curl -sf "http://127.0.0.1:$port/v2/" > /dev/null 2>&1 || break
    kill -0 $registry 2> /dev/null || fail "the registry did not start: $(cat registry.log)"
    sleep 0.1
done
copy() { skopeo --insecure-policy copy --quiet --all --preserve-digests "$@"; }

jq -r '.manifests[] | .annotations["org.opencontainers.image.ref.name"] + " " + .digest' folder/index.json > tags
expect_equal "$(wc -l < tags)" 5 # bundle, model, provenance, BOMs, and one release with both signatures
while read -r tag digest <&9; do
    expect_exit 0 copy --dest-tls-verify=false "oci:folder:$tag" "docker://127.0.0.1:$port/story:$tag"
    expect_exit 0 curl -sSf -o manifest -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
        "http://127.0.0.1:$port/v2/story/manifests/$tag"
    expect_equal "sha256:$(sha256sum < manifest | cut -d' ' -f1)" "$digest"
    expect_exit 0 copy --src-tls-verify=false "docker://127.0.0.1:$port/story:$tag" "oci:returned:$tag"
done 9< tags
jq -r '.manifests[] | .annotations["org.opencontainers.image.ref.name"] + " " + .digest' returned/index.json > returned-tags
expect_exit 0 diff <(sort tags) <(sort returned-tags)
expect_exit 0 diff -r folder/blobs returned/blobs
for key in release second; do
    expect_exit 0 sealift verify returned --key $key.pub
    expect_out TRUSTED
done
flip_bit "returned/blobs/sha256/$(sha256sum < "input-none/$weights" | cut -d' ' -f1)" 70000
expect_exit 1 sealift verify returned --key release.pub
expect_out "$weights"

# The one file is an OCI archive: skopeo reads all of its manifests, and one into a plain folder.
while read -r tag digest <&9; do
    expect_exit 0 skopeo --insecure-policy inspect --raw "oci-archive:a.sealift:$tag"
    expect_equal "sha256:$(printf %s "$out" | sha256sum | cut -d' ' -f1)" "$digest"
    expect_exit 0 copy "oci-archive:a.sealift:$tag" "dir:plain-$tag"
    expect_equal "sha256:$(sha256sum < "plain-$tag/manifest.json" | cut -d' ' -f1)" "$digest"
    expect_exit 0 copy "oci:folder:$tag" "dir:plain-folder-$tag"
    expect_exit 0 diff -r "plain-$tag" "plain-folder-$tag"
done 9< tags

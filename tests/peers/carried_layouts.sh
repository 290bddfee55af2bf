# labels: peers
# skopeo carries a bundle tag by tag, in one layout, in several, in archives; import makes the same bundle of it, or
# says which tags are missing.
. "$SOURCE/tests/cli/input.bash"
need_tool skopeo jq
make_bundle whole.sealift
make_bundle whole/
make_keys second
quietly sealift sign whole --signing-key second.key
quietly sealift sign whole.sealift --signing-key second.key
digest=$(sealift inspect whole --format json 2> /dev/null | jq -r .digest)
copy() { skopeo --insecure-policy copy --quiet --preserve-digests "$@"; }
jq -r '.manifests[].annotations["org.opencontainers.image.ref.name"]' whole/index.json > tags

# imported LAYOUT...: the very same bundle comes out, in both forms, with both signatures.
imported() {
    expect_exit 0 sealift import "$@" -o out.sealift
    expect_out "bundle    $digest"
    expect_same out.sealift whole.sealift
    expect_exit 0 sealift import "$@" -o out/
    expect_exit 0 sealift verify out --key second.pub
    rm -r out out.sealift
}

# One tag only.
expect_exit 0 copy oci:whole:bundle oci:part:bundle
expect_exit 1 sealift import part -o out.sealift
expect_out "missing   $weights, "
expect_out "missing   docs/LICENSE"
refute_out "$kernel"
expect_err "the tag 'model' was not copied"
expect_err "no signature arrived"
refute_file out.sealift
expect_exit 0 copy oci:whole:model oci:other:model
expect_exit 1 sealift import other -o out.sealift
expect_err "the tag 'bundle' has to be copied"
expect_exit 0 sealift import part other -o out.sealift
expect_out "$digest"
expect_exit 1 sealift verify out.sealift --key release.pub
expect_out SL-TRUST-UNSIGNED
rm out.sealift

# All tags: into one layout, into one each, into archives, and through one archive into a layout.
while read -r tag <&9; do
    expect_exit 0 copy "oci:whole:$tag" "oci:together:$tag"
    expect_exit 0 copy "oci:whole:$tag" "oci:each-$tag:$tag"
    expect_exit 0 copy "oci:whole:$tag" "oci-archive:$tag.tar:$tag"
    expect_exit 0 copy "oci-archive:whole.sealift:$tag" "oci:from-file:$tag"
    expect_exit 0 copy "oci:whole:$tag" "dir:plain-$tag"
done 9< tags
imported together
imported each-*
imported ./*.tar
imported from-file
imported part other attestation-*.tar
# With everything in one index, a copy is a folder form already.
expect_exit 0 sealift verify together --key release.pub
expect_exit 1 sealift import plain-* -o out.sealift
expect_err "which is no OCI image layout"
expect_err "skopeo copy dir:FOLDER oci:LAYOUT:TAG"
# docker-archive has blobs under other names.
printf 'x' > x && tar -cf docker.tar x
expect_exit 1 sealift import docker.tar -o out.sealift
expect_err "oci-archive:FILE"

# A folder that came without its siblings is mended from the bundle file.
expect_exit 0 sealift repair part --from whole.sealift -q
expect_exit 0 sealift verify part --key second.pub

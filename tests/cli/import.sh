# import: a bundle out of layouts that lost something on the way, or the names of what they lost.
. "$SOURCE/tests/cli/input.bash"
make_bundle whole.sealift
make_bundle whole/
digest=$(sealift inspect whole.sealift --format json 2> /dev/null | jq -r .digest)
blob_of() { echo "blobs/sha256/$(sha256sum < "$1" | cut -d' ' -f1)"; }
manifest_of() { jq -r --arg tag "$1" '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] | startswith($tag)).digest[7:]' whole/index.json; }
fresh() { rm -rf layout out out.sealift; cp -r whole layout; }

# Nothing is lost: a folder, a tar of one, a bundle file, with and without its index.
fresh
tar -C layout -cf layout.tar .
for form in layout layout.tar whole.sealift; do
    expect_exit 0 sealift import $form -o out.sealift
    expect_out "bundle    $digest"
    expect_out "3 signed statements arrived"
    expect_same out.sealift whole.sealift
done
expect_exit 0 sealift import layout -o out/
expect_exit 0 diff -r out whole
rm layout/index.json layout/oci-layout
expect_exit 0 sealift import layout -o out.sealift
expect_same out.sealift whole.sealift

# Manifests, document and config follow from each other as far as the document goes.
fresh
rm "layout/blobs/sha256/$(manifest_of model)" "layout/blobs/sha256/$(manifest_of bundle)" "layout/$(blob_of <(printf '{}'))"
expect_exit 0 sealift import layout -o out.sealift
expect_err "model manifest (tag model) was not there"
expect_same out.sealift whole.sealift

# Weights and a document are lost, and named.
fresh
rm "layout/$(blob_of "input-none/$weights")" "layout/$(blob_of input-none/docs/LICENSE)" "layout/blobs/sha256/$(manifest_of model)"
expect_exit 1 sealift import layout -o out.sealift
expect_out "missing   $weights, 1.2 MB, sha256:$(sha256sum < "input-none/$weights" | cut -d' ' -f1)"
expect_out "missing   docs/LICENSE, 31 B"
expect_out "NOT IMPORTED"
expect_err "the tag 'model' was not copied; it brings 2 of the missing blobs"
refute_file out.sealift
expect_exit 1 sealift import layout -o out.sealift --format json
expect_json '[.schema, .imported, .digest, .signatures] | join(" ")' "sealift.import/1 false $digest 3"
expect_json '[.missing[].what] | join(" ")' "docs/LICENSE $weights"
# What another layout has is taken from there.
mkdir -p rest/blobs/sha256
cp "whole/$(blob_of "input-none/$weights")" "whole/$(blob_of input-none/docs/LICENSE)" rest/blobs/sha256
expect_exit 0 sealift import layout rest -o out.sealift
expect_same out.sealift whole.sealift

# The document is lost: what the bundle manifest lists is all that can be said.
fresh
rm "layout/$(blob_of <(sealift cat whole.sealift sealift/bundle.json 2> /dev/null))"
expect_exit 1 sealift import layout -o out.sealift
expect_out "missing   bundle document"
expect_err "more may be missing"

# Signatures: none arrived, or one is half there.
fresh
release=$(for manifest in $(manifest_of attestation-); do
    jq -r 'select(.layers[0].digest) | .layers[0].digest[7:]' "layout/blobs/sha256/$manifest" | while read -r envelope; do
        jq -r .payload "layout/blobs/sha256/$envelope" | base64 -d | grep -q urn:sealift:release/v1 && echo "$manifest" || true
    done
done)
envelope=$(jq -r '.layers[0].digest[7:]' "layout/blobs/sha256/$release")
rm "layout/blobs/sha256/$envelope"
expect_exit 1 sealift import layout -o out.sealift
expect_out "missing   signature envelope (tag attestation-${release:0:16})"
rm "layout/blobs/sha256/$release"
expect_exit 0 sealift import layout -o out.sealift
expect_out "2 signed statements arrived"
expect_exit 1 sealift verify out.sealift --key release.pub
expect_out SL-TRUST-KEY
jq -r '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] | startswith("attestation-")).digest[7:]' \
    layout/index.json | while read -r manifest; do rm -f "layout/blobs/sha256/$manifest"; done
expect_exit 0 sealift import layout -o out.sealift
expect_err "no signature arrived: the tags attestation-... were not copied"
expect_exit 1 sealift verify out.sealift --key release.pub
expect_out SL-TRUST-UNSIGNED

# Damage in what is there.
fresh
flip_bit "layout/$(blob_of "input-none/$weights")" 70000
flip_bit "layout/$(blob_of "input-none/$kernel")" 70000
expect_exit 1 sealift import layout -o out.sealift
expect_out "SL-CONTENT-DIGEST  $weights"
expect_out "SL-CONTENT-DIGEST  $kernel"
refute_file out.sealift
expect_exit 0 sealift import layout rest whole.sealift -o out.sealift
expect_same out.sealift whole.sealift
fresh
truncate -s 100 "layout/$(blob_of "input-none/$weights")"
flip_bit "layout/$(blob_of <(sealift cat whole.sealift sealift/software.cdx.json 2> /dev/null))" 100
expect_exit 1 sealift import layout -o out.sealift
expect_out "what is there has 100 bytes"
expect_out "missing   software BOM"
head -c 400000 whole.sealift > short.sealift
expect_exit 1 sealift import short.sealift -o out.sealift
expect_out "$weights"

# Two bundles in the pool, and none that is meant.
sed -i 's/"version": *"[^"]*"/"version": "2.0.0"/' input-none/sealift.json
quietly sealift build input-none -o other/ --signing-key release.key
other=$(sealift inspect other --format json 2> /dev/null | jq -r .digest)
expect_exit 1 sealift import whole other -o out.sealift
expect_err "$digest"
expect_err "$other"
expect_err "--digest"
expect_exit 0 sealift import whole other -o out.sealift --digest "$digest"
expect_same out.sealift whole.sealift
expect_exit 1 sealift import whole -o out.sealift --digest "$other"
expect_exit 2 sealift import whole -o out.sealift --digest sha256:12
# An index that names one of them means that one.
fresh
cp other/blobs/sha256/* layout/blobs/sha256
expect_exit 0 sealift import layout -o out.sealift
expect_same out.sealift whole.sealift

# Nested in the index of an index, beside manifests of others.
fresh
inner=$(sha256sum < layout/index.json | cut -d' ' -f1)
cp layout/index.json "layout/blobs/sha256/$inner"
printf '{"schemaVersion":2,"config":{}}' > foreign
cp foreign "layout/$(blob_of foreign)"
cat > layout/index.json << END
{"schemaVersion": 2, "manifests": [
  {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": "sha256:$inner", "size": $(stat -c %s "layout/blobs/sha256/$inner")},
  {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:$(sha256sum < foreign | cut -d' ' -f1)", "size": $(stat -c %s foreign)},
  {"mediaType": "x", "digest": "sha512:0"}, 17]}
END
expect_exit 0 sealift import layout -o out.sealift
expect_err "manifests of others in these layouts were left alone: 1"
expect_same out.sealift whole.sealift
echo '{' > layout/index.json
expect_exit 0 sealift import layout -o out.sealift
expect_err "not read: layout: index.json"

# What has nothing of ours.
mkdir -p empty/blobs/sha256 plain
expect_exit 1 sealift import empty -o out.sealift
expect_err SL-FORMAT-NOT-A-BUNDLE
expect_exit 1 sealift import plain -o out.sealift
expect_err "no OCI image layout"
touch plain/manifest.json plain/version
expect_exit 1 sealift import plain -o out.sealift
expect_err "skopeo copy dir:FOLDER oci:LAYOUT:TAG"
tar -C empty -czf empty.tar.gz .
expect_exit 1 sealift import empty.tar.gz -o out.sealift
expect_exit 1 sealift import release.pub -o out.sealift
expect_exit 3 sealift import no-such -o out.sealift
expect_exit 2 sealift import whole
expect_err "--output"
expect_exit 2 sealift import whole -o release.pub

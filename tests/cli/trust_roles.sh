# Who may vouch for what: the vendor of kernels for kernels and for nothing else, and a set of things that belong
# together.
. "$SOURCE/tests/cli/trust.bash"
make_keys vendor trainers
first_policy p1 --role kernels=vendor.pub=chip-vendor --role weights=trainers.pub=lab
expect_equal "$(jq -r '[.require[] | select(.predicate == "urn:sealift:component/v1").role] | join(" ")' p1.json)" \
    "kernels weights"
pin p1
release none.sealift 1

# --- files that nobody of the role has named --------------------------------------------------------------
refused SL-TRUST-SCOPE none.sealift
expect_out "$kernel"
expect_out "$weights"
expect_equal "$(grep -c SL-TRUST-SCOPE <<< "$out")" 2
quietly sealift sign none.sealift --as kernel --signing-key vendor.key -o kernels.sealift
refused SL-TRUST-SCOPE kernels.sealift
refute_out "$kernel"
# The vendor of kernels may not vouch for weights, nor the trainers for kernels, nor the release keys for either.
quietly sealift sign kernels.sealift --as weights --signing-key vendor.key -o too-much.sealift
refused SL-TRUST-SCOPE too-much.sealift
quietly sealift sign kernels.sealift --as weights --signing-key release-1.key -o released.sealift
refused SL-TRUST-SCOPE released.sealift
quietly sealift sign none.sealift --as kernel --signing-key trainers.key -o swapped.sealift
quietly sealift sign swapped.sealift --as weights --signing-key vendor.key
refused SL-TRUST-SCOPE swapped.sealift
expect_equal "$(grep -c SL-TRUST-SCOPE <<< "$out")" 2
quietly sealift sign kernels.sealift --as weights --signing-key trainers.key -o whole.sealift
expect_exit 0 sealift-runtime verify whole.sealift --explain
expect_out "role 'kernels' vouches for its files"
installed whole.sealift

# --- a vendor's statement travels: it is about files, not about a bundle ----------------------------------
quietly sealift sign none.sealift --as kernel --signing-key vendor.key --detached vendor.jsonl
quietly sealift sign none.sealift --as weights --signing-key trainers.key --detached weights.jsonl
quietly sealift build input-1 --builder-key builder.key -o attached.sealift --attach vendor.jsonl --attach weights.jsonl
sign_by "release-1 release-2" attached.sealift
expect_exit 0 sealift-runtime verify attached.sealift
release second.sealift 2 --attach vendor.jsonl --attach weights.jsonl
expect_exit 0 sealift-runtime verify second.sealift
# Other kernels under the vendor's old statement.
cp -r input-2 input-3
sed -i 's/"release_counter": 2/"release_counter": 3/' input-3/sealift.json
echo "patched" >> "input-3/$kernel"
release patched.sealift 3 --attach vendor.jsonl --attach weights.jsonl
refused SL-TRUST-SCOPE patched.sealift
expect_out "$kernel"
refute_out "$weights:"
# The right kernel as another kind of file counts for nothing.
jq -c '.payload |= (@base64d | sub("\"kernel\""; "\"weights\"") | @base64)' vendor.jsonl > turned.jsonl
refused SL-TRUST-SCOPE none.sealift --attestations turned.jsonl --attestations weights.jsonl
expect_exit 0 sealift inspect second.sealift --format json
expect_json '[.statements[] | select(.kind == "component") | .claims.role] | sort | join(" ")' "kernel weights"
expect_json '[.statements[] | select(.kind == "component") | .about_this_bundle] | any' false

# --- a release set ----------------------------------------------------------------------------------------
rm -r site
first_policy plain
edit_policy p2 plain '.require += [{"predicate": "urn:sealift:release-set/v1", "role": "release"}]'
pin p2
refused SL-TRUST-MISSING none.sealift
expect_out "urn:sealift:release-set/v1"
file_digest() { echo "sha256:$(sha256sum < "input-1/$1" | cut -d' ' -f1)"; }
# set_of OUTPUT NAME DIGEST ...: a set, members by name.
set_of() {
    python3 - "$@" > "$1" << 'PYTHON'
import json, sys
pairs = sorted(zip(sys.argv[2::2], sys.argv[3::2]))
print(json.dumps({"set": "line-7-autumn", "counter": 1, "members": [
    {"name": name, "digest": {"sha256": digest[7:]}, "role": "bundle" if "@" in name else "driver"}
    for name, digest in pairs]}))
PYTHON
}
driver=sha256:$(echo driver | sha256sum | cut -d' ' -f1)
own=$(bundle_digest none.sealift)
# sign_set OUTPUT SET
sign_set() {
    cp none.sealift "$1"
    sign_by "release-1 release-2" "$1" --as release-set --release-set "$2"
}
set_of good.json story@0.1.0 "$own" npu-driver "$driver" "$kernel" "$(file_digest "$kernel")"
sign_set good.sealift good.json
expect_exit 0 sealift-runtime verify good.sealift
expect_exit 0 sealift inspect good.sealift
expect_out "set line-7-autumn, counter 1, 3 members"
set_of mixed.json story@0.1.0 "$own" npu-driver "$driver" "$kernel" "$driver"
sign_set mixed.sealift mixed.json
refused SL-TRUST-SET mixed.sealift
expect_out "parts of two releases were mixed"
set_of without.json npu-driver "$driver"
expect_exit 2 sealift sign none.sealift --as release-set --release-set without.json --signing-key release-1.key -o x
refute_file x
# One release key is not the role.
quietly sealift sign none.sealift --as release-set --release-set good.json --signing-key release-1.key -o half.sealift
refused SL-TRUST-THRESHOLD half.sealift
# The set of another bundle.
draft other.sealift 2
sign_by "release-1 release-2" other.sealift
quietly sealift sign none.sealift --as release-set --release-set good.json --signing-key release-1.key --detached set.jsonl
quietly sealift sign none.sealift --as release-set --release-set good.json --signing-key release-2.key --detached set.jsonl
remember_site
expect_exit 1 sealift-runtime install other.sealift --attestations set.jsonl
expect_out_like "SL-TRUST-(MISSING|SET)"
expect_site_as_it_was
installed none.sealift --attestations set.jsonl

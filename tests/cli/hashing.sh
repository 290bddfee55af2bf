# SEALIFT_SHA256: whichever code computes the digests, the verdict is the same.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift
cp a.sealift damaged.sealift
flip_bit damaged.sealift $(($(offset_of a.sealift "$weights") + 524288 + 99)) 2
cp a.sealift other.sealift
flip_bit other.sealift "$(offset_of a.sealift docs/LICENSE)"

hashed() { env SEALIFT_SHA256="$1" "${@:2}"; }

# A name that is none: the words list those that are, and nothing is computed.
for program in sealift sealift-runtime; do
    for name in nonsense EVP " evp" "evp " evp,evp ../evp 0 $'\e[31m' "$(printf 'x%.0s' {1..3000})"; do
        expect_exit 2 hashed "$name" $program verify a.sealift --key release.pub
        expect_out_is ""
        expect_err "SEALIFT_SHA256="
        refute_err $'\e'
    done
    expect_exit 2 hashed nonsense $program --version
    expect_exit 2 hashed nonsense $program verify a.sealift --key release.pub --format json
    expect_exit 2 hashed nonsense $program verify a.sealift --key release.pub
    expect_err evp
done
expect_err "there are: "
names=${err##*there are: }
IFS=', ' read -ra names <<< "${names%%$'\n'*}"
expect_equal "${names[-1]}" evp # which every processor has

# Each of them, an empty name, and none at all, which both mean the best for this machine.
# same_everywhere STATUS WORDS...: one command, and one answer from all.
same_everywhere() {
    local name
    expect_exit "$1" "${@:2}"
    local wanted=$out
    for name in "" "${names[@]}"; do
        expect_exit "$1" hashed "$name" "${@:2}"
        expect_out_is "$wanted"
        refute_err SHA256
    done
}
for program in sealift sealift-runtime; do
    same_everywhere 0 $program verify a.sealift --key release.pub
    expect_out "TRUSTED  story"
    same_everywhere 0 $program verify a.sealift --key release.pub --flat --format json -j 3
    same_everywhere 1 $program verify damaged.sealift --key release.pub --format json
    expect_json '.damaged | map("\(.path) \(.first_chunk) \(.chunks)") | join(", ")' "$weights 1 1"
    same_everywhere 1 $program verify damaged.sealift --key release.pub --flat --format json
    same_everywhere 1 $program verify other.sealift --key release.pub
    expect_out SL-CONTENT-DIGEST
    expect_out docs/LICENSE
    same_everywhere 3 $program verify a.sealift --key release.pub --sample 2 --seed 5
done

# What is written does not depend on it either, nor what goes through a pipe.
for name in "${names[@]}"; do
    expect_exit 0 hashed "$name" sealift build input-none -o "$name.sealift" --signing-key release.key
    expect_same a.sealift "$name.sealift"
    expect_exit 0 hashed "$name" sealift-runtime verify - --key release.pub < a.sealift
    expect_exit 1 hashed "$name" sealift-runtime verify - --key release.pub < damaged.sealift
    expect_out SL-CONTENT-DIGEST
done

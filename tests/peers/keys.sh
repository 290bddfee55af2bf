# labels: peers
# Keys of every type, with openssl, ssh-keygen, minisign and an SM2 of its own in JavaScript as judges: they accept
# what we sign and spell, we accept what they sign, and neither takes what is nearly right.
. "$SOURCE/tests/cli/input.bash"
need_tool openssl jq tar ssh-keygen minisign
need_npm sm2
for type in ed25519 p256 sm2; do
    quietly sealift keygen -o $type --type $type --no-passphrase
    quietly sealift keygen -o other-$type --type $type --no-passphrase
done
make_input input-none
quietly sealift init input-none --profile "$profile" --name story
quietly sealift build input-none -o unsigned.sealift
key_id() { openssl pkey -pubin -in "$1" -outform DER | sha256sum | cut -d' ' -f1; }

# unpack BUNDLE: pae and signature, by tar, jq and base64 alone
unpack() {
    local manifest envelope= type
    for manifest in $(tar -xOf "$1" index.json | jq -r '.manifests[].digest'); do
        tar -xOf "$1" "blobs/sha256/${manifest#sha256:}" > manifest.json
        if jq -e .subject manifest.json > "$STORY_CONTROL/quiet"; then envelope=$(jq -r '.layers[0].digest' manifest.json); fi
    done
    tar -xOf "$1" "blobs/sha256/${envelope#sha256:}" > envelope.json
    type=$(jq -r .payloadType envelope.json)
    jq -r .payload envelope.json | base64 -d > statement.json
    { printf 'DSSEv1 %d %s %d ' ${#type} "$type" "$(stat -c %s statement.json)"; cat statement.json; } > pae
    jq -r '.signatures[0].sig' envelope.json | base64 -d > signature
}

# openssl: what each type's signatures are to it
declare -A how=([ed25519]="" [p256]="-digest sha256" [sm2]="-digest sm3 -pkeyopt distid:1234567812345678")
openssl_verifies() { openssl pkeyutl -verify -rawin ${how[$1]} -pubin -inkey "$2" -in "$3" -sigfile "$4"; }
for type in ed25519 p256 sm2; do
    cp unsigned.sealift $type.sealift
    expect_exit 0 sealift sign $type.sealift --signing-key $type.key
    expect_exit 0 sealift verify $type.sealift --key $type.pub
    expect_exit 1 sealift verify $type.sealift --key other-$type.pub
    unpack $type.sealift
    cp pae $type.pae
    cp signature $type.signature
    expect_exit 0 openssl_verifies $type $type.pub pae signature
    expect_out "Signature Verified Successfully"
    expect_exit 1 openssl_verifies $type other-$type.pub pae signature
    flip_bit pae 300
    expect_exit 1 openssl_verifies $type $type.pub pae signature
    flip_bit signature 40
    expect_exit 1 openssl_verifies $type $type.pub $type.pae signature
done
expect_equal "$(stat -c %s p256.signature) $(stat -c %s sm2.signature)" "71 71"
# Under the empty id, which openssl takes when nobody names one, it is no signature.
expect_exit 1 openssl pkeyutl -verify -rawin -digest sm3 -pubin -inkey sm2.pub -in sm2.pae -sigfile sm2.signature

# The other way round: openssl makes the key, signs the PAE, and sealift accepts it.
openssl genpkey -algorithm ED25519 -out theirs-ed25519.key
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out theirs-p256.key
openssl genpkey -algorithm SM2 -out theirs-sm2.key
for type in ed25519 p256 sm2; do
    openssl pkey -in theirs-$type.key -pubout -out theirs-$type.pub
    expect_exit 0 sealift sign prepare unsigned.sealift --key theirs-$type.pub -o paper-$type
    id=$(key_id theirs-$type.pub)
    expect_exit 0 openssl pkeyutl -sign -rawin ${how[$type]} -inkey theirs-$type.key -in paper-$type/$id.pae -out paper-$type/$id.sig
    expect_exit 0 sealift sign attach unsigned.sealift paper-$type/$id.sig -o theirs-$type.sealift
    expect_exit 0 sealift verify theirs-$type.sealift --key theirs-$type.pub
    expect_exit 1 sealift verify theirs-$type.sealift --key other-$type.pub
    # And in one step, with the key that openssl made.
    expect_exit 0 sealift sign unsigned.sealift -o one-step.sealift --signing-key theirs-$type.key
    expect_exit 0 sealift verify one-step.sealift --key theirs-$type.pub
done
# SM2 under the empty id, and P-256 over another digest, are no signatures here.
id=$(key_id theirs-sm2.pub)
openssl pkeyutl -sign -rawin -digest sm3 -inkey theirs-sm2.key -in paper-sm2/$id.pae -out paper-sm2/$id.sig
expect_exit 0 openssl pkeyutl -verify -rawin -digest sm3 -pubin -inkey theirs-sm2.pub -in paper-sm2/$id.pae -sigfile paper-sm2/$id.sig
expect_exit 1 sealift sign attach unsigned.sealift paper-sm2/$id.sig -o no.sealift
id=$(key_id theirs-p256.pub)
openssl pkeyutl -sign -rawin -digest sha384 -inkey theirs-p256.key -in paper-p256/$id.pae -out paper-p256/$id.sig
expect_exit 1 sealift sign attach unsigned.sealift paper-p256/$id.sig -o no.sealift
refute_file no.sealift

# --- sm-crypto ---------------------------------------------------------------------------------------------------
sm2() { node "$npm/sm2.mjs" "$@"; }
point_of() { openssl pkey -pubin -in "$1" -outform DER | tail -c 65 | od -An -v -tx1 | tr -d ' \n'; }
point_of sm2.pub > sm2.point
point_of other-sm2.pub > other.point
expect_exit 0 sm2 verify sm2.point sm2.pae sm2.signature
expect_exit 0 sm2 verify sm2.point sm2.pae sm2.signature 1234567812345678
expect_exit 1 sm2 verify sm2.point sm2.pae sm2.signature ALICE123@YAHOO.COM
expect_exit 1 sm2 verify other.point sm2.pae sm2.signature
expect_exit 1 sm2 verify sm2.point sm2.pae signature
flip_bit sm2.pae 300
expect_exit 1 sm2 verify sm2.point sm2.pae sm2.signature
# Its own key signs for us.
sm2 key node.hex > node.point
{ printf '\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d\x03\x42\x00'
    python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(open("node.point").read()))'; } > node.der
openssl pkey -pubin -inform DER -in node.der -out node.pub
expect_exit 0 sealift sign prepare unsigned.sealift --key node.pub -o paper-node
id=$(key_id node.pub)
node_signs() { sm2 sign node.hex paper-node/$id.pae "$1" | python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' > paper-node/$id.sig; }
node_signs 1234567812345678
expect_exit 0 sealift sign attach unsigned.sealift paper-node/$id.sig -o node.sealift
expect_exit 0 sealift verify node.sealift --key node.pub
node_signs ALICE123@YAHOO.COM
expect_exit 1 sealift sign attach unsigned.sealift paper-node/$id.sig -o no.sealift
refute_file no.sealift

# --- ssh-keygen --------------------------------------------------------------------------------------------------
for type in ed25519 p256; do
    expect_exit 0 sealift key convert $type.pub --to openssh --comment "line 7" -o $type.ssh
    expect_exit 0 ssh-keygen -l -f $type.ssh
    expect_out "SHA256:$(cut -d' ' -f2 $type.ssh | base64 -d | openssl dgst -sha256 -binary | base64 | tr -d =)"
    expect_out "line 7"
done
expect_exit 0 ssh-keygen -e -m PKCS8 -f p256.ssh
expect_out_is "$(cat p256.pub)"
for type in ed25519 "ecdsa -b 256"; do
    rm -f theirs theirs.pub
    ssh-keygen -q -t $type -N '' -C 'a comment' -f theirs
    expect_exit 0 sealift key show theirs.pub --format json
    expect_json .form openssh
    expect_json .spellings.openssh "$(cut -d' ' -f1,2 theirs.pub)"
    expect_exit 0 sealift key convert theirs.pub --to pem -o back.pem
    expect_exit 0 openssl pkey -pubin -in back.pem -noout
    expect_exit 0 sealift key convert back.pem --to openssh --comment "a comment"
    expect_out_is "$(cat theirs.pub)"
    rm back.pem
    # OpenSSH's own secret keys are not read.
    expect_exit 3 sealift key show theirs
    expect_err "hint: "
done

# --- minisign ----------------------------------------------------------------------------------------------------
quietly minisign -G -W -p mini.pub -s mini.key
echo "what was signed" > text
quietly minisign -S -s mini.key -m text
expect_exit 0 sealift key convert mini.pub --to minisign
expect_out_is "$(cat mini.pub)"
number=$(sed -n 's/.*public key //p' mini.pub)
expect_exit 0 sealift key convert mini.pub --to pem -o mini.pem
expect_exit 0 sealift key convert mini.pem --to minisign --key-number "$number" -o back.pub
expect_same back.pub mini.pub
expect_exit 0 minisign -V -p back.pub -m text
# Without the number minisign sees another key, and says so.
expect_exit 0 sealift key convert mini.pem --to minisign -o unnumbered.pub
expect_exit 1 minisign -V -p unnumbered.pub -m text
expect_err_like "[kK]ey"
expect_exit 0 sealift key show mini.pub --format json
expect_json .form minisign
# A signature by our key under the number that we give it, put together from openssl's.
expect_exit 0 sealift key convert ed25519.pub --to minisign -o ours.pub
python3 - << 'PYTHON'
import base64, hashlib, subprocess
def sign(data):
    open("to-sign", "wb").write(data)
    return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", "ed25519.key", "-in", "to-sign"],
                          check=True, capture_output=True).stdout
number = base64.b64decode(open("ours.pub").read().split("\n")[1])[2:10]
signature = sign(open("text", "rb").read())
comment = b"by our key"
with open("text.minisig", "w") as file:
    file.write("untrusted comment: x\n" + base64.b64encode(b"Ed" + number + signature).decode() + "\n")
    file.write("trusted comment: by our key\n" + base64.b64encode(sign(signature + comment)).decode() + "\n")
PYTHON
expect_exit 0 minisign -V -p ours.pub -m text
expect_out "by our key"
expect_exit 1 minisign -V -p mini.pub -m text
echo "something else" > text
expect_exit 1 minisign -V -p ours.pub -m text

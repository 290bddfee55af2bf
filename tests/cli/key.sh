# key: what a key is, how other tools spell it, and the same key behind another passphrase.
need_tool openssl jq
echo "correct horse battery staple" > passphrase
echo "another one" > new
for type in ed25519 p256 sm2; do
    sealift keygen -o $type --type $type --passphrase-file passphrase > "$STORY_CONTROL/quiet"
    sealift keygen -o plain-$type --type $type --no-passphrase > "$STORY_CONTROL/quiet" 2>&1
done
key_id() { openssl pkey -pubin -in "$1" -outform DER | sha256sum | cut -d' ' -f1; }
# Nothing that a command says holds what stands in a secret key file, nor a passphrase.
refute_secrets() {
    local line file
    for file in plain-*.key; do
        while read -r line; do
            refute_out "$line"
            refute_err "$line"
        done < <(grep -v -e ----- "$file")
    done
    refute_out "correct horse"
    refute_err "correct horse"
    refute_out "another one"
    refute_err "another one"
}

# --- show --------------------------------------------------------------------------------------------------
for type in ed25519 p256 sm2; do
    id=$(key_id $type.pub)
    expect_exit 0 sealift key show $type.pub
    expect_out_like "^key id +$id\$"
    expect_out_like "^read aloud +$(sed -E 's/.{8}/& /g; s/ $//' <<< "$id")\$"
    expect_out "$(cat $type.pub)"
    expect_out "pem, public"
    expect_exit 0 sealift key show $type.key --passphrase-file passphrase
    expect_out "$id"
    expect_out "pem, secret, encrypted"
    refute_secrets
    expect_exit 0 sealift key show plain-$type.key --format json
    expect_json .schema sealift.key/1
    expect_json .key_id "$(key_id plain-$type.pub)"
    expect_json .secret true
    expect_json .encrypted false
    expect_json .spellings.pem "$(cat plain-$type.pub)"
    refute_secrets
done
expect_json .type sm2-sm3
expect_json .sm2_id 1234567812345678
expect_json '[.spellings.minisign, .spellings.openssh, .spellings.vkey] | map(. == null) | all' true
expect_exit 0 sealift key show ed25519.pub --format json
expect_json .spellings.vkey null
expect_json .sm2_id null
expect_exit 0 sealift key show ed25519.pub --format json --name example.org/line-7
expect_json '.spellings.vkey | startswith("example.org/line-7+")' true
expect_exit 0 sealift key show p256.pub --format json --name example.org/line-7
expect_json .spellings.vkey null
expect_json '.spellings.openssh | startswith("ecdsa-sha2-nistp256 ")' true
expect_exit 2 sealift key show ed25519.pub --name "a b"

# --- convert, and back ---------------------------------------------------------------------------------------
convert() { sealift key convert "$@"; }
expect_exit 0 convert ed25519.pub --to minisign -o minisign.pub
expect_exit 0 convert ed25519.pub --to openssh --comment "line 7" -o ssh.pub
expect_exit 0 convert ed25519.pub --to vkey --name example.org/line-7 -o vkey
expect_exit 0 convert ed25519.pub --to der -o ed25519.der
expect_same ed25519.der <(openssl pkey -pubin -in ed25519.pub -outform DER)
expect_equal "$(stat -c %a minisign.pub)" 644
for file in minisign.pub ssh.pub vkey; do
    expect_exit 0 convert $file --to pem
    expect_out_is "$(cat ed25519.pub)"
    expect_exit 0 sealift key show $file --format json
    expect_json .key_id "$(key_id ed25519.pub)"
    expect_json .secret false
done
expect_json .form vkey
expect_json .spellings.vkey "$(cat vkey)"
expect_exit 0 convert vkey --to vkey
expect_out_is "$(cat vkey)"
expect_exit 0 convert p256.pub --to openssh -o p256-ssh.pub
expect_exit 0 convert p256-ssh.pub --to pem
expect_out_is "$(cat p256.pub)"
expect_exit 0 convert <(cat p256.pub) --to pem
expect_out_is "$(cat p256.pub)"
# The number of a minisign key stays with it.
expect_exit 0 convert ed25519.pub --to minisign --key-number 6be2048c291fe6e7 -o numbered.pub
expect_exit 0 convert numbered.pub --to minisign
expect_out "6BE2048C291FE6E7"
expect_out_is "$(cat numbered.pub)"
refute_same numbered.pub minisign.pub
# Of a secret key, its public half, and it says so.
expect_exit 0 convert plain-ed25519.key --to pem
expect_out_is "$(cat plain-ed25519.pub)"
expect_err "only its public half"
refute_secrets
expect_exit 0 convert sm2.key --to pem --passphrase-file - < passphrase
expect_out_is "$(cat sm2.pub)"
refute_secrets

# --- what has no such form, and what is no key -----------------------------------------------------------------
for pair in "p256 minisign" "p256 vkey" "sm2 minisign" "sm2 vkey" "sm2 openssh"; do
    read -r type form <<< "$pair"
    name=()
    [ $form != vkey ] || name=(--name a)
    expect_exit 1 convert $type.pub --to $form "${name[@]}" -o no
    expect_err "no keys of type"
    expect_err "hint: --to pem"
done
expect_exit 2 convert ed25519.pub --to vkey -o no
expect_err "hint: give --name"
expect_exit 2 convert ed25519.pub --to vkey --name "a+b" -o no
expect_exit 2 convert ed25519.pub --to pem --name a -o no
expect_exit 2 convert ed25519.pub --to minisign --comment a -o no
expect_exit 2 convert ed25519.pub --to openssh --key-number 6be2048c291fe6e7 -o no
expect_exit 2 convert ed25519.pub --to minisign --key-number 6be2048c291fe6e70 -o no
expect_exit 2 convert ed25519.pub --to openssh --comment $'a\nssh-rsa AAAA' -o no
expect_exit 2 convert ed25519.pub --to pkcs1 -o no
expect_exit 2 convert ed25519.pub -o no
refute_file no
expect_exit 2 convert p256.pub --to pem -o ed25519.pub
expect_err ed25519.pub
printf 'untrusted comment: \033[2J\n%s\n' "$(tail -n 1 minisign.pub)" > hostile
printf 'ssh-\033[2J AAAA\n' > hostile-type
echo hello > text
: > empty
sed 's/7+/8+/' vkey > other-name
cat minisign.pub minisign.pub > twice
head -c 70000 /dev/zero > large
for file in hostile hostile-type text empty other-name twice large no-such-file .; do
    expect_exit 3 sealift key show $file
    refute_err $'\033'
    expect_out_is ""
done
chmod 644 plain-sm2.key
expect_exit 3 sealift key show plain-sm2.key
expect_err "chmod 600"
chmod 600 plain-sm2.key
expect_exit 3 sealift key show p256.key
expect_err "--passphrase-file"
expect_exit 3 sealift key show p256.key --passphrase-file new
expect_err "wrong passphrase"
expect_exit 2 sealift key
expect_exit 2 sealift key show
expect_exit 2 sealift key list

# --- change-passphrase -----------------------------------------------------------------------------------------
change() { sealift key change-passphrase "$@"; }
opens_with() { openssl pkey -in "$1" -passin "file:$2" -pubout; }
for type in ed25519 p256 sm2; do
    expect_exit 0 change $type.key --passphrase-file passphrase --new-passphrase-file new
    expect_out "$(key_id $type.pub)"
    refute_secrets
    expect_equal "$(stat -c %a $type.key)" 600
    expect_exit 0 opens_with $type.key new
    expect_out_is "$(cat $type.pub)"
    expect_exit 1 opens_with $type.key passphrase
    # To none, and back; umask or not.
    expect_exit 0 change $type.key --passphrase-file - --no-passphrase --format json < new
    expect_err "not encrypted"
    expect_json .encrypted false
    expect_json .schema sealift.key-passphrase/1
    refute_secrets
    expect_exit 0 openssl pkey -in $type.key -pubout
    expect_out_is "$(cat $type.pub)"
    expect_equal "$(stat -c %a $type.key)" 600
    expect_exit 0 change $type.key --new-passphrase-file passphrase
    expect_exit 0 opens_with $type.key passphrase
    expect_out_is "$(cat $type.pub)"
done

# Whatever goes wrong, the file stays as it was, and nothing lies beside it.
cp p256.key before
stays() { # stays STATUS WORDS OPTIONS...
    local wanted=$1 words=$2
    shift 2
    expect_exit "$wanted" change "$@"
    expect_err "$words"
    expect_same p256.key before
    expect_equal "$(stat -c %a p256.key)" 600
    refute_secrets
}
printf 'a\tb\n' > control
ln -s p256.key link.key
stays 3 "wrong passphrase" p256.key --passphrase-file new --new-passphrase-file passphrase
stays 3 "wrong passphrase" p256.key --passphrase-file new --no-passphrase
stays 3 "passphrase is empty" p256.key --passphrase-file passphrase --new-passphrase-file empty
stays 3 "control characters" p256.key --passphrase-file passphrase --new-passphrase-file control
stays 3 no-such-file p256.key --passphrase-file passphrase --new-passphrase-file no-such-file
stays 3 --new-passphrase-file p256.key --passphrase-file passphrase
stays 2 "both passphrases" p256.key --passphrase-file - --new-passphrase-file - < passphrase
stays 2 --no-passphrase p256.key --passphrase-file passphrase --new-passphrase-file new --no-passphrase
stays 2 link.key link.key --passphrase-file passphrase --new-passphrase-file new
stays 3 "public key" p256.pub --new-passphrase-file new
stays 3 no-such.key no-such.key --new-passphrase-file new
# The variable names the old passphrase and never the new one.
export SEALIFT_PASSPHRASE_FILE=passphrase
stays 3 --new-passphrase-file p256.key
expect_exit 0 change p256.key --new-passphrase-file new
expect_exit 0 opens_with p256.key new
unset SEALIFT_PASSPHRASE_FILE
chmod 640 p256.key
expect_exit 3 change p256.key --passphrase-file new --new-passphrase-file passphrase
expect_err "chmod 600"
expect_equal "$(find . -name '.*sealift*')" ""

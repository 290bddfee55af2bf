# sign prepare, show, attach: keys that are somewhere else sign exactly the bytes that were prepared for them, and
# what comes back is believed only as far as it can be checked.
. "$SOURCE/tests/cli/input.bash"
need_tool openssl jq
make_bundle a.sealift
make_keys alice bob carol
quietly sealift build input-none -o unsigned.sealift
key_id() { openssl pkey -pubin -in "$1" -outform DER | sha256sum | cut -d' ' -f1; }
alice=$(key_id alice.pub) bob=$(key_id bob.pub) carol=$(key_id carol.pub)
# The machine that signs has openssl and nothing of ours.
sign() { openssl pkeyutl -sign -rawin -inkey "$1" -in "$2" -out "$3"; }

# --- The good way.
expect_exit 0 sealift sign prepare unsigned.sealift --key alice.pub --key bob.pub -o paper \
    --security-epoch 3 --expires 2031-01-01
expect_out "PREPARED  paper"
expect_out "$(sha256sum < paper/"$alice".pae | cut -d' ' -f1)"
for name in "$alice" "$bob"; do
    expect_file paper/"$name".pae
    expect_same paper/"$name".pub "$([ "$name" = "$alice" ] && echo alice.pub || echo bob.pub)"
done
refute_file paper/"$carol".pae
expect_exit 0 cat paper/summary.txt
expect_out_like '^product +story$'
expect_out_like '^security epoch +3$'
expect_out_like '^expires +2031-01-01T00:00:00Z$'
expect_out "$(sealift inspect unsigned.sealift --format json 2> "$STORY_CONTROL/quiet" | jq -r .digest)"
(cd paper && sed '1,/^SHA256SUMS$/d' summary.txt > "$STORY_CONTROL/sums" && sha256sum --quiet -c "$STORY_CONTROL/sums")

expect_exit 0 sealift sign show paper/"$alice".pae
expect_out_like '^product +story$'
expect_out "sha256:$(sha256sum < paper/"$alice".pae | cut -d' ' -f1)"
expect_exit 0 sealift sign show paper/"$alice".pae --format json
expect_json .kind release
expect_json .payload.predicate.security_epoch 3
expect_json '.says[] | select(.name == "version").value' "$(jq -r .payload.predicate.version <<< "$out")"

sign alice.key paper/"$alice".pae paper/"$alice".sig
sign bob.key paper/"$bob".pae paper/"$bob".sig
cp unsigned.sealift b.sealift
expect_exit 0 sealift sign attach b.sealift paper/"$alice".sig paper/"$bob".sig
expect_out "signed by $alice"
expect_exit 0 sealift verify b.sealift --key alice.pub
expect_exit 0 sealift verify b.sealift --key bob.pub
expect_exit 1 sealift verify b.sealift --key carol.pub
# Ed25519 has one signature: the same bundle comes out when the keys are here.
expect_exit 0 sealift sign unsigned.sealift -o c.sealift --signing-key alice.key --security-epoch 3 --expires 2031-01-01
expect_exit 0 sealift sign c.sealift --signing-key bob.key
expect_same b.sealift c.sealift
# One after the other gives the same as both at once, from another folder, in base64, and again.
cp unsigned.sealift d.sealift
mkdir back
base64 < paper/"$alice".sig > back/"$alice".sig
base64 -w 0 < paper/"$bob".sig | tr '+/' '-_' > back/"$bob".sig
expect_exit 0 sealift sign attach d.sealift back/"$bob".sig --prepared paper
expect_exit 0 sealift sign attach d.sealift back/"$alice".sig --prepared paper --key alice.pub -o e.sealift
expect_same e.sealift b.sealift
expect_exit 0 sealift sign attach e.sealift paper/"$alice".sig --format json
expect_json '.signed_by[0]' "$alice"
expect_same e.sealift b.sealift
# A bundle that is signed already: its statement is signed once more, and its signature stays.
expect_exit 0 sealift sign prepare a.sealift --key carol.pub -o third
sign carol.key third/"$carol".pae third/"$carol".sig
expect_exit 0 sealift sign attach a.sealift third/"$carol".sig
expect_exit 0 sealift verify a.sealift --key release.pub
expect_exit 0 sealift verify a.sealift --key carol.pub
# Another claim than the release.
expect_exit 0 sealift sign prepare b.sealift --key carol.pub --as weights -o weights
expect_exit 0 sealift sign show weights/"$carol".pae
expect_out_like '^role +weights$'
sign carol.key weights/"$carol".pae weights/"$carol".sig
expect_exit 0 sealift sign attach b.sealift weights/"$carol".sig -o f.sealift
expect_exit 0 sealift verify f.sealift --key alice.pub
# The statements of a builder are two.
expect_exit 0 sealift sign prepare a.sealift --key carol.pub --as builder -o builder
expect_file builder/"$carol"-2.pae
sign carol.key builder/"$carol".pae builder/"$carol".sig
sign carol.key builder/"$carol"-2.pae builder/"$carol"-2.sig
expect_exit 0 sealift sign attach a.sealift builder/"$carol".sig builder/"$carol"-2.sig -o g.sealift
expect_exit 0 sealift verify g.sealift --key release.pub

# The rehearsal changes nothing, and nobody can sign with what is left of it.
cp unsigned.sealift before.sealift
expect_exit 0 sealift sign prepare unsigned.sealift --rehearse 3 -o rehearsal
expect_out REHEARSED
expect_same unsigned.sealift before.sealift
expect_equal "$(find rehearsal -name '*.sig' | wc -l)" 3
expect_equal "$(find rehearsal -name '*.key' | wc -l)" 0

# The machine that signs may have Sealift: the same bytes come out.
mkdir one
cp paper/"$alice".pae one/
heard=sha256:$(sha256sum < one/"$alice".pae | cut -d' ' -f1)
expect_exit 1 sealift sign bytes one/"$alice".pae --signing-key alice.key --digest "${heard%?}g"
expect_err "another one was given"
expect_exit 2 sealift sign bytes one/"$alice".pae --signing-key bob.key --digest "$heard"
expect_err "was not prepared for key"
refute_file one/"$alice".sig
expect_exit 0 sealift sign bytes one/"$alice".pae --signing-key alice.key --digest "$heard"
expect_out_like '^product +story$'
expect_same one/"$alice".sig paper/"$alice".sig
expect_exit 2 sealift sign bytes one/"$alice".pae --signing-key alice.key # it is there

# Options of sign itself still say what is wrong with them.
expect_exit 2 sealift sign unsigned.sealift --signing-key alice.key --as nonsense
expect_err nonsense
expect_exit 2 sealift sign prepar unsigned.sealift --key alice.pub
expect_exit 2 sealift sign prepare
expect_err "bundle is required"

# --- What prepare refuses.
expect_exit 2 sealift sign prepare unsigned.sealift -o none
expect_exit 2 sealift sign prepare unsigned.sealift --key alice.pub --rehearse 2 -o none
expect_exit 2 sealift sign prepare unsigned.sealift --key alice.pub --key alice.pub -o none
expect_exit 2 sealift sign prepare unsigned.sealift --key alice.pub -o paper
expect_err "not an empty folder"
expect_exit 3 sealift sign prepare unsigned.sealift --key alice.key -o none
expect_exit 1 sealift sign prepare b.sealift --key carol.pub --security-epoch 4 -o none
expect_err "on other terms"
refute_file none
cp unsigned.sealift damaged.sealift
flip_bit damaged.sealift "$(offset_of damaged.sealift "$weights")"
expect_exit 1 sealift sign prepare damaged.sealift --key alice.pub -o none
expect_err SL-CONTENT-DIGEST
refute_file none

# --- What show refuses.
pae=paper/$alice.pae
show() { expect_exit 1 sealift sign show "$1"; expect_err "hint: do not sign it"; }
cp "$pae" odd.pae && echo >> odd.pae && show odd.pae
expect_err SL-TRUST-ENVELOPE
head -c -1 "$pae" > odd.pae && show odd.pae
sed '1s/DSSEv1/DSSEv2/' "$pae" > odd.pae && show odd.pae
sed '1s/ 28 / 028 /' "$pae" > odd.pae && show odd.pae
printf 'DSSEv1 28 application/vnd.in-toto+jsom %s' "$(cut -d' ' -f4- "$pae")" > odd.pae && show odd.pae
expect_err SL-TRUST-STATEMENT
tail -c +30 "$pae" > odd.pae && show odd.pae
# A statement that says more than a summary of it would.
wrap() { printf 'DSSEv1 28 application/vnd.in-toto+json %s %s' "$(wc -c < "$1" | tr -d ' ')" "$(cat "$1")"; }
payload() { cut -d' ' -f5- "$1" | tr -d '\n'; }
payload "$pae" > plain.json
wrap plain.json > same.pae
expect_same same.pae "$pae"
jq -cj '. + {"hidden": "members that in-toto readers skip"}' plain.json > more.json
wrap more.json > odd.pae && show odd.pae
expect_err "cannot show"
jq -cj '.predicate += {"hidden": 1}' plain.json > more.json && wrap more.json > odd.pae && show odd.pae
jq -j . plain.json > more.json && wrap more.json > odd.pae && show odd.pae
sed 's/"story"/"story","product":"other"/' plain.json > more.json && wrap more.json > odd.pae && show odd.pae
# One of another tool is shown whole, whatever is in it.
jq -cj '.predicateType = "https://example.com/x" | .predicate = {"text": "\u001b[2J"}' plain.json > more.json
wrap more.json > odd.pae
expect_exit 0 sealift sign show odd.pae
expect_out 'https://example.com/x'
expect_out '[2J"'
refute_out $'\e'

# --- What attach refuses: nothing of it changes the bundle.
cp unsigned.sealift h.sealift
refuse() { # refuse STATUS SIGNATURE... : with the words in $said
    local wanted=$1
    shift
    expect_exit "$wanted" sealift sign attach h.sealift "$@"
    expect_err "$said"
    expect_same h.sealift unsigned.sealift
}
copy() { rm -rf odd && cp -r paper odd; }

copy; mv odd/"$alice".sig odd/x; mv odd/"$bob".sig odd/"$alice".sig; mv odd/x odd/"$bob".sig
said="it is by key $bob" refuse 1 odd/"$alice".sig odd/"$bob".sig
copy; sign carol.key odd/"$alice".pae odd/"$alice".sig
said=SL-TRUST-SIGNATURE refuse 1 odd/"$alice".sig
copy; flip_bit odd/"$alice".sig 40
said=SL-TRUST-SIGNATURE refuse 1 odd/"$bob".sig odd/"$alice".sig # the good one is not taken either
copy; flip_bit odd/"$alice".pae 200
said=SL-TRUST-SIGNATURE refuse 1 odd/"$alice".sig
copy; echo >> odd/"$alice".pae; sign alice.key odd/"$alice".pae odd/"$alice".sig
said=SL-TRUST-ENVELOPE refuse 1 odd/"$alice".sig
# Signed, but not what this bundle says: another counter, more members, another type, another bundle.
other() { sign alice.key odd/"$alice".pae odd/"$alice".sig; }
copy; sed 's/"release_counter":[0-9]*/"release_counter":99/' plain.json > more.json; wrap more.json > odd/"$alice".pae; other
said=SL-TRUST-STATEMENT refuse 1 odd/"$alice".sig
copy; jq -cj '. + {"hidden": 1}' plain.json > more.json; wrap more.json > odd/"$alice".pae; other
said=SL-TRUST-STATEMENT refuse 1 odd/"$alice".sig
copy; sed 's/vnd.in-toto/xnd.in-toto/' paper/"$alice".pae > odd/"$alice".pae; other
said=SL-TRUST-STATEMENT refuse 1 odd/"$alice".sig
echo "other words" > input-none/docs/LICENSE
quietly sealift build input-none -o other.sealift
expect_exit 0 sealift sign prepare other.sealift --key alice.pub -o other
sign alice.key other/"$alice".pae other/"$alice".sig
said=SL-TRUST-STATEMENT refuse 1 other/"$alice".sig
copy; cp other/"$alice".sig odd/
said=SL-TRUST-SIGNATURE refuse 1 odd/"$alice".sig
expect_exit 1 sealift sign attach other.sealift paper/"$alice".sig # a bundle that was altered since
expect_err SL-TRUST-STATEMENT
cp damaged.sealift damaged-before.sealift
expect_exit 1 sealift sign attach damaged.sealift paper/"$alice".sig
expect_err SL-CONTENT-DIGEST
expect_same damaged.sealift damaged-before.sealift
# A bundle that meanwhile got another release statement keeps it.
sealift sign unsigned.sealift -o i.sealift --signing-key carol.key --security-epoch 1 > "$STORY_CONTROL/quiet"
cp i.sealift i-before.sealift
expect_exit 1 sealift sign attach i.sealift paper/"$alice".sig
expect_same i.sealift i-before.sealift
# Who was not asked.
copy; sign carol.key odd/"$alice".pae odd/"$carol".sig; cp odd/"$alice".pae odd/"$carol".pae
said="was not asked to sign" refuse 3 odd/"$carol".sig
said="was not asked to sign" refuse 3 paper/"$alice".sig --key bob.pub
copy; cp carol.pub odd/"$alice".pub; sign carol.key odd/"$alice".pae odd/"$alice".sig
said="another key than its name says" refuse 1 odd/"$alice".sig
# The same twice, no signature, names that are no key.
said="signed this statement already" refuse 2 paper/"$alice".sig paper/"$bob".sig paper/"$alice".sig
copy; : > odd/"$alice".sig
said=SL-TRUST-SIGNATURE refuse 1 odd/"$alice".sig
copy; head -c 5000 /dev/zero > odd/"$alice".sig
said=SL-FORMAT-LIMIT refuse 1 odd/"$alice".sig
copy; rm odd/"$alice".pae
said="$alice.pae" refuse 3 odd/"$alice".sig
said="not named after a key" refuse 2 paper/"$alice".pae
cp paper/"$alice".sig alice.sig
said="not named after a key" refuse 2 alice.sig
said="signatures" refuse 2

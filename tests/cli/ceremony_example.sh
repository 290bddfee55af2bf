# timeout: 600
# The example of a key ceremony runs as it stands, and its offline machines refuse what they should.
need_tool openssl jq pkcs11-tool softhsm2-util
[ -e /usr/lib/softhsm/libsofthsm2.so ] || not_here_ "SoftHSM2 is not installed" "${SEALIFT_TOOLS_REQUIRED:-}"
ceremony=$SOURCE/examples/ceremony
expect_exit 0 "$ceremony/run" --work "$DIR/work"
expect_out "== Done"
expect_out SL-TRUST-THRESHOLD # with one signature of two
refute_err "error: there"
expect_exit 2 "$ceremony/run" --unknown

paper=$DIR/work/build/paper
openssl pkey -pubin -in work/alice/alice.pub -outform DER > alice.der
alice=$(sha256sum < alice.der | cut -d' ' -f1)
openssl pkey -pubin -in work/carol/carol.pub -outform DER > carol.der
carol=$(sha256sum < carol.der | cut -d' ' -f1)
digest=$(sha256sum < "$paper/$alice.pae" | cut -d' ' -f1)
# No secret key is outside of its machine.
expect_exit 1 grep -rlE "PRIVATE KEY" work/build
expect_equal "$(stat -c %a work/alice/alice.key)" 600
# Stock tools find the signatures good, with nothing of ours.
expect_exit 0 openssl pkeyutl -verify -rawin -pubin -inkey work/carol/carol.pub -in "$paper/$carol.pae" -sigfile "$paper/$carol.sig"

refuse() { # refuse SCRIPT NAME FOLDER DIGEST
    expect_exit 1 env PASSPHRASE_FILE=passphrase PIN_FILE=pin "$ceremony/$1" sign "$2" "$3" "$4"
    expect_err REFUSED
    expect_equal "$(find "$3" -name '*.sig')" ""
}
for machine in openssl:alice softhsm:carol; do
    name=${machine#*:} script=offline-${machine%:*}
    cd "$DIR/work/$name"
    rm -rf odd && cp -r "$paper" odd && rm odd/*.sig
    refuse "$script" "$name" odd "${digest%?}0x"
    refuse "$script" "$name" odd "$(printf 'x' | sha256sum | cut -d' ' -f1)"
    [ "$name" = alice ] && id=$alice || id=$carol
    cp odd/"$id".pae good.pae
    flip_bit odd/"$id".pae 200
    refuse "$script" "$name" odd "$digest"
    # The digest was read to somebody by the one who changed the bytes, but the summary was not changed along.
    refuse "$script" "$name" odd "$(sha256sum < odd/"$id".pae | cut -d' ' -f1)"
    rm odd/"$id".pae
    refuse "$script" "$name" odd "$digest"
    expect_exit 2 "$ceremony/$script" sign "$name" odd
    cp good.pae odd/"$id".pae
    expect_exit 0 env PASSPHRASE_FILE=passphrase PIN_FILE=pin "$ceremony/$script" sign "$name" odd "$digest"
    expect_same odd/"$id".sig "$paper/$id".sig # Ed25519: whoever signs, the same bytes
done

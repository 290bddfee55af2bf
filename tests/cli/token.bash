# Tokens for stories: SoftHSM2 with all it keeps inside the story's folder, and keys that pkcs11-tool makes in it.
need_tool softhsm2-util pkcs11-tool openssl

# Debian keeps the module here on every architecture.
token_module=/usr/lib/softhsm/libsofthsm2.so
[ -e "$token_module" ] || not_here_ "$token_module is not installed" "${SEALIFT_TOOLS_REQUIRED:-}"
mkdir -p tokens
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$DIR/tokens" > softhsm2.conf
export SOFTHSM2_CONF=$DIR/softhsm2.conf

# make_token LABEL PIN
make_token() { quietly softhsm2-util --init-token --free --label "$1" --so-pin 87654321 --pin "$2"; }

# token_tool LABEL PIN OPTION...
token_tool() {
    local label=$1 pin=$2
    shift 2
    pkcs11-tool --module "$token_module" --token-label "$label" --login --pin "$pin" "$@"
}

# make_token_key LABEL PIN NAME ID TYPE [OPTION...]
make_token_key() {
    local label=$1 pin=$2 name=$3 id=$4 type=$5
    shift 5
    quietly token_tool "$label" "$pin" --keypairgen --key-type "$type" --label "$name" --id "$id" "$@"
}

# token_public_key LABEL PIN ID FILE: as PEM.
token_public_key() {
    quietly token_tool "$1" "$2" --read-object --type pubkey --id "$3" --output-file "$4.read"
    quietly openssl pkey -pubin -in "$4.read" -pubout -out "$4"
    rm "$4.read"
}

# SoftHSM 2.6.1 loses 37 bytes whenever it takes the parameters of an Ed25519 key apart, whoever loads it:
#     valgrind --keep-debuginfo=yes --leak-check=full pkcs11-tool --module $token_module --sign --mechanism EDDSA ...
# shows C_SignInit of libsofthsm2.so above the lost block. A build with AddressSanitizer overlooks what that one module
# loses, and finds it by full unwinding, for libcrypto, which allocates, has no frame pointers. All else is still found.
export LSAN_OPTIONS=suppressions=$SOURCE/tests/support/softhsm_leaks.supp:fast_unwind_on_malloc=0:print_suppressions=0

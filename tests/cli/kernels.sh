# Kernels for the wrong chip are refused at build: by their bytes where these say it, by what the recipe declares
# where only a declaration does, and where bytes, declaration and folder contradict each other.
. "$SOURCE/tests/cli/input.bash"
. "$SOURCE/tests/cli/elf.bash"
need_tool jq python3 g++
make_input input
rm "input/$kernel" input/engine/launch.json
make_keys release
refused() { expect_exit 1 sealift build "$1" -o refused.sealift --signing-key release.key; }

# A cubin says sm_90 itself: it is built for an H100, and shown as what its bytes say.
cp -r input gpu
elf gpu/kernels/gemm.cubin 190 0x06005a04 8
quietly sealift init gpu --profile nvidia-h100 --name story
expect_exit 0 sealift build gpu -o gpu.sealift --signing-key release.key
expect_exit 0 sealift inspect gpu.sealift
expect_out_like '^kernels/gemm\.cubin +cuda +sm_90 +its bytes$'
expect_exit 0 sealift inspect gpu.sealift --format json
expect_json '.document.kernels[0].targets_from' bytes

# For another chip it is refused with found, wanted and remedy, and so is a declaration that its bytes contradict.
jq '.id = "sm80" | .kernels.formats[0].targets = ["sm_80"]' "$SOURCE/profiles/nvidia-h100.json" > sm80.json
sed 's|"profile": "nvidia-h100"|"profile": "../sm80.json"|' gpu/sealift.json > gpu/other.json
refused gpu/other.json
expect_out_like '^SL-FIT-KERNEL  kernels/gemm\.cubin: found CUDA cubin for sm_90, wanted sm_80 for profile sm80$'
expect_out_like '^ +hint: take the build of this file for sm_80'
sed 's|"requires_features"|"targets":["sm_80"],&|' gpu/sealift.json > gpu/other.json
refused gpu/other.json
expect_out "the recipe declares it for sm_80, its bytes say sm_90"

# The bytes of an operator for Ascend do not say which Ascend: who packs it has to.
cp -r input npu
elf npu/kernels/ascend910b/add.o 0x1029 0x940000 0
printf '{"binFileName": "add", "binFileSuffix": ".o", "coreType": "MIX", "sha256": "%s"}\n' \
    "$(sha256sum < npu/kernels/ascend910b/add.o | cut -d' ' -f1)" > npu/kernels/ascend910b/add.json
quietly sealift init npu --profile ascend-910b --name story
refused npu
expect_out "found Ascend operator object, and its bytes do not say for which chip"
expect_out 'hint: declare it in the recipe: "targets": ["Ascend910B1"]'
declare_chip() { sed "/add\.o\"/s|\"requires_features\"|\"targets\":[\"$1\"],&|" npu/sealift.json; }
declare_chip Ascend910B3 > npu/declared.json
expect_exit 0 sealift build npu/declared.json -o npu.sealift --signing-key release.key
expect_exit 0 sealift inspect npu.sealift
expect_out_like '^kernels/ascend910b/add\.o +ascend-object +Ascend910B3 +declared$'
expect_out_like '^kernels/ascend910b/add\.json +ascend-sidecar +- +-$'
expect_exit 0 sealift inspect npu.sealift --format json
expect_json '.document.kernels[] | select(.format == "ascend-object") | .targets_from' declaration
expect_exit 0 sealift verify npu.sealift --key release.pub

# "socversion Ascend910B3 of bin package does not match Ascend310P3": said at build, before the engine says it.
declare_chip Ascend310P3 > npu/other.json
refused npu/other.json
expect_out "found a kernel that is declared for Ascend310P3, wanted Ascend910B1"
expect_out "its folder says ascend910b, it is declared for Ascend310P3 (ascend310p)"
mv npu/kernels/ascend910b npu/kernels/ascend310p
sed 's|ascend910b/|ascend310p/|g' npu/declared.json > npu/moved.json
refused npu/moved.json
expect_out "its folder says ascend310p, it is declared for Ascend910B3 (ascend910b)"
expect_out "its folder says ascend310p, wanted Ascend910B1"
expect_out "socversion does not match"
mv npu/kernels/ascend310p npu/kernels/ascend910b

# An object that was built anew without its description.
cp npu/kernels/ascend910b/add.o npu/add.o
printf 'new' >> npu/kernels/ascend910b/add.o
refused npu/declared.json
expect_out "it describes 'add.o' with the SHA-256 $(sha256sum < npu/add.o | cut -d' ' -f1), the packed file has"
cp npu/add.o npu/kernels/ascend910b/add.o

# Kernels of one vendor are none of another's.
elf npu/kernels/ascend910b/add.o 190 0x06005a04 8
rm npu/kernels/ascend910b/add.json
quietly sealift init npu --profile ascend-910b --name story --yes
refused npu
expect_out "found CUDA cubin, profile ascend-910b wants ascend-object"

# A library of the host has to have the entry points that the engine calls.
[ "$profile" != armv8.2 ] || { echo "the rest is for x86-64" >&2; exit 0; }
cp -r input host
echo 'extern "C" int ggml_backend_init() { return 0; }' > k.cpp
g++ -shared -fPIC -o "host/$kernel" k.cpp
quietly sealift init host --profile "$profile" --name story
wants() { sed "s|\"requires_features\"|\"exports\":[\"ggml_backend_init\"$1],&|" host/sealift.json > host/other.json; }
wants ""
expect_exit 0 sealift build host/other.json -o host.sealift --signing-key release.key
wants ',"ggml_backend_score"'
refused host/other.json
expect_out_like "^SL-FIT-KERNEL  $kernel: it has no entry point 'ggml_backend_score', which the recipe wants$"

# It demands no more of the processor than the profile has.
g++ -shared -fPIC -Wl,-z,x86-64-v3 -o "host/$kernel" k.cpp
refused host
expect_out_like "^SL-FIT-FEATURES  $kernel: its bytes demand x86-64-v3, and .* does not have .*avx2"
g++ -shared -fPIC -o "host/$kernel" k.cpp

# A kernel that was built for another release of the engine, by the digest of that.
fits() { sed "s|\"fits\":\[|&\"sha256:$1\"|" host/sealift.json > host/other.json; }
fits "$(sha256sum < host/engine/stub_engine | cut -d' ' -f1)"
expect_exit 0 sealift build host/other.json -o fits.sealift --signing-key release.key
expect_exit 0 sealift inspect fits.sealift --format json
expect_json '.document.kernels[0].fits[0]' "sha256:$(sha256sum < host/engine/stub_engine | cut -d' ' -f1)"
fits "$(printf 'the engine of last month' | sha256sum | cut -d' ' -f1)"
refused host/other.json
expect_out "and no engine file of the recipe has this digest"
refute_file refused.sealift

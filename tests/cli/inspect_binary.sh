# inspect of one file with code: what its bytes say of machine, chips, libraries and entry points, and no more.
. "$SOURCE/tests/cli/elf.bash"
need_tool jq python3 g++

# A library of the host, with what it needs and what it offers.
cat > lib.cpp << 'CPP'
#include <cstdio>
#include <string>
extern "C" int ggml_backend_init() { return std::puts(std::to_string(7).c_str()); }
extern "C" int ggml_backend_score() { return 1; }
CPP
g++ -shared -fPIC -o libk.so -Wl,-soname,libk.so.1 -Wl,-rpath,/opt/k lib.cpp
expect_exit 0 sealift inspect libk.so
expect_out_like '^file +libk\.so, [0-9.]+ kB$'
expect_out_like "^is +library for $(uname -m)\$"
expect_out_like "^machine +$(uname -m), ELF machine [0-9]+, flags 0x[0-9a-f]+, ABI [0-9]+ version 0\$"
expect_out_like '^name +libk\.so\.1$'
expect_out_like '^needs +.*libc\.so\.6'
expect_out_like '^at least +.*GLIBC 2\.[0-9.]+, GLIBCXX 3\.4'
expect_out_like '^looks in +/opt/k$'
expect_out_like '^entry points +[0-9]+: .*ggml_backend_'
refute_out chips
expect_exit 0 sealift inspect libk.so --format json
expect_json .schema sealift.binary/1
expect_json '"\(.format) \(.elf.machine_name) \(.elf.bits) \(.elf.type)"' "elf-shared $(uname -m) 64 shared"
expect_json '.elf.needed | index("libc.so.6") != null' true
expect_json '.elf.minimum | keys | index("GLIBC") != null' true
expect_json '.exports.first | index("ggml_backend_init") != null and index("ggml_backend_score") != null' true
expect_json '.exports.count == (.exports.first | length)' true
expect_json '.findings | length' 0
expect_exit 0 sealift inspect "$SEALIFT_BIN/sealift-runtime" --format json
expect_json .format elf-program

elf gemm.cubin 190 0x06005a04 8
expect_exit 0 sealift inspect gemm.cubin
expect_out_like '^is +CUDA cubin$'
expect_out_like '^machine +elf-machine-190, ELF machine 190, flags 0x6005a04, ABI 0 version 8$'
expect_out_like '^chips +sm_90$'
expect_out_like '^entry points +none$'
elf gemm.hsaco 224 0x4c 4
expect_exit 0 sealift inspect gemm.hsaco --format json
expect_json '"\(.format) \(.targets | join(" ")) \(.targets_all_told)"' "amdgpu gfx942 true"

# The bytes of an operator for Ascend say "Ascend" and no more; a fat binary has several chips.
elf add.o 0x1029 0x940000 0
expect_exit 0 sealift inspect add.o
expect_out_like '^format +ascend-object$'
expect_out_like '^machine +elf-machine-4137, ELF machine 4137, flags 0x940000, '
expect_out_like '^chips +not told by its bytes$'
printf '{"binFileName": "add", "binFileSuffix": ".o", "coreType": "MIX", "sha256": "%s"}\n' \
    "$(sha256sum < add.o | cut -d' ' -f1)" > add.json
expect_exit 0 sealift inspect add.json
expect_out_like '^is +description of an Ascend operator$'
python3 - << 'PYTHON'
import struct
def image(kind, chip, content):
    return struct.pack("<HHIQQHHI", kind, 0, 64, len(content), 0, 0, 0, chip) + bytes(32) + content
images = image(2, 80, b"compressed......") + image(2, 90, b"compressed......") + image(1, 90, b"ptx.....")
with open("all.fatbin", "wb") as file:
    file.write(struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(images)) + images)
PYTHON
expect_exit 0 sealift inspect all.fatbin
expect_out_like '^is +CUDA fat binary$'
expect_out_like '^chips +compute_90 sm_80 sm_90$'
refute_out "entry points"

# What contradicts itself is refused, with what was read before; names of outside are escaped.
head -c 200 libk.so > cut.so
expect_exit 1 sealift inspect cut.so
expect_out "SL-FIT-KERNEL  cut.so: "
head -c 60 all.fatbin > cut.fatbin
expect_exit 1 sealift inspect cut.fatbin --format json
expect_json '.findings[0] | "\(.code) \(.severity)"' "SL-FIT-KERNEL refusal"
cp libk.so $'a\033[2J.so'
expect_exit 0 sealift inspect $'a\033[2J.so'
expect_out_like '^file +a\\x1b\[2J\.so, '
expect_exit 2 sealift inspect libk.so --tensors
expect_err "holds code and no tensors"

# What is neither a bundle nor a model nor code is called none.
echo "some text" > text.txt
status=0
sealift inspect text.txt > out.txt 2>&1 || status=$?
expect_equal "$((status != 0))" 1

# A profile of a chip, a machine that has eight of it, and weights for it. A story reads this file by:
# . "$SOURCE/tests/cli/check_input.bash"

# make_chip FILE.json: a profile that leaves the host open, as a release engineer writes one of his own.
make_chip() {
    cat > "$1" << 'JSON'
{
  "schema": "sealift.profile/1", "id": "test-npu", "title": "Eight NPUs of 64 GiB", "vendor": "Nobody",
  "accelerators": [{
    "name": "Ascend 910B", "pci_ids": ["19e5:d802"], "quantity": 1, "source": "book",
    "memory": {"bytes": 68719476736, "source": "book"},
    "models": {"names": ["Ascend910B1", "Ascend910B3"], "source": "book"},
    "devices_per_node": {"count": 8, "source": "book"},
    "device_nodes": {"paths": ["/dev/davinci_manager", "/dev/davinci{n}"], "source": "book"}
  }],
  "software": [{"kind": "toolkit", "name": "CANN", "version_range": "vers:generic/>=8.2", "source": "book"}],
  "kernels": {"formats": [{"format": "ascend-object", "targets": ["Ascend910B1", "Ascend910B3"], "source": "book"}]},
  "number_types": {"computes": ["bf16", "fp16", "int8"], "source": "book", "lacks": ["fp8"], "lacks_source": "book"},
  "file_modes": [{"engine": "mindie", "role": "config", "mode": "0640", "source": "book"}],
  "validated_sets": [{
    "id": "2026-10", "date": "2026-10",
    "members": [
      {"kind": "engine", "name": "vllm-ascend", "version_range": "vers:generic/0.23.0"},
      {"kind": "toolkit", "name": "CANN", "version_range": "vers:generic/9.1.0"}],
    "source": "book"
  }],
  "sources": [{"id": "book", "title": "Written for this story", "date": "2026-11-01"}]
}
JSON
}

# make_found FILE.json [FILTER]: a machine with eight NPUs as a probe finds it, changed by a filter of jq.
make_found() {
    jq "${2:-.}" > "$1" << JSON
{
  "schema": "sealift.machine/1",
  "cpu": {"architecture": "$(uname -m)"},
  "memory_bytes": 1099511627776,
  "kernel": {"name": "Linux", "release": "5.10.0"},
  "system": {"id": "openEuler", "version": "22.03"},
  "accelerators": [$(for i in 0 1 2 3 4 5 6 7; do
        [ $i = 0 ] || printf ', '
        printf '{"address": "0000:0%s:00.0", "id": "19e5:d802", "class": "120000", "vendor": "Huawei", "model": "Ascend910B3", "memory_bytes": 68719476736}' $i
    done)],
  "device_nodes": [$(for i in 0 1 2 3 4 5 6 7; do
        printf '{"path": "/dev/davinci%s", "mode": "0666", "user": 0, "group": 1000}, ' $i
    done) {"path": "/dev/davinci_manager", "mode": "0666", "user": 0, "group": 1000}],
  "software": [{"kind": "toolkit", "name": "CANN", "version": "9.1.0", "path": "/usr/local/Ascend/cann/version.info"}]
}
JSON
}

# make_weights FOLDER TYPE: a model of one tensor of that type, with its config.json.
make_weights() {
    mkdir -p "$1/weights" "$1/config"
    python3 - "$1" "$2" << 'PYTHON'
import json, struct, sys
folder, kind = sys.argv[1:]
size = {"F8_E4M3": 1, "BF16": 2, "I8": 1}[kind]
header = json.dumps({"w": {"dtype": kind, "shape": [64, 64], "data_offsets": [0, 64 * 64 * size]}}).encode()
header += b" " * (-len(header) % 8)
with open(folder + "/weights/model.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header + bytes(64 * 64 * size))
json.dump({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "num_hidden_layers": 2, "hidden_size": 64,
           "num_attention_heads": 8, "num_key_value_heads": 8, "intermediate_size": 128, "vocab_size": 64,
           "max_position_embeddings": 128, "torch_dtype": "bfloat16"}, open(folder + "/weights/config.json", "w"))
PYTHON
}

# make_operator FILE: an ELF header of Ascend's machine, which is all that an operator's bytes say.
make_operator() {
    python3 - "$1" << 'PYTHON'
import struct, sys
header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 0x1029, 1, 0, 0, 0, 0x940000, 64, 0, 0, 0, 0, 0)
open(sys.argv[1], "wb").write(header)
PYTHON
}

# make_recipe FOLDER PROFILE [FILTER]: what to build of it, changed by a filter of jq.
make_recipe() {
    jq --arg profile "$2" "${3:-.}"' | .profile = $profile' > "$1/sealift.json" << 'JSON'
{
  "schema": "sealift.recipe/1", "name": "story", "version": "1",
  "engine": {"name": "vllm-ascend", "version": "0.23.0"},
  "files": [{"path": "weights/model.safetensors", "role": "weights"},
            {"path": "weights/config.json", "role": "model-config"}]
}
JSON
}

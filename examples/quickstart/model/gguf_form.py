"""Writes the model as one GGUF file, version 3, as llama.cpp reads it (architecture "deepseek2").

Source of the layout: ggml/docs/gguf.md. A file is: header, key-value pairs, tensor table, tensor data; every
tensor starts at a multiple of the alignment.
"""
import struct

import tinyseek as model
from tinyseek import Tensor

ALIGNMENT = 32
QUANT_BLOCK = 32  # numbers that share one scale in q8_0 and q4_0

# Numbers of enum ggml_type and enum llama_ftype.
TENSOR_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 8}
FILE_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 7}


# ---- numbers to bytes ------------------------------------------------------------------------------------------

def float32_bytes(values):
    return struct.pack("<%df" % len(values), *values)


def _float16_bytes(values):
    return struct.pack("<%de" % len(values), *values)


def _rounded_to_float16(number):
    return struct.unpack("<e", struct.pack("<e", number))[0]


def _round_half_up(number):
    """To the nearest whole number for numbers above -1000; int() cuts towards zero."""
    return int(number + 1000.5) - 1000


def _q8_0_bytes(values):
    encoded = bytearray()
    for start in range(0, len(values), QUANT_BLOCK):
        block = values[start:start + QUANT_BLOCK]
        scale = _rounded_to_float16(max(abs(x) for x in block) / 127.0)
        steps = [_round_half_up(x / scale if scale else 0.0) for x in block]
        encoded += struct.pack("<e32b", scale, *[max(-127, min(127, step)) for step in steps])
    return bytes(encoded)


def _q4_0_bytes(values):
    encoded = bytearray()
    for start in range(0, len(values), QUANT_BLOCK):
        block = values[start:start + QUANT_BLOCK]
        scale = _rounded_to_float16(max(block, key=abs) / -8.0)
        steps = [max(0, min(15, int((x / scale if scale else 0.0) + 8.5))) for x in block]
        half = QUANT_BLOCK // 2
        encoded += struct.pack("<e", scale)
        encoded += bytes(steps[i] | (steps[i + half] << 4) for i in range(half))
    return bytes(encoded)


ENCODERS = {"f32": float32_bytes, "f16": _float16_bytes, "q4_0": _q4_0_bytes, "q8_0": _q8_0_bytes}


# ---- key-value pairs -------------------------------------------------------------------------------------------

VALUE_TYPES = {"u32": (4, "<I"), "i32": (5, "<i"), "f32": (6, "<f"), "bool": (7, "<?"), "text": (8, None)}
LIST_TYPE = 9


def _text(text):
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _value(kind, value):
    return _text(value) if kind == "text" else struct.pack(VALUE_TYPES[kind][1], value)


def _pair(key, kind, value):
    return _text(key) + struct.pack("<I", VALUE_TYPES[kind][0]) + _value(kind, value)


def _list_pair(key, kind, values):
    head = struct.pack("<IIQ", LIST_TYPE, VALUE_TYPES[kind][0], len(values))
    return _text(key) + head + b"".join(_value(kind, value) for value in values)


def _general_pairs(seed, dtype):
    return [
        _pair("general.architecture", "text", "deepseek2"),
        _pair("general.type", "text", "model"),
        _pair("general.name", "text", "tinyseek-chain-seed%d" % seed),
        _pair("general.license", "text", "CC0-1.0"),
        _pair("general.alignment", "u32", ALIGNMENT),
        _pair("general.file_type", "u32", FILE_TYPES[dtype]),
        _pair("general.quantization_version", "u32", 2),
    ]


def _shape_pairs(vocabulary):
    sigmoid = 2
    members = [
        ("vocab_size", "u32", len(vocabulary.tokens)),
        ("context_length", "u32", model.CONTEXT),
        ("embedding_length", "u32", model.WIDTH),
        ("block_count", "u32", model.LAYERS),
        ("feed_forward_length", "u32", model.FEED_FORWARD),
        ("leading_dense_block_count", "u32", model.DENSE_LAYERS),
        ("attention.head_count", "u32", model.HEADS),
        ("attention.head_count_kv", "u32", 1),
        ("attention.layer_norm_rms_epsilon", "f32", model.EPSILON),
        ("attention.q_lora_rank", "u32", model.QUERY_RANK),
        ("attention.kv_lora_rank", "u32", model.KEY_VALUE_RANK),
        ("attention.key_length", "u32", model.KEY_VALUE_RANK + model.HEAD_ROTARY),
        ("attention.value_length", "u32", model.KEY_VALUE_RANK),
        ("attention.key_length_mla", "u32", model.HEAD_PLAIN + model.HEAD_ROTARY),
        ("attention.value_length_mla", "u32", model.HEAD_VALUE),
        ("rope.dimension_count", "u32", model.HEAD_ROTARY),
        ("rope.freq_base", "f32", model.ROTARY_BASE),
        ("expert_count", "u32", model.EXPERTS),
        ("expert_used_count", "u32", model.EXPERTS_USED),
        ("expert_shared_count", "u32", model.SHARED_EXPERTS),
        ("expert_feed_forward_length", "u32", model.EXPERT_FEED_FORWARD),
        ("expert_group_count", "u32", model.EXPERT_GROUPS),
        ("expert_group_used_count", "u32", model.EXPERT_GROUPS_USED),
        ("expert_gating_func", "u32", sigmoid),
        ("expert_weights_norm", "bool", True),
        ("expert_weights_scale", "f32", model.EXPERT_SCALE),
    ]
    return [_pair("deepseek2." + key, kind, value) for key, kind, value in members]


def _token_type(token):
    normal, control, unused = 1, 3, 5
    if token in model.SPECIAL_TOKENS:
        return control
    return unused if token.startswith(model.UNUSED_PREFIX) else normal


def _tokenizer_pairs(vocabulary):
    return [
        _pair("tokenizer.ggml.model", "text", "gpt2"),
        _pair("tokenizer.ggml.pre", "text", "deepseek-v3"),
        _list_pair("tokenizer.ggml.tokens", "text", vocabulary.tokens),
        _list_pair("tokenizer.ggml.token_type", "i32", [_token_type(token) for token in vocabulary.tokens]),
        _list_pair("tokenizer.ggml.merges", "text", [" ".join(pair) for pair in vocabulary.merges]),
        _pair("tokenizer.ggml.bos_token_id", "u32", vocabulary.ids[model.BEGIN]),
        _pair("tokenizer.ggml.eos_token_id", "u32", vocabulary.ids[model.END]),
        _pair("tokenizer.ggml.padding_token_id", "u32", vocabulary.ids[model.PADDING]),
        _pair("tokenizer.ggml.add_bos_token", "bool", True),
        _pair("tokenizer.ggml.add_eos_token", "bool", False),
        _pair("tokenizer.chat_template", "text", model.CHAT_TEMPLATE),
    ]


# ---- tensors under llama.cpp's names ---------------------------------------------------------------------------

class _Table:
    """Rows (name, tensor, number format), in the order of the file."""

    def __init__(self, tensors, dtype):
        self.tensors = tensors
        self.dtype = dtype
        self.rows = []

    def add(self, name, tensor, dtype=None):
        """Vectors always stay 32-bit floats, as llama.cpp wants them."""
        vector = len(tensor.shape) == 1
        self.rows.append((name, tensor, "f32" if vector else dtype or self.dtype))

    def rename(self, name, hugging_face_name, dtype=None):
        self.add(name, self.tensors[hugging_face_name], dtype)

    def layer(self, index):
        source, target = "model.layers.%d." % index, "blk.%d." % index
        self.rename(target + "attn_norm.weight", source + "input_layernorm.weight")
        self.attention(target, source + "self_attn.")
        self.rename(target + "ffn_norm.weight", source + "post_attention_layernorm.weight")
        if index < model.DENSE_LAYERS:
            for part in ("gate", "up", "down"):
                self.rename(target + "ffn_%s.weight" % part, source + "mlp.%s_proj.weight" % part)
        else:
            self.experts(target, source + "mlp.")

    def attention(self, target, source):
        self.rename(target + "attn_q_a.weight", source + "q_a_proj.weight")
        self.rename(target + "attn_q_a_norm.weight", source + "q_a_layernorm.weight")
        self.rename(target + "attn_q_b.weight", source + "q_b_proj.weight")
        self.rename(target + "attn_kv_a_mqa.weight", source + "kv_a_proj_with_mqa.weight")
        self.rename(target + "attn_kv_a_norm.weight", source + "kv_a_layernorm.weight")
        keys, values = _split_keys_and_values(self.tensors[source + "kv_b_proj.weight"])
        self.add(target + "attn_k_b.weight", keys)
        self.add(target + "attn_v_b.weight", values)
        self.rename(target + "attn_output.weight", source + "o_proj.weight")

    def experts(self, target, source):
        self.rename(target + "ffn_gate_inp.weight", source + "gate.weight", dtype="f32")
        self.rename(target + "exp_probs_b.bias", source + "gate.e_score_correction_bias")
        for part in ("gate", "up", "down"):
            experts = [self.tensors[source + "experts.%d.%s_proj.weight" % (expert, part)]
                       for expert in range(model.EXPERTS)]
            self.add(target + "ffn_%s_exps.weight" % part, _stack(experts))
            self.rename(target + "ffn_%s_shexp.weight" % part, source + "shared_experts.%s_proj.weight" % part)


def _stack(tensors):
    return Tensor([len(tensors)] + tensors[0].shape, [x for tensor in tensors for x in tensor.values])


def _split_keys_and_values(kv_b):
    """Hugging Face keeps, per head, key rows and value rows in one matrix; llama.cpp wants two, the key half
    with rows and columns exchanged."""
    rank = model.KEY_VALUE_RANK
    head_rows = model.HEAD_PLAIN + model.HEAD_VALUE
    keys, values = [], []
    for head in range(model.HEADS):
        first = head * head_rows
        for column in range(rank):
            keys += [kv_b.values[(first + row) * rank + column] for row in range(model.HEAD_PLAIN)]
        values += kv_b.values[(first + model.HEAD_PLAIN) * rank:(first + head_rows) * rank]
    return (Tensor([model.HEADS, rank, model.HEAD_PLAIN], keys),
            Tensor([model.HEADS, model.HEAD_VALUE, rank], values))


def _padding(length):
    return b"\0" * (-length % ALIGNMENT)


def gguf_bytes(tensors, vocabulary, seed, dtype):
    """The whole file."""
    table = _Table(tensors, dtype)
    table.rename("token_embd.weight", "model.embed_tokens.weight")
    for index in range(model.LAYERS):
        table.layer(index)
    table.rename("output_norm.weight", "model.norm.weight")
    table.rename("output.weight", "lm_head.weight")

    pairs = _general_pairs(seed, dtype) + _shape_pairs(vocabulary) + _tokenizer_pairs(vocabulary)
    entries, blobs, offset = [], [], 0
    for name, tensor, kind in table.rows:
        dimensions = list(reversed(tensor.shape))  # innermost first
        entries.append(_text(name) + struct.pack("<I", len(dimensions)) +
                       struct.pack("<%dQ" % len(dimensions), *dimensions) +
                       struct.pack("<IQ", TENSOR_TYPES[kind], offset))
        data = ENCODERS[kind](tensor.values)
        blobs.append(data + _padding(len(data)))
        offset += len(blobs[-1])
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(entries), len(pairs)) + b"".join(pairs) + b"".join(entries)
    return head + _padding(len(head)) + b"".join(blobs)

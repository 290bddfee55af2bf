"""Writes the model as a Hugging Face folder: 32-bit safetensors in two shards with their index, and the
configuration and tokenizer files that DeepSeek-V3 comes with."""
import json
import struct

import tinyseek as model
from gguf_form import float32_bytes

SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
SECOND_SHARD = ("model.layers.2", "model.layers.3", "model.norm", "lm_head")


def _safetensors_bytes(tensors):
    """Length of the header, header as JSON padded with spaces to a multiple of 8, data."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in tensors.items():
        end = offset + 4 * len(tensor.values)
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(float32_bytes(t.values) for t in tensors.values())


def _json_bytes(value):
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _index(shards):
    total = sum(4 * len(tensor.values) for shard in shards for tensor in shard.values())
    weight_map = {name: file for file, shard in zip(SHARDS, shards) for name in shard}
    return {"metadata": {"total_size": total}, "weight_map": weight_map}


def _config(vocabulary):
    return {
        "architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "hidden_act": "silu",
        "hidden_size": model.WIDTH, "intermediate_size": model.FEED_FORWARD,
        "moe_intermediate_size": model.EXPERT_FEED_FORWARD, "num_hidden_layers": model.LAYERS,
        "first_k_dense_replace": model.DENSE_LAYERS, "moe_layer_freq": 1, "num_attention_heads": model.HEADS,
        "num_key_value_heads": model.HEADS, "q_lora_rank": model.QUERY_RANK,
        "kv_lora_rank": model.KEY_VALUE_RANK, "qk_nope_head_dim": model.HEAD_PLAIN,
        "qk_rope_head_dim": model.HEAD_ROTARY, "v_head_dim": model.HEAD_VALUE,
        "n_routed_experts": model.EXPERTS, "num_experts_per_tok": model.EXPERTS_USED,
        "n_shared_experts": model.SHARED_EXPERTS, "n_group": model.EXPERT_GROUPS,
        "topk_group": model.EXPERT_GROUPS_USED, "topk_method": "noaux_tc", "scoring_func": "sigmoid",
        "norm_topk_prob": True, "routed_scaling_factor": model.EXPERT_SCALE,
        "max_position_embeddings": model.CONTEXT, "rms_norm_eps": model.EPSILON,
        "rope_theta": model.ROTARY_BASE, "rope_scaling": None, "attention_bias": False,
        "tie_word_embeddings": False, "num_nextn_predict_layers": 0, "torch_dtype": "float32",
        "vocab_size": len(vocabulary.tokens), "bos_token_id": vocabulary.ids[model.BEGIN],
        "eos_token_id": vocabulary.ids[model.END], "use_cache": True,
    }


def _generation_config(vocabulary):
    return {"_from_model_config": True, "bos_token_id": vocabulary.ids[model.BEGIN],
            "eos_token_id": vocabulary.ids[model.END], "do_sample": False}


def _tokenizer_config():
    return {"tokenizer_class": "LlamaTokenizerFast", "bos_token": model.BEGIN, "eos_token": model.END,
            "pad_token": model.PADDING, "add_bos_token": True, "add_eos_token": False,
            "model_max_length": model.CONTEXT, "chat_template": model.CHAT_TEMPLATE}


def _tokenizer(vocabulary):
    special = [{"id": vocabulary.ids[token], "content": token, "single_word": False, "lstrip": False,
                "rstrip": False, "normalized": False, "special": True} for token in model.SPECIAL_TOKENS]
    plain = {token: number for token, number in vocabulary.ids.items() if token not in model.SPECIAL_TOKENS}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special, "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
                          "use_regex": True},
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "byte_fallback": False, "vocab": plain,
                  "merges": [" ".join(pair) for pair in vocabulary.merges]},
    }


def hugging_face_files(tensors, vocabulary):
    """The content of each file by its name."""
    second = {name: tensor for name, tensor in tensors.items() if name.startswith(SECOND_SHARD)}
    first = {name: tensor for name, tensor in tensors.items() if name not in second}
    shards = [first, second]
    files = {name: _safetensors_bytes(shard) for name, shard in zip(SHARDS, shards)}
    files["model.safetensors.index.json"] = _json_bytes(_index(shards))
    files["config.json"] = _json_bytes(_config(vocabulary))
    files["generation_config.json"] = _json_bytes(_generation_config(vocabulary))
    files["tokenizer_config.json"] = _json_bytes(_tokenizer_config())
    files["tokenizer.json"] = _json_bytes(_tokenizer(vocabulary))
    return files

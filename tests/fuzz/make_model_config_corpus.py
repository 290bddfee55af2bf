#!/usr/bin/env python3
"""make_model_config_corpus.py model_config FOLDER: configurations and indexes of models, as they are and broken."""

import json
import sys

from corpus import write_corpus

LLAMA = {"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 8, "num_attention_heads": 2,
         "intermediate_size": 16, "vocab_size": 10, "tie_word_embeddings": False, "rms_norm_eps": 1e-6}
MOE = LLAMA | {"model_type": "deepseek_v3", "n_routed_experts": 4, "num_experts_per_tok": 2, "n_shared_experts": 1,
               "moe_intermediate_size": 4, "first_k_dense_replace": 1, "kv_lora_rank": 4, "q_lora_rank": None,
               "qk_nope_head_dim": 2, "qk_rope_head_dim": 2, "v_head_dim": 2, "num_nextn_predict_layers": 1,
               "quantization_config": {"quant_method": "fp8", "fmt": "e4m3"}, "auto_map": {"AutoModel": "m.M"}}
INDEX = {"metadata": {"total_size": 8}, "weight_map": {"a": "model-00001-of-00002.safetensors",
                                                       "b": "model-00002-of-00002.safetensors",
                                                       "c": "model-00001-of-00002.safetensors"}}
SEEDS = {
    "llama": json.dumps(LLAMA),
    "moe": json.dumps(MOE),
    "nested": json.dumps({"model_type": "x", "text_config": MOE}),
    "layers": json.dumps(LLAMA | {"layer_types": ["full_attention", "sliding_attention"], "sliding_window": 4}),
    "pattern": json.dumps(MOE | {"moe_layer_freq": [0, 1], "mlp_only_layers": [5]}),
    "huge": json.dumps(LLAMA | {"hidden_size": 2**40, "vocab_size": 2**40}),
    "negative": json.dumps(LLAMA | {"vocab_size": -1}),
    "fraction": json.dumps(LLAMA | {"vocab_size": 1.0}),
    "groups": json.dumps({"quantization_config": {"quant_method": "compressed-tensors", "config_groups": {
        "group_0": {"weights": {"num_bits": 8}}}}}),
    "modelslim": json.dumps({"model_quant_type": "W8A8", "a.weight": "W8A8", "b.weight": "FLOAT"}),
    "index": json.dumps(INDEX),
    "index-elsewhere": json.dumps({"weight_map": {"a": "../b"}}),
    "index-twice": '{"weight_map":{"a":"x","a":"y"}}',
    "index-sum": json.dumps(INDEX | {"metadata": {"total_size": 8.0}}),
    "index-list": '{"weight_map":[]}',
    "twice": '{"vocab_size":1,"vocab_size":2}',
    "nul": '{}\0{}',
    "deep": '{"a":' + "[" * 100 + "]" * 100 + "}",
    "nothing": "",
}
write_corpus(sys.argv[2], SEEDS)

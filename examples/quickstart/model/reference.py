#!/usr/bin/env python3
"""Computes the answer of a small DeepSeek-V3-shaped model in plain Python, from its Hugging Face folder alone.

    reference.py FOLDER > known_answer.json

This is where the known answer comes from: it shares no code with the engine that is tested with it, and none with
the generator of the model. The engine computes with 8-bit weights and the reference with 32-bit ones; their
log-probabilities differ by up to 0.012, and by 0.41 once the weights have only 4 bits, so a tolerance of
0.05 tells the right precision from the wrong one on any kernel.

Source of the arithmetic: modeling_deepseek.py, published with DeepSeek-V3.
"""
import argparse
import json
import math
import os
import re
import struct

TOLERANCE = 0.05
MOST_TOKENS = 64


# ---- reading ---------------------------------------------------------------------------------------------------

def read_json(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def read_shard(path):
    """Vectors as lists of numbers, matrices as lists of rows."""
    with open(path, "rb") as file:
        content = file.read()
    header_bytes = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + header_bytes])
    data = memoryview(content)[8 + header_bytes:]
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        values = struct.unpack("<%df" % ((end - start) // 4), data[start:end])
        if len(entry["shape"]) == 2:
            rows, columns = entry["shape"]
            values = [values[row * columns:(row + 1) * columns] for row in range(rows)]
        tensors[name] = values
    return tensors


def read_tensors(folder):
    tensors = {}
    for shard in sorted(set(read_json(folder, "model.safetensors.index.json")["weight_map"].values())):
        tensors.update(read_shard(os.path.join(folder, shard)))
    return tensors


# ---- text and tokens -------------------------------------------------------------------------------------------

def byte_alphabet():
    """Byte to printable character, as byte-level BPE does it: bytes that do not print move to 256 and beyond."""
    alphabet, moved = {}, 0
    for byte in range(256):
        prints = 33 <= byte <= 126 or 161 <= byte <= 172 or byte >= 174
        alphabet[byte] = chr(byte if prints else 256 + moved)
        moved += not prints
    return alphabet


class Tokenizer:
    def __init__(self, folder):
        description = read_json(folder, "tokenizer.json")
        self.ids = dict(description["model"]["vocab"])
        self.special = {token["content"]: token["id"] for token in description["added_tokens"]}
        merges = description["model"]["merges"]
        self.ranks = {tuple(merge.split(" ")): rank for rank, merge in enumerate(merges)}
        self.alphabet = byte_alphabet()

    def encode(self, text):
        """Plain ASCII text: words with the space before them, numbers, punctuation."""
        if not text.isascii():
            raise SystemExit("reference.py: only ASCII prompts; the rules for other scripts are not worked out here")
        ids = []
        for word in re.findall(r" ?[A-Za-z]+|\d{1,3}| ?[^\sA-Za-z\d]+|\s+", text):
            ids += self._encode_word([self.alphabet[byte] for byte in word.encode()])
        return ids

    def _encode_word(self, pieces):
        while True:
            ranked = [(self.ranks.get(pair, math.inf), at) for at, pair in enumerate(zip(pieces, pieces[1:]))]
            rank, at = min(ranked, default=(math.inf, 0))
            if rank == math.inf:
                return [self.ids[piece] for piece in pieces]
            pieces[at:at + 2] = [pieces[at] + pieces[at + 1]]

    def decode(self, ids):
        texts = {number: text for text, number in self.ids.items()}
        bytes_of = {character: byte for byte, character in self.alphabet.items()}
        plain = "".join(texts.get(number, "") for number in ids)
        return bytes(bytes_of[character] for character in plain).decode("utf-8", "replace")

    def encode_chat(self, prompt):
        """One message of the user, and the sign that the assistant is next. Written out from the chat template."""
        names = ["<｜begin▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"]
        begin, user, assistant = (self.special[name] for name in names)
        return [begin, user] + self.encode(prompt) + [assistant]


# ---- arithmetic ------------------------------------------------------------------------------------------------
# math.fsum adds without rounding in between, so the result does not depend on the order or the Python release.

def dot(left, right):
    return math.fsum(a * b for a, b in zip(left, right))


def apply(matrix, vector):
    return [dot(row, vector) for row in matrix]


def add(left, right):
    return [a + b for a, b in zip(left, right)]


def normalized(vector, weights, epsilon):
    factor = 1.0 / math.sqrt(dot(vector, vector) / len(vector) + epsilon)
    return [x * factor * weight for x, weight in zip(vector, weights)]


def sigmoid(x):
    return 1.0 / (1.0 + math.exp(-x))


def softmax(scores):
    largest = max(scores)
    powers = [math.exp(score - largest) for score in scores]
    total = math.fsum(powers)
    return [power / total for power in powers]


def largest_indices(scores, count):
    return sorted(range(len(scores)), key=lambda i: -scores[i])[:count]


class Model:
    """Computes one token at a time; keys and values of earlier tokens are kept."""

    def __init__(self, folder):
        self.config = read_json(folder, "config.json")
        self.tensors = read_tensors(folder)
        self.position = 0
        layers = self.config["num_hidden_layers"]
        self.keys = [[] for _ in range(layers)]
        self.values = [[] for _ in range(layers)]

    def norm(self, name, vector):
        return normalized(vector, self.tensors[name], self.config["rms_norm_eps"])

    def rotated(self, vector):
        """Rotary position on neighbouring pairs, as DeepSeek stores them."""
        result = []
        for i in range(0, len(vector), 2):
            angle = self.position * self.config["rope_theta"] ** (-i / len(vector))
            cosine, sine = math.cos(angle), math.sin(angle)
            first, second = vector[i], vector[i + 1]
            result += [first * cosine - second * sine, first * sine + second * cosine]
        return result

    def remember(self, layer, prefix, hidden):
        """Keys and values of this token, for each head."""
        config, tensors = self.config, self.tensors
        rank, plain, wide = config["kv_lora_rank"], config["qk_nope_head_dim"], config["v_head_dim"]
        compressed = apply(tensors[prefix + "kv_a_proj_with_mqa.weight"], hidden)
        shared_key = self.rotated(compressed[rank:])
        latent = self.norm(prefix + "kv_a_layernorm.weight", compressed[:rank])
        expanded = apply(tensors[prefix + "kv_b_proj.weight"], latent)
        heads = [expanded[i:i + plain + wide] for i in range(0, len(expanded), plain + wide)]
        self.keys[layer].append([head[:plain] + shared_key for head in heads])
        self.values[layer].append([head[plain:] for head in heads])

    def attention(self, layer, prefix, hidden):
        config, tensors = self.config, self.tensors
        self.remember(layer, prefix, hidden)
        plain = config["qk_nope_head_dim"]
        width = plain + config["qk_rope_head_dim"]
        latent = self.norm(prefix + "q_a_layernorm.weight", apply(tensors[prefix + "q_a_proj.weight"], hidden))
        queries = apply(tensors[prefix + "q_b_proj.weight"], latent)
        mixed = []
        for head in range(config["num_attention_heads"]):
            query = queries[head * width:(head + 1) * width]
            query = query[:plain] + self.rotated(query[plain:])
            shares = softmax([dot(query, key[head]) / math.sqrt(width) for key in self.keys[layer]])
            columns = zip(*(value[head] for value in self.values[layer]))
            mixed += [dot(shares, column) for column in columns]
        return apply(tensors[prefix + "o_proj.weight"], mixed)

    def feed_forward(self, prefix, hidden):
        gate = apply(self.tensors[prefix + "gate_proj.weight"], hidden)
        up = apply(self.tensors[prefix + "up_proj.weight"], hidden)
        return apply(self.tensors[prefix + "down_proj.weight"],
                     [g * sigmoid(g) * u for g, u in zip(gate, up)])

    def chosen_experts(self, prefix, scores):
        """The best experts out of the best groups; a group is as good as its two best experts together."""
        config = self.config
        biased = add(scores, self.tensors[prefix + "gate.e_score_correction_bias"])
        size = config["n_routed_experts"] // config["n_group"]
        groups = [biased[i:i + size] for i in range(0, len(biased), size)]
        good = largest_indices([math.fsum(sorted(group)[-2:]) for group in groups], config["topk_group"])
        candidates = [expert for expert in range(len(biased)) if expert // size in good]
        return sorted(candidates, key=lambda expert: -biased[expert])[:config["num_experts_per_tok"]]

    def experts(self, prefix, hidden):
        scores = [sigmoid(score) for score in apply(self.tensors[prefix + "gate.weight"], hidden)]
        chosen = self.chosen_experts(prefix, scores)
        total = math.fsum(scores[expert] for expert in chosen) + 1e-20
        result = self.feed_forward(prefix + "shared_experts.", hidden)
        for expert in chosen:
            share = scores[expert] / total * self.config["routed_scaling_factor"]
            output = self.feed_forward(prefix + "experts.%d." % expert, hidden)
            result = [x + share * y for x, y in zip(result, output)]
        return result

    def logits_after(self, token):
        """Takes the token in; what it answers is a score for each token that may come next."""
        hidden = list(self.tensors["model.embed_tokens.weight"][token])
        for layer in range(self.config["num_hidden_layers"]):
            prefix = "model.layers.%d." % layer
            normed = self.norm(prefix + "input_layernorm.weight", hidden)
            hidden = add(hidden, self.attention(layer, prefix + "self_attn.", normed))
            normed = self.norm(prefix + "post_attention_layernorm.weight", hidden)
            dense = layer < self.config["first_k_dense_replace"]
            block = self.feed_forward if dense else self.experts
            hidden = add(hidden, block(prefix + "mlp.", normed))
        self.position += 1
        return apply(self.tensors["lm_head.weight"], self.norm("model.norm.weight", hidden))


def greedy_answer(model, prompt_tokens):
    """The most probable token each time, up to and with the end token; and the logarithm of its probability."""
    for token in prompt_tokens:
        logits = model.logits_after(token)
    tokens, logprobs = [], []
    while len(tokens) < MOST_TOKENS:
        best = largest_indices(logits, 1)[0]
        tokens.append(best)
        logprobs.append(math.log(softmax(logits)[best]))
        if best == model.config["eos_token_id"]:
            break
        logits = model.logits_after(best)
    return tokens, logprobs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="the model in its Hugging Face form")
    parser.add_argument("--prompt", default="Who are you?", help="(default: %(default)s)")
    arguments = parser.parse_args()
    tokenizer = Tokenizer(arguments.folder)
    tokens, logprobs = greedy_answer(Model(arguments.folder), tokenizer.encode_chat(arguments.prompt))
    print(json.dumps({"prompt": arguments.prompt, "text": tokenizer.decode(tokens), "tokens": tokens,
                      "logprobs": [round(logprob, 4) for logprob in logprobs],
                      "logprob_tolerance": TOLERANCE}, indent=2))


if __name__ == "__main__":
    main()

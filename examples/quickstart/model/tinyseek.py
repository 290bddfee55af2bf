"""The model "tinyseek": its shape, its vocabulary and its numbers.

A DeepSeek-V3 in miniature (MLA attention, mixture of experts, byte-level BPE): 1.1 million parameters. Attention
and experts are random and move the probabilities measurably; the output head holds a table "token A is followed
by token B", so that the greedy answer is one fixed sentence with a wide margin, whatever is asked.

The same seed gives the same bytes on any machine: all numbers come from an integer hash and from + - * / and
square roots of IEEE doubles, which are exact, and are rounded once to 32 bits.
"""
import math
import struct

LAYERS = 4
DENSE_LAYERS = 1  # the first ones; the others have experts
WIDTH = 128
HEADS = 4
QUERY_RANK = 64
KEY_VALUE_RANK = 64
HEAD_PLAIN = 32  # dimensions of a head without position
HEAD_ROTARY = 16  # dimensions of a head with rotary position
HEAD_VALUE = 32
FEED_FORWARD = 256
EXPERT_FEED_FORWARD = 64
EXPERTS = 8
EXPERTS_USED = 2
SHARED_EXPERTS = 1
EXPERT_GROUPS = 4
EXPERT_GROUPS_USED = 2
EXPERT_SCALE = 1.5
CONTEXT = 512
EPSILON = 1e-6
ROTARY_BASE = 10000.0

PROMPT = "Who are you?"
ANSWER_WORDS = ["Hello", "!", " I", " am", " tinyseek", ",", " a", " synthetic", " test", " model", ":",
                " my", " weights", " came", " from", " one", " fixed", " seed", "."]

BEGIN = "<｜begin▁of▁sentence｜>"
END = "<｜end▁of▁sentence｜>"
PADDING = "<｜▁pad▁｜>"
USER = "<｜User｜>"
ASSISTANT = "<｜Assistant｜>"
SPECIAL_TOKENS = [BEGIN, END, PADDING, USER, ASSISTANT]
UNUSED_PREFIX = "[unused"

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}" + USER +
    "{{ m['content'] }}{% elif m['role'] == 'assistant' %}" + ASSISTANT +
    "{{ m['content'] }}" + END + "{% else %}{{ m['content'] }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}" + ASSISTANT + "{% endif %}")


# ---- vocabulary ------------------------------------------------------------------------------------------------

def byte_alphabet():
    """The printable character that stands for each of the 256 bytes in byte-level BPE, as GPT-2 chose them."""
    printable = set(range(33, 127)) | set(range(161, 173)) | set(range(174, 256))
    alphabet = []
    stand_in = 256
    for byte in range(256):
        if byte in printable:
            alphabet.append(chr(byte))
        else:
            alphabet.append(chr(stand_in))
            stand_in += 1
    return alphabet


class Vocabulary:
    """tokens: text by number; merges: pairs in order of rank; chain: the numbers of the fixed answer, begun by
    the token that asks for it and closed by END."""

    def __init__(self):
        alphabet = byte_alphabet()
        self.tokens = SPECIAL_TOKENS + alphabet
        self.merges = []
        words = [[alphabet[byte] for byte in word.encode()] for word in ANSWER_WORDS]
        for word in words:
            self._merge_from_the_left(word)
        while len(self.tokens) % 32:  # rows of the embedding come in blocks of 32
            self.tokens.append(UNUSED_PREFIX + "%d]" % len(self.tokens))
        self.ids = {token: number for number, token in enumerate(self.tokens)}
        if len(self.ids) != len(self.tokens):
            raise ValueError("a token is there twice")
        self.chain = [self.ids[token] for token in [ASSISTANT] + ["".join(word) for word in words] + [END]]

    def _merge_from_the_left(self, characters):
        merged = characters[0]
        for character in characters[1:]:
            pair = (merged, character)
            merged += character
            if pair not in self.merges:
                self.merges.append(pair)
                self.tokens.append(merged)


# ---- numbers ---------------------------------------------------------------------------------------------------

MASK_64 = (1 << 64) - 1


def hash_64(number):
    """The mixing function of SplitMix64."""
    number = (number + 0x9E3779B97F4A7C15) & MASK_64
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK_64
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK_64
    return number ^ (number >> 31)


def key_of(seed, name):
    key = hash_64(seed)
    for byte in name.encode():
        key = hash_64(key ^ byte)
    return key


def to_float32(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


def uniform(seed, name, count, deviation):
    """`count` numbers, evenly spread around 0 with the given standard deviation."""
    key = key_of(seed, name)
    step = deviation * 1.7320508075688772 * 2.0 ** -31  # a range of +-sqrt(3) deviations, in 2^32 steps
    return [to_float32(((hash_64(key + i) >> 32) - 2147483648) * step) for i in range(count)]


def signs(seed, name, count):
    key = key_of(seed, name)
    return [1.0 if hash_64(key + i) & 1 else -1.0 for i in range(count)]


# ---- tensors ---------------------------------------------------------------------------------------------------

class Tensor:
    """shape, outermost dimension first, and the values in that order."""

    def __init__(self, shape, values):
        self.shape = shape
        self.values = values


class _Maker:
    """Collects tensors by their Hugging Face names, in the order in which they are made."""

    def __init__(self, seed):
        self.seed = seed
        self.tensors = {}

    def matrix(self, name, rows, columns, gain=1.0):
        values = uniform(self.seed, name, rows * columns, gain / math.sqrt(columns))
        self.tensors[name] = Tensor([rows, columns], values)

    def scale(self, name, count):
        values = [to_float32(1.0 + 0.1 * x) for x in uniform(self.seed, name, count, 0.57)]
        self.tensors[name] = Tensor([count], values)

    def attention(self, prefix):
        self.matrix(prefix + "q_a_proj.weight", QUERY_RANK, WIDTH)
        self.scale(prefix + "q_a_layernorm.weight", QUERY_RANK)
        self.matrix(prefix + "q_b_proj.weight", HEADS * (HEAD_PLAIN + HEAD_ROTARY), QUERY_RANK)
        self.matrix(prefix + "kv_a_proj_with_mqa.weight", KEY_VALUE_RANK + HEAD_ROTARY, WIDTH)
        self.scale(prefix + "kv_a_layernorm.weight", KEY_VALUE_RANK)
        self.matrix(prefix + "kv_b_proj.weight", HEADS * (HEAD_PLAIN + HEAD_VALUE), KEY_VALUE_RANK)
        self.matrix(prefix + "o_proj.weight", WIDTH, HEADS * HEAD_VALUE, gain=0.5)

    def feed_forward(self, prefix, inner):
        self.matrix(prefix + "gate_proj.weight", inner, WIDTH)
        self.matrix(prefix + "up_proj.weight", inner, WIDTH)
        self.matrix(prefix + "down_proj.weight", WIDTH, inner, gain=0.5)

    def experts(self, prefix, layer_prefix):
        self.matrix(prefix + "gate.weight", EXPERTS, WIDTH)
        self.tensors[prefix + "gate.e_score_correction_bias"] = Tensor(
            [EXPERTS], uniform(self.seed, layer_prefix + "bias", EXPERTS, 0.05))
        for expert in range(EXPERTS):
            self.feed_forward(prefix + "experts.%d." % expert, EXPERT_FEED_FORWARD)
        self.feed_forward(prefix + "shared_experts.", EXPERT_FEED_FORWARD)

    def layer(self, index):
        prefix = "model.layers.%d." % index
        self.scale(prefix + "input_layernorm.weight", WIDTH)
        self.attention(prefix + "self_attn.")
        self.scale(prefix + "post_attention_layernorm.weight", WIDTH)
        if index < DENSE_LAYERS:
            self.feed_forward(prefix + "mlp.", FEED_FORWARD)
        else:
            self.experts(prefix + "mlp.", prefix)

    def head(self, embedding, chain, tokens):
        """Every row random, but the row of a token in the chain points where its predecessor's embedding does."""
        scale = 9.0 / WIDTH
        values = uniform(self.seed, "lm_head.weight", tokens * WIDTH, scale)
        for token, successor in zip(chain, chain[1:]):
            row = embedding[token * WIDTH:(token + 1) * WIDTH]
            values[successor * WIDTH:(successor + 1) * WIDTH] = [to_float32(x * scale) for x in row]
        self.tensors["lm_head.weight"] = Tensor([tokens, WIDTH], values)


def make_tensors(seed, vocabulary):
    """All tensors by their Hugging Face names."""
    maker = _Maker(seed)
    tokens = len(vocabulary.tokens)
    embedding = signs(seed, "embed", tokens * WIDTH)
    maker.tensors["model.embed_tokens.weight"] = Tensor([tokens, WIDTH], embedding)
    for index in range(LAYERS):
        maker.layer(index)
    maker.tensors["model.norm.weight"] = Tensor([WIDTH], [1.0] * WIDTH)
    maker.head(embedding, vocabulary.chain, tokens)
    return maker.tensors

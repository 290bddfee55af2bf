#pragma once
// A model with its context: text to tokens, and tokens to the most probable continuation.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llama_library.hpp"

namespace engine {

/// Where the weights are: an inherited descriptor (`fd` >= 0) or a path, and the byte at which the GGUF file
/// starts in it. llama.cpp maps the weights from there; it wants an offset that is a multiple of 32.
struct ModelSource {
    int fd = -1;
    std::string path;
    std::uint64_t offset_bytes = 0;
};

struct Message {
    std::string role;
    std::string content;
};

struct GeneratedToken {
    Token id = 0;
    float logprob = 0; ///< natural logarithm of the probability among all tokens, at most 0
};

enum class Finish {
    stop,    ///< the model ended its answer; its last token is an end-of-generation token
    length,  ///< the limit that was asked for, or the end of the context
    aborted, ///< on_piece said so
};

struct Generation {
    std::vector<GeneratedToken> tokens;
    std::string text; ///< bytes; a token may end in the middle of a character
    Finish finish = Finish::length;
};

class Generator {
public:
    /// @param threads  llama.cpp's threads wait for each other by spinning. With more of them than idle
    ///        processors a small model slows down a thousandfold: the answer of the quickstart's takes 5 ms
    ///        with one thread; on two processors that others use too, it took 4.7 s with two and more than
    ///        30 s with four, which is llama.cpp's own default.
    /// @throws std::runtime_error  the model or its context cannot be loaded
    Generator(const LlamaLibrary& library, const ModelSource& source, int threads);

    /// The prompt of a conversation by the chat template that came with the model, ready for the answer.
    /// @throws std::invalid_argument  no messages, or a template that llama.cpp does not know
    std::string apply_chat_template(const std::vector<Message>& messages) const;

    /// Special tokens in the text count as such, as a chat template needs it.
    std::vector<Token> tokenize(std::string_view text) const;

    enum class Special { hidden, shown };
    /// The bytes of one token; those of special tokens are shown on request only.
    std::string piece(Token token, Special special) const;

    /// Greedy: always the most probable token, the lowest id among equals. Every call starts afresh.
    /// @param on_piece  gets the text of each token; false ends the generation. May be empty.
    /// @throws std::invalid_argument  the prompt is empty or leaves no room in the context
    /// @throws std::runtime_error     llama.cpp cannot compute
    Generation generate(const std::vector<Token>& prompt, std::size_t most_tokens,
                        const std::function<bool(const std::string&)>& on_piece = {});

    std::string description() const;
    std::uint64_t size_bytes() const;
    std::uint32_t context_tokens() const;

private:
    GeneratedToken most_probable() const;

    const LlamaLibrary& library_;
    std::unique_ptr<Model, void (*)(Model*)> model_;
    std::unique_ptr<Context, void (*)(Context*)> context_; // goes before the model
    const Vocabulary* vocabulary_ = nullptr;
};

} // namespace engine

#include "generator.hpp"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace engine {
namespace {

std::int32_t length_of(std::size_t size) {
    if (size > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max() - 64))
        throw std::invalid_argument("text of " + std::to_string(size) + " bytes is too long");
    return static_cast<std::int32_t>(size);
}

std::string name_of(const ModelSource& source) {
    return source.fd >= 0 ? "descriptor " + std::to_string(source.fd) : source.path;
}

/// An inherited descriptor shares its position with the parent, who may have left it anywhere.
std::FILE* open_at_offset(const ModelSource& source) {
    std::FILE* file = source.fd >= 0 ? fdopen(source.fd, "rb") : std::fopen(source.path.c_str(), "rbe");
    if (!file || fseeko(file, static_cast<off_t>(source.offset_bytes), SEEK_SET) != 0)
        throw std::runtime_error("cannot open the model, " + name_of(source) + ": " + std::strerror(errno));
    return file;
}

Model* load_model(const LlamaLibrary& library, const ModelSource& source) {
    Model* model = nullptr;
    if (source.fd < 0 && source.offset_bytes == 0) {
        model = library.llama_model_load_from_file(source.path.c_str(), library.llama_model_default_params());
    } else {
        if (!library.llama_model_load_from_file_ptr)
            throw std::runtime_error(
                "this release of llama.cpp can only load a model from a path of its own");
        // Stays open, as the mapping does: the library reads from it for as long as the model lives.
        std::FILE* file = open_at_offset(source);
        model = library.llama_model_load_from_file_ptr(file, library.llama_model_default_params());
    }
    if (!model)
        throw std::runtime_error("llama.cpp refuses the model in " + name_of(source) + " at byte " +
                                 std::to_string(source.offset_bytes));
    return model;
}

Context* make_context(const LlamaLibrary& library, Model* model) {
    Context* context = library.llama_init_from_model(model, library.llama_context_default_params());
    if (!context) throw std::runtime_error("llama.cpp cannot make a context for the model");
    return context;
}

} // namespace

Generator::Generator(const LlamaLibrary& library, const ModelSource& source, int threads)
    : library_(library),
      model_(load_model(library, source), library.llama_model_free),
      context_(make_context(library, model_.get()), library.llama_free),
      vocabulary_(library.llama_model_get_vocab(model_.get())) {
    library_.llama_set_n_threads(context_.get(), threads, threads);
}

std::string Generator::apply_chat_template(const std::vector<Message>& messages) const {
    if (messages.empty()) throw std::invalid_argument("a conversation without messages");
    const char* chat_template = library_.llama_model_chat_template(model_.get(), nullptr);
    if (!chat_template) throw std::invalid_argument("this model has no chat template");
    std::vector<ChatMessage> views;
    for (const Message& message : messages)
        views.push_back({message.role.c_str(), message.content.c_str()});

    std::string text(4096, '\0');
    for (;;) {
        const std::int32_t wanted = library_.llama_chat_apply_template(
            chat_template, views.data(), views.size(), true, text.data(), length_of(text.size()));
        if (wanted < 0) throw std::invalid_argument("llama.cpp does not know this model's chat template");
        const bool fits = static_cast<std::size_t>(wanted) <= text.size();
        text.resize(static_cast<std::size_t>(wanted));
        if (fits) return text;
    }
}

std::vector<Token> Generator::tokenize(std::string_view text) const {
    // Never more tokens than bytes, but for the few that the model puts around the text.
    std::vector<Token> tokens(text.size() + 16);
    const std::int32_t count = library_.llama_tokenize(vocabulary_, text.data(), length_of(text.size()),
                                                       tokens.data(), length_of(tokens.size()), true, true);
    if (count < 0) throw std::invalid_argument("the text cannot be turned into tokens");
    tokens.resize(static_cast<std::size_t>(count));
    return tokens;
}

std::string Generator::piece(Token token, Special special) const {
    std::string text(64, '\0');
    for (;;) {
        // A negative answer is the room that is needed.
        const std::int32_t length = library_.llama_token_to_piece(
            vocabulary_, token, text.data(), length_of(text.size()), 0, special == Special::shown);
        text.resize(static_cast<std::size_t>(std::abs(length)));
        if (length >= 0) return text;
    }
}

GeneratedToken Generator::most_probable() const {
    const float* logits = library_.llama_get_logits_ith(context_.get(), -1);
    if (!logits) throw std::runtime_error("llama.cpp computed no probabilities");
    const Token count = library_.llama_vocab_n_tokens(vocabulary_);
    Token best = 0;
    for (Token token = 1; token < count; ++token)
        if (logits[token] > logits[best]) best = token;
    double sum = 0;
    for (Token token = 0; token < count; ++token)
        sum += std::exp(static_cast<double>(logits[token]) - static_cast<double>(logits[best]));
    if (!std::isfinite(sum)) throw std::runtime_error("the kernels computed numbers that are not numbers");
    return {best, static_cast<float>(-std::log(sum))};
}

Generation Generator::generate(const std::vector<Token>& prompt, std::size_t most_tokens,
                               const std::function<bool(const std::string&)>& on_piece) {
    if (prompt.empty()) throw std::invalid_argument("the prompt is empty");
    if (prompt.size() >= context_tokens())
        throw std::invalid_argument("the prompt has " + std::to_string(prompt.size()) +
                                    " tokens; with the answer it must fit into " +
                                    std::to_string(context_tokens()));
    library_.llama_memory_clear(library_.llama_get_memory(context_.get()), true);

    Generation generation;
    std::vector<Token> next = prompt;
    while (generation.tokens.size() < most_tokens &&
           prompt.size() + generation.tokens.size() < context_tokens()) {
        const Opaque batch = library_.llama_batch_get_one(next.data(), length_of(next.size()));
        if (library_.llama_decode(context_.get(), batch) != 0)
            throw std::runtime_error("llama.cpp cannot compute the next token");
        const GeneratedToken token = most_probable();
        generation.tokens.push_back(token);
        if (library_.llama_vocab_is_eog(vocabulary_, token.id)) {
            generation.finish = Finish::stop;
            break;
        }
        const std::string text = piece(token.id, Special::hidden);
        generation.text += text;
        if (on_piece && !on_piece(text)) {
            generation.finish = Finish::aborted;
            break;
        }
        next = {token.id};
    }
    return generation;
}

std::string Generator::description() const {
    char text[256] = "";
    library_.llama_model_desc(model_.get(), text, sizeof text);
    return text;
}

std::uint64_t Generator::size_bytes() const {
    return library_.llama_model_size(model_.get());
}

std::uint32_t Generator::context_tokens() const {
    return library_.llama_n_ctx(context_.get());
}

} // namespace engine

#include "completions.hpp"

#include <algorithm>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "utf8.hpp"

namespace engine {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::int64_t default_tokens = 64;
constexpr std::int64_t most_tokens = 4096;

/// Tokens may be halves of characters, which JSON cannot say: they become U+FFFD.
std::string text_of(const OrderedJson& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// An absent member and null mean the same to OpenAI's clients.
const Json* member(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_member(const Json& object, const char* name) {
    const Json* value = member(object, name);
    if (!value || !value->is_string()) throw HttpError(400, std::string(name) + " is not a text");
    return value->get<std::string>();
}

bool flag_member(const Json& object, const char* name) {
    const Json* value = member(object, name);
    if (!value) return false;
    if (!value->is_boolean()) throw HttpError(400, std::string(name) + " is neither true nor false");
    return value->get<bool>();
}

/// /v1/chat/completions asks with true, /v1/completions with the number of alternatives, of which we give
/// none.
bool wants_logprobs(const Json& question) {
    const Json* value = member(question, "logprobs");
    if (!value) return false;
    return value->is_boolean() ? value->get<bool>() : value->is_number();
}

std::size_t token_limit(const Json& question) {
    const Json* limit = member(question, "max_completion_tokens");
    if (!limit) limit = member(question, "max_tokens");
    if (!limit) return static_cast<std::size_t>(default_tokens);
    const bool fits = limit->is_number_integer() && *limit >= 1 && *limit <= most_tokens;
    if (!fits) throw HttpError(400, "max_tokens is not a number from 1 to " + std::to_string(most_tokens));
    return limit->get<std::size_t>();
}

std::vector<Message> messages_of(const Json& question) {
    const Json* messages = member(question, "messages");
    if (!messages || !messages->is_array()) throw HttpError(400, "messages is not a list");
    std::vector<Message> result;
    for (const Json& message : *messages) {
        if (!message.is_object()) throw HttpError(400, "a message is not an object");
        result.push_back({text_member(message, "role"), text_member(message, "content")});
    }
    return result;
}

const char* name_of(Finish finish) {
    return finish == Finish::stop ? "stop" : "length";
}

OrderedJson chat_logprobs(const Generator& generator, const std::vector<GeneratedToken>& tokens) {
    OrderedJson content = OrderedJson::array();
    for (const GeneratedToken& token : tokens) {
        const std::string piece = generator.piece(token.id, Generator::Special::shown);
        OrderedJson bytes = OrderedJson::array();
        for (const char byte : piece)
            bytes.push_back(static_cast<unsigned char>(byte));
        content.push_back({{"id", token.id},
                           {"token", piece},
                           {"bytes", bytes},
                           {"logprob", token.logprob},
                           {"top_logprobs", OrderedJson::array()}});
    }
    return {{"content", content}};
}

OrderedJson text_logprobs(const Generator& generator, const std::vector<GeneratedToken>& tokens) {
    OrderedJson ids = OrderedJson::array();
    OrderedJson pieces = OrderedJson::array();
    OrderedJson logprobs = OrderedJson::array();
    for (const GeneratedToken& token : tokens) {
        ids.push_back(token.id);
        pieces.push_back(generator.piece(token.id, Generator::Special::shown));
        logprobs.push_back(token.logprob);
    }
    return {{"ids", ids}, {"tokens", pieces}, {"token_logprobs", logprobs}, {"top_logprobs", nullptr}};
}

} // namespace

struct Completions::Question {
    enum class Form { chat, text } form = Form::chat;
    std::vector<Token> prompt;
    std::size_t limit = 0;
    bool logprobs = false;
    bool as_events = false;

    bool is_chat() const { return form == Form::chat; }
    std::string object() const { return is_chat() ? "chat.completion" : "text_completion"; }
};

Completions::Completions(Generator& generator, Identity identity, std::function<bool()> stop_asked)
    : generator_(generator), identity_(std::move(identity)), stop_asked_(std::move(stop_asked)) {}

void Completions::serve(const HttpRequest& request, HttpReply& reply) {
    const bool asks = request.path == "/v1/chat/completions" || request.path == "/v1/completions";
    const bool tells = request.path == "/health" || request.path == "/v1/models" || request.path == "/props";
    if (!asks && !tells) throw HttpError(404, "there is nothing at this path");
    if (request.method != (asks ? "POST" : "GET"))
        throw HttpError(405, std::string("this path is for ") + (asks ? "POST" : "GET"));

    if (request.path == "/health") return reply.send_json(200, R"({"status":"ok"})");
    if (request.path == "/v1/models") return reply.send_json(200, models());
    if (request.path == "/props") return reply.send_json(200, properties());

    const Question question = read_question(request);
    if (question.as_events) return answer_as_events(question, reply);
    return answer_whole(question, reply);
}

Completions::Question Completions::read_question(const HttpRequest& request) const {
    const Json body = Json::parse(request.body, nullptr, false);
    if (!body.is_object()) throw HttpError(400, "the body is not a JSON object");
    const Json* temperature = member(body, "temperature");
    if (temperature && *temperature != 0) throw HttpError(400, "only temperature 0 is offered");

    Question question;
    question.form = request.path == "/v1/completions" ? Question::Form::text : Question::Form::chat;
    question.limit = token_limit(body);
    question.logprobs = wants_logprobs(body);
    question.as_events = flag_member(body, "stream");
    if (question.as_events && question.logprobs)
        throw HttpError(400, "logprobs are given with whole answers only, not with stream");
    try {
        const std::string text = question.is_chat() ? generator_.apply_chat_template(messages_of(body))
                                                    : text_member(body, "prompt");
        question.prompt = generator_.tokenize(text);
        if (question.prompt.size() >= generator_.context_tokens())
            throw std::invalid_argument("the prompt does not fit into the context");
    } catch (const std::invalid_argument& problem) {
        throw HttpError(400, problem.what());
    }
    return question;
}

void Completions::answer_whole(const Question& question, HttpReply& reply) {
    const Generation generation = generator_.generate(question.prompt, question.limit,
                                                      [this](const std::string&) { return !stop_asked_(); });
    if (generation.finish == Finish::aborted) throw HttpError(503, "the engine is being stopped");

    OrderedJson choice = {{"index", 0}};
    if (question.is_chat())
        choice["message"] = {{"role", "assistant"}, {"content", generation.text}};
    else
        choice["text"] = generation.text;
    choice["finish_reason"] = name_of(generation.finish);
    choice["logprobs"] = nullptr;
    if (question.logprobs)
        choice["logprobs"] = question.is_chat() ? chat_logprobs(generator_, generation.tokens)
                                                : text_logprobs(generator_, generation.tokens);

    const std::size_t asked = question.prompt.size();
    const std::size_t answered = generation.tokens.size();
    const OrderedJson answer = {
        {"id", "completion-0"},
        {"object", question.object()},
        {"created", 0},
        {"model", identity_.model_id},
        {"choices", OrderedJson::array({choice})},
        {"usage",
         {{"prompt_tokens", asked}, {"completion_tokens", answered}, {"total_tokens", asked + answered}}}};
    reply.send_json(200, text_of(answer));
}

void Completions::answer_as_events(const Question& question, HttpReply& reply) {
    const auto send = [&](const std::string& text, const OrderedJson& finish_reason) {
        OrderedJson choice = {{"index", 0}};
        if (!question.is_chat())
            choice["text"] = text;
        else
            choice["delta"] = text.empty() ? OrderedJson::object() : OrderedJson{{"content", text}};
        choice["finish_reason"] = finish_reason;
        return reply.send_event(
            text_of({{"id", "completion-0"},
                     {"object", question.is_chat() ? "chat.completion.chunk" : "text_completion"},
                     {"created", 0},
                     {"model", identity_.model_id},
                     {"choices", OrderedJson::array({choice})}}));
    };

    reply.begin_events();
    std::string unsent;
    const auto on_piece = [&](const std::string& piece) {
        unsent += piece;
        const std::string ready = unsent.substr(0, finished_length(unsent));
        unsent.erase(0, ready.size());
        const bool reached = ready.empty() || send(ready, nullptr);
        return reached && !stop_asked_();
    };
    const Generation generation = generator_.generate(question.prompt, question.limit, on_piece);
    if (generation.finish == Finish::aborted) return; // without [DONE], so that nobody takes it for whole
    if (!unsent.empty()) send(unsent, nullptr);
    send("", name_of(generation.finish));
    reply.send_event("[DONE]");
}

std::string Completions::properties() const {
    const Device& device = identity_.device;
    return text_of(
        {{"device",
          {{"backend", device.backend}, {"description", device.description}, {"count", device.count}}},
         {"engine",
          {{"name", "llama.cpp"}, {"version", identity_.llama_version}, {"ggml", identity_.ggml_version}}},
         {"model", {{"description", generator_.description()}, {"bytes", generator_.size_bytes()}}},
         {"context_tokens", generator_.context_tokens()}});
}

std::string Completions::models() const {
    const OrderedJson model = {
        {"id", identity_.model_id}, {"object", "model"}, {"created", 0}, {"owned_by", "bundle"}};
    return text_of({{"object", "list"}, {"data", OrderedJson::array({model})}});
}

} // namespace engine

#pragma once
// The endpoints, in the shapes of OpenAI's API:
//   GET  /health               200 once the model is loaded
//   GET  /v1/models            the one model
//   GET  /props                what computes, with what: device, engine, model, context length
//   POST /v1/chat/completions  messages in, answer out; "stream" and "logprobs" are understood
//   POST /v1/completions       the same for a bare prompt
// Only temperature 0 is offered: the same question gives the same answer, which is what a known-answer test
// needs. "logprobs": true adds choices[0].logprobs.content[], each with the token's number as "id" besides
// OpenAI's members.

#include <functional>
#include <string>

#include "generator.hpp"
#include "http_server.hpp"
#include "kernels.hpp"

namespace engine {

/// What /props and /v1/models tell.
struct Identity {
    std::string model_id;
    std::string llama_version;
    std::string ggml_version;
    Device device;
};

class Completions {
public:
    /// @param stop_asked  looked at before every token, so that a stop need not wait for a long answer
    Completions(Generator& generator, Identity identity, std::function<bool()> stop_asked);

    /// @throws HttpError  the request is refused, with the reason
    void serve(const HttpRequest& request, HttpReply& reply);

private:
    struct Question;
    Question read_question(const HttpRequest& request) const;
    void answer_whole(const Question& question, HttpReply& reply);
    void answer_as_events(const Question& question, HttpReply& reply);
    std::string properties() const;
    std::string models() const;

    Generator& generator_;
    Identity identity_;
    std::function<bool()> stop_asked_;
};

} // namespace engine

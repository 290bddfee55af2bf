#include "options.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace engine {

const char* const usage =
    "tiny_engine: an OpenAI-style server on 127.0.0.1 over llama.cpp's shared libraries\n"
    "\n"
    "  --library PATH     a library of llama.cpp; again for each, those that others need first\n"
    "  --kernel PATH      a kernel library; again for each\n"
    "  --model PATH       the weights, a GGUF file\n"
    "  --model-fd N       the weights, by an inherited descriptor instead of a path\n"
    "  --model-offset M   byte at which the weights start in that file; a multiple of 32 (default 0)\n"
    "  --port N           0 takes a free port (default)\n"
    "  --threads N        for computing; never more than there are idle processors (default: 1)\n"
    "  --model-id NAME    the name that /v1/models tells (default: model)\n"
    "\n"
    "Prints \"listening 127.0.0.1:PORT\" when it serves. SIGTERM stops it with status 0; status 2 means that "
    "it\n"
    "could not start.\n";

namespace {

template<typename Number>
Number parse_number(const std::string& option, const std::string& text, Number least, Number most) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [parsed_to, problem] = std::from_chars(text.data(), end, number);
    if (problem != std::errc() || parsed_to != end || number < least || number > most)
        throw std::runtime_error(option + " wants a number from " + std::to_string(least) + " to " +
                                 std::to_string(most) + ", not \"" + text + "\"");
    return number;
}

void apply(Options& options, const std::string& option, const std::string& value) {
    if (option == "--library")
        options.libraries.push_back(value);
    else if (option == "--kernel")
        options.kernels.push_back(value);
    else if (option == "--model")
        options.model.path = value;
    else if (option == "--model-fd")
        options.model.fd = parse_number<int>(option, value, 0, std::numeric_limits<int>::max());
    else if (option == "--model-offset")
        options.model.offset_bytes =
            parse_number<std::uint64_t>(option, value, 0, std::numeric_limits<std::int64_t>::max());
    else if (option == "--port")
        options.port = parse_number<std::uint16_t>(option, value, 0, 65535);
    else if (option == "--threads")
        options.threads = parse_number<int>(option, value, 1, 1024);
    else if (option == "--model-id")
        options.model_id = value;
    else
        throw std::runtime_error("unknown option " + option);
}

void refuse_incomplete(const Options& options) {
    if (options.libraries.empty()) throw std::runtime_error("no --library given");
    if (options.kernels.empty()) throw std::runtime_error("no --kernel given");
    const bool by_path = !options.model.path.empty();
    const bool by_descriptor = options.model.fd >= 0;
    if (by_path == by_descriptor) throw std::runtime_error("give either --model or --model-fd");
}

} // namespace

Options parse_options(const std::vector<std::string>& arguments) {
    Options options;
    std::vector<std::string> seen;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const std::string& option = arguments[i];
        if (option == "--help") {
            options.help = true;
            return options;
        }
        const bool repeatable = option == "--library" || option == "--kernel";
        if (!repeatable && std::find(seen.begin(), seen.end(), option) != seen.end())
            throw std::runtime_error(option + " is given twice");
        seen.push_back(option);
        if (i + 1 == arguments.size()) throw std::runtime_error(option + " wants a value, or is unknown");
        apply(options, option, arguments[i + 1]);
    }
    refuse_incomplete(options);
    return options;
}

} // namespace engine

// tiny_engine: the engine that the quickstart's bundle carries. It stands for whatever engine a site really
// runs: started with verified files, ready when it says so, asked over HTTP, stopped by SIGTERM.

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "completions.hpp"
#include "options.hpp"
#include "stop_signal.hpp"

namespace {

constexpr int cannot_start = 2;

std::string version_or_unknown(const char* (*version)()) {
    return version ? version() : "unknown";
}

void announce(std::uint16_t port) {
    std::printf("listening 127.0.0.1:%u\n", static_cast<unsigned>(port));
    if (std::fflush(stdout) != 0) throw std::runtime_error("cannot write to standard output");
}

void run(const engine::Options& options) {
    const engine::LlamaLibrary library = engine::open_llama_library(options.libraries);
    const engine::Device device = engine::load_kernels(library, options.kernels);
    std::vector<std::string> given = options.libraries;
    given.insert(given.end(), options.kernels.begin(), options.kernels.end());
    engine::refuse_unasked_libraries(given);
    library.llama_backend_init();

    engine::Generator generator(library, options.model, options.threads);
    engine::Completions completions(generator,
                                    {.model_id = options.model_id,
                                     .llama_version = version_or_unknown(library.llama_version),
                                     .ggml_version = version_or_unknown(library.ggml_version),
                                     .device = device},
                                    engine::stop_asked);
    engine::HttpServer server(options.port);
    const int stop_descriptor = engine::ask_to_stop_on_signals();
    announce(server.port());
    server.run(stop_descriptor, [&](const engine::HttpRequest& request, engine::HttpReply& reply) {
        completions.serve(request, reply);
    });
}

} // namespace

int main(int argc, char** argv) {
    try {
        engine::stop_at_once_on_signals();
        const engine::Options options = engine::parse_options({argv + 1, argv + argc});
        if (options.help)
            std::fputs(engine::usage, stdout);
        else
            run(options);
        return 0;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "tiny_engine: %s\n", problem.what());
        return cannot_start;
    }
}

#include "llama_library.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include <dlfcn.h>
#include <link.h>

namespace engine {
namespace {

class Finder {
public:
    explicit Finder(const std::vector<void*>& libraries) : libraries_(libraries) {}

    template<typename Function>
    void optional(const char* name, Function*& function) const {
        function = nullptr;
        for (void* library : libraries_) {
            if (void* found = dlsym(library, name)) {
                function = reinterpret_cast<Function*>(found);
                return;
            }
        }
    }

    template<typename Function>
    void required(const char* name, Function*& function) const {
        optional(name, function);
        if (!function)
            throw std::runtime_error("none of the libraries given with --library has the function " +
                                     std::string(name));
    }

private:
    const std::vector<void*>& libraries_;
};

void find_ggml(const Finder& find, LlamaLibrary& library) {
    find.required("ggml_log_set", library.ggml_log_set);
    find.optional("ggml_version", library.ggml_version);
    find.required("ggml_backend_load", library.ggml_backend_load);
    find.required("ggml_backend_reg_name", library.ggml_backend_reg_name);
    find.required("ggml_backend_reg_dev_count", library.ggml_backend_reg_dev_count);
    find.required("ggml_backend_reg_dev_get", library.ggml_backend_reg_dev_get);
    find.required("ggml_backend_dev_description", library.ggml_backend_dev_description);
}

void find_llama_model(const Finder& find, LlamaLibrary& library) {
    find.required("llama_log_set", library.llama_log_set);
    find.optional("llama_version", library.llama_version);
    find.required("llama_backend_init", library.llama_backend_init);
    find.required("llama_model_default_params", library.llama_model_default_params);
    find.required("llama_model_load_from_file", library.llama_model_load_from_file);
    find.optional("llama_model_load_from_file_ptr", library.llama_model_load_from_file_ptr);
    find.required("llama_model_free", library.llama_model_free);
    find.required("llama_model_desc", library.llama_model_desc);
    find.required("llama_model_size", library.llama_model_size);
    find.required("llama_model_chat_template", library.llama_model_chat_template);
    find.required("llama_model_get_vocab", library.llama_model_get_vocab);
}

void find_llama_text(const Finder& find, LlamaLibrary& library) {
    find.required("llama_vocab_n_tokens", library.llama_vocab_n_tokens);
    find.required("llama_vocab_is_eog", library.llama_vocab_is_eog);
    find.required("llama_tokenize", library.llama_tokenize);
    find.required("llama_token_to_piece", library.llama_token_to_piece);
    find.required("llama_chat_apply_template", library.llama_chat_apply_template);
}

void find_llama_computing(const Finder& find, LlamaLibrary& library) {
    find.required("llama_context_default_params", library.llama_context_default_params);
    find.required("llama_init_from_model", library.llama_init_from_model);
    find.required("llama_free", library.llama_free);
    find.required("llama_set_n_threads", library.llama_set_n_threads);
    find.required("llama_n_ctx", library.llama_n_ctx);
    find.required("llama_get_memory", library.llama_get_memory);
    find.required("llama_memory_clear", library.llama_memory_clear);
    find.required("llama_batch_get_one", library.llama_batch_get_one);
    find.required("llama_decode", library.llama_decode);
    find.required("llama_get_logits_ith", library.llama_get_logits_ith);
}

/// Numbers from ggml.h, enum ggml_log_level. Warnings are left out: on a healthy start there are several.
void log_errors(int level, const char* text, void* /*user_data*/) {
    constexpr int error_level = 4;
    if (level == error_level) std::fprintf(stderr, "tiny_engine: llama.cpp: %s", text);
}

int collect_loaded_name(dl_phdr_info* info, std::size_t /*size*/, void* names) {
    static_cast<std::vector<std::string>*>(names)->emplace_back(info->dlpi_name ? info->dlpi_name : "");
    return 0;
}

} // namespace

void refuse_unasked_libraries(const std::vector<std::string>& given) {
    std::vector<std::string> loaded;
    dl_iterate_phdr(collect_loaded_name, &loaded);
    for (const std::string& path : loaded) {
        const std::string_view file = std::string_view(path).substr(path.rfind('/') + 1);
        const bool of_llama = file.starts_with("libggml") || file.starts_with("libllama");
        if (of_llama && std::find(given.begin(), given.end(), path) == given.end())
            throw std::runtime_error("the loader took " + path +
                                     ", which was not given; give every library, in the order of need");
    }
}

LlamaLibrary open_llama_library(const std::vector<std::string>& paths) {
    std::vector<void*> libraries;
    for (const std::string& path : paths) {
        void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
        if (!library) throw std::runtime_error(std::string("cannot load a library: ") + dlerror());
        libraries.push_back(library);
    }
    refuse_unasked_libraries(paths);

    LlamaLibrary library{};
    const Finder find(libraries);
    find_ggml(find, library);
    find_llama_model(find, library);
    find_llama_text(find, library);
    find_llama_computing(find, library);
    library.ggml_log_set(log_errors, nullptr);
    library.llama_log_set(log_errors, nullptr);
    return library;
}

} // namespace engine

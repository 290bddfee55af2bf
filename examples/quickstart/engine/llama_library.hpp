#pragma once
// llama.cpp and ggml, found at run time and used without their headers.
//
// Every function used here takes scalars and pointers, except for three structures (model parameters, context
// parameters, batch) that are only ever obtained from the library and handed back to it. They travel in an
// opaque block that is larger than any of them (80, 160 and 56 bytes in v0.5.0): by the calling conventions
// of x86-64 and AArch64 a structure of that size is returned through a hidden pointer and passed in memory,
// so the caller never needs its layout or its real size. What is given up is setting a field: contexts keep
// the default length of 512 tokens and files are mapped.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace engine {

using Token = std::int32_t;

// Types of the libraries that we only point at.
struct BackendRegistry; // ggml_backend_reg
struct BackendDevice;   // ggml_backend_device
struct Model;           // llama_model
struct Context;         // llama_context
struct Vocabulary;      // llama_vocab
struct Memory;          // llama_memory_i

struct alignas(16) Opaque {
    unsigned char bytes[512];
};

/// llama_chat_message
struct ChatMessage {
    const char* role;
    const char* content;
};

using LogCallback = void (*)(int level, const char* text, void* user_data);

/// The functions by their names in ggml.h, ggml-backend.h and llama.h. A pointer is null only where it says
/// so.
struct LlamaLibrary {
    // libggml and libggml-base
    void (*ggml_log_set)(LogCallback, void* user_data);
    const char* (*ggml_version)(); ///< null in releases before 2025-09
    BackendRegistry* (*ggml_backend_load)(const char* path);
    const char* (*ggml_backend_reg_name)(BackendRegistry*);
    std::size_t (*ggml_backend_reg_dev_count)(BackendRegistry*);
    BackendDevice* (*ggml_backend_reg_dev_get)(BackendRegistry*, std::size_t index);
    const char* (*ggml_backend_dev_description)(BackendDevice*);

    // libllama: the model
    void (*llama_log_set)(LogCallback, void* user_data);
    const char* (*llama_version)(); ///< null in releases before v0.5.0
    void (*llama_backend_init)();
    Opaque (*llama_model_default_params)();
    Model* (*llama_model_load_from_file)(const char* path, Opaque parameters);
    /// Reads from the current position of the file on; null in releases that can only load whole files.
    Model* (*llama_model_load_from_file_ptr)(std::FILE*, Opaque parameters);
    void (*llama_model_free)(Model*);
    std::int32_t (*llama_model_desc)(const Model*, char* text, std::size_t room);
    std::uint64_t (*llama_model_size)(const Model*);
    const char* (*llama_model_chat_template)(const Model*, const char* name);
    const Vocabulary* (*llama_model_get_vocab)(const Model*);

    // libllama: text and tokens
    std::int32_t (*llama_vocab_n_tokens)(const Vocabulary*);
    bool (*llama_vocab_is_eog)(const Vocabulary*, Token);
    std::int32_t (*llama_tokenize)(const Vocabulary*, const char* text, std::int32_t length, Token* tokens,
                                   std::int32_t room, bool add_special, bool parse_special);
    std::int32_t (*llama_token_to_piece)(const Vocabulary*, Token, char* text, std::int32_t room,
                                         std::int32_t strip_left, bool special);
    std::int32_t (*llama_chat_apply_template)(const char* chat_template, const ChatMessage*,
                                              std::size_t count, bool add_assistant, char* text,
                                              std::int32_t room);

    // libllama: computing
    Opaque (*llama_context_default_params)();
    Context* (*llama_init_from_model)(Model*, Opaque parameters);
    void (*llama_free)(Context*);
    void (*llama_set_n_threads)(Context*, std::int32_t for_tokens, std::int32_t for_prompts);
    std::uint32_t (*llama_n_ctx)(const Context*);
    Memory* (*llama_get_memory)(const Context*);
    void (*llama_memory_clear)(Memory*, bool with_data);
    Opaque (*llama_batch_get_one)(Token*, std::int32_t count);
    std::int32_t (*llama_decode)(Context*, Opaque batch);
    float* (*llama_get_logits_ith)(Context*, std::int32_t index);
};

/// Opens the libraries in the given order and finds the functions. A library that another one needs comes
/// before it: the loader recognises a library that is already there by its SONAME, whatever path it was
/// opened by, and so does not go looking for it. The libraries stay open until the process ends.
///
/// From then on errors that the libraries report go to standard error.
/// @throws std::runtime_error  a library does not load, pulls in a file that was not given, or lacks a
/// function
LlamaLibrary open_llama_library(const std::vector<std::string>& paths);

/// The libraries of llama.cpp have an empty entry in their RUNPATH, which makes the loader look in the
/// working directory. So it is checked after every loading that each ggml or llama library in this process is
/// one of those that were given.
/// @throws std::runtime_error  naming the file that was not asked for
void refuse_unasked_libraries(const std::vector<std::string>& given);

} // namespace engine

#include "packager/pkcs11_module.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <utility>

#include <dlfcn.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

struct ResultName {
    CK_RV result;
    std::string_view name;
};
#define SEALIFT_CKR(name)                                                                                    \
    ResultName {                                                                                             \
        CKR_##name, "CKR_" #name                                                                             \
    }
constexpr std::array result_names{
    SEALIFT_CKR(OK),
    SEALIFT_CKR(CANCEL),
    SEALIFT_CKR(HOST_MEMORY),
    SEALIFT_CKR(SLOT_ID_INVALID),
    SEALIFT_CKR(GENERAL_ERROR),
    SEALIFT_CKR(FUNCTION_FAILED),
    SEALIFT_CKR(ARGUMENTS_BAD),
    SEALIFT_CKR(NEED_TO_CREATE_THREADS),
    SEALIFT_CKR(CANT_LOCK),
    SEALIFT_CKR(ATTRIBUTE_SENSITIVE),
    SEALIFT_CKR(ATTRIBUTE_TYPE_INVALID),
    SEALIFT_CKR(ATTRIBUTE_VALUE_INVALID),
    SEALIFT_CKR(ACTION_PROHIBITED),
    SEALIFT_CKR(DATA_INVALID),
    SEALIFT_CKR(DATA_LEN_RANGE),
    SEALIFT_CKR(DEVICE_ERROR),
    SEALIFT_CKR(DEVICE_MEMORY),
    SEALIFT_CKR(DEVICE_REMOVED),
    SEALIFT_CKR(FUNCTION_CANCELED),
    SEALIFT_CKR(FUNCTION_NOT_SUPPORTED),
    SEALIFT_CKR(KEY_HANDLE_INVALID),
    SEALIFT_CKR(KEY_SIZE_RANGE),
    SEALIFT_CKR(KEY_TYPE_INCONSISTENT),
    SEALIFT_CKR(KEY_FUNCTION_NOT_PERMITTED),
    SEALIFT_CKR(MECHANISM_INVALID),
    SEALIFT_CKR(MECHANISM_PARAM_INVALID),
    SEALIFT_CKR(OBJECT_HANDLE_INVALID),
    SEALIFT_CKR(OPERATION_ACTIVE),
    SEALIFT_CKR(OPERATION_NOT_INITIALIZED),
    SEALIFT_CKR(PIN_INCORRECT),
    SEALIFT_CKR(PIN_INVALID),
    SEALIFT_CKR(PIN_LEN_RANGE),
    SEALIFT_CKR(PIN_EXPIRED),
    SEALIFT_CKR(PIN_LOCKED),
    SEALIFT_CKR(SESSION_CLOSED),
    SEALIFT_CKR(SESSION_COUNT),
    SEALIFT_CKR(SESSION_HANDLE_INVALID),
    SEALIFT_CKR(SESSION_EXISTS),
    SEALIFT_CKR(TOKEN_NOT_PRESENT),
    SEALIFT_CKR(TOKEN_NOT_RECOGNIZED),
    SEALIFT_CKR(USER_ALREADY_LOGGED_IN),
    SEALIFT_CKR(USER_NOT_LOGGED_IN),
    SEALIFT_CKR(USER_PIN_NOT_INITIALIZED),
    SEALIFT_CKR(USER_TYPE_INVALID),
    SEALIFT_CKR(USER_ANOTHER_ALREADY_LOGGED_IN),
    SEALIFT_CKR(USER_TOO_MANY_TYPES),
    SEALIFT_CKR(CURVE_NOT_SUPPORTED),
    SEALIFT_CKR(BUFFER_TOO_SMALL),
    SEALIFT_CKR(CRYPTOKI_NOT_INITIALIZED),
    SEALIFT_CKR(CRYPTOKI_ALREADY_INITIALIZED),
    SEALIFT_CKR(FUNCTION_REJECTED),
};
#undef SEALIFT_CKR

// PKCS#11 fills fixed fields up with spaces.
template<std::size_t size>
std::string unpadded(const unsigned char (&field)[size]) {
    std::string text(reinterpret_cast<const char*>(field), size);
    text.erase(std::min(text.find_last_not_of(std::string(" \0", 2)) + 1, size));
    return text;
}

unsigned char* bytes_of(std::string_view text) {
    // The interface has no const; nobody writes through this.
    return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

std::string tries_left(CK_FLAGS flags) {
    if ((flags & CKF_USER_PIN_LOCKED) != 0) return "; the PIN is locked now";
    if ((flags & CKF_USER_PIN_FINAL_TRY) != 0) return "; one try is left before the PIN is locked";
    if ((flags & CKF_USER_PIN_COUNT_LOW) != 0)
        return "; the token counts wrong PINs, and how many tries are left it does not tell";
    return "";
}

[[noreturn]] void refuse_login(CK_RV result, const TokenFacts& token) {
    Error error(Fault::missing, "the token " + in_quotes(token.label) + " does not open: " +
                                    pkcs11_result_name(result) + tries_left(token.flags));
    switch (result) {
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
        error.hint("look at the PIN before trying again: many tokens lock after three wrong ones");
        break;
    case CKR_PIN_LOCKED:
        error.hint("only the security officer of the token can set a new PIN");
        break;
    case CKR_PIN_EXPIRED:
    case CKR_USER_PIN_NOT_INITIALIZED:
        error.hint("set a PIN first, with the tool that came with the token");
        break;
    default:
        break;
    }
    throw error;
}

CK_FUNCTION_LIST* functions_of(const std::string& path) {
    if (path.empty() || path.front() != '/')
        throw Error(Fault::usage, "PKCS#11 module: " + in_quotes(path) + " is not an absolute path");
    // Never closed again: modules start threads and leave exit handlers behind that would jump into nothing.
    void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        const char* const reason = ::dlerror(); // NOLINT(concurrency-mt-unsafe): POSIX keeps one per thread
        throw Error(Fault::missing, "the PKCS#11 module cannot be loaded: " +
                                        manifests::escaped(reason == nullptr ? path : reason))
            .hint(
                "install the token's module, or name another one with module-path or SEALIFT_PKCS11_MODULE");
    }
    void* const symbol = ::dlsym(library, "C_GetFunctionList");
    CK_FUNCTION_LIST* calls = nullptr;
    if (symbol == nullptr || reinterpret_cast<CK_C_GetFunctionList>(symbol)(&calls) != CKR_OK ||
        calls == nullptr)
        throw Error(Fault::missing, in_quotes(path) + " is a library, but no PKCS#11 module");
    if (calls->version.major != 2)
        throw Error(Fault::missing, in_quotes(path) + " speaks PKCS#11 " +
                                        std::to_string(calls->version.major) + ", wanted 2");
    return calls;
}

} // namespace

std::string pkcs11_result_name(CK_RV result) {
    for (const ResultName& row : result_names) {
        if (row.result == result) return std::string(row.name);
    }
    char text[32];
    std::snprintf(text, sizeof text, "CKR 0x%lx", result);
    return text;
}

void Pkcs11Module::demand(CK_RV result, std::string_view call) {
    if (result == CKR_OK) return;
    Error error(Fault::io, "the token's " + std::string(call) + " says " + pkcs11_result_name(result));
    if (result == CKR_DEVICE_REMOVED || result == CKR_TOKEN_NOT_PRESENT) error.hint("put the token in again");
    throw error;
}

std::shared_ptr<Pkcs11Module> Pkcs11Module::load(const std::string& path) {
    static std::map<std::string, std::weak_ptr<Pkcs11Module>> loaded; // commands open keys on one thread
    std::weak_ptr<Pkcs11Module>& known = loaded[path];
    if (auto shared = known.lock()) return shared;
    std::shared_ptr<Pkcs11Module> module(new Pkcs11Module(path, functions_of(path)));
    known = module;
    return module;
}

Pkcs11Module::Pkcs11Module(std::string path, CK_FUNCTION_LIST* calls)
    : path_(std::move(path)), calls_(calls) {
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    CK_RV result = calls_->C_Initialize(&arguments);
    if (result == CKR_CANT_LOCK || result == CKR_ARGUMENTS_BAD) result = calls_->C_Initialize(nullptr);
    if (result == CKR_CRYPTOKI_ALREADY_INITIALIZED) return; // by another part of this process, which ends it
    demand(result, "C_Initialize");
    ours_to_finalize_ = true;
}

Pkcs11Module::~Pkcs11Module() {
    if (ours_to_finalize_) calls_->C_Finalize(nullptr);
}

TokenFacts Pkcs11Module::token_in(CK_SLOT_ID slot) const {
    CK_TOKEN_INFO info{};
    demand(calls_->C_GetTokenInfo(slot, &info), "C_GetTokenInfo");
    return {slot,
            info.flags,
            unpadded(info.label),
            unpadded(info.manufacturerID),
            unpadded(info.model),
            unpadded(info.serialNumber)};
}

std::vector<TokenFacts> Pkcs11Module::tokens() const {
    constexpr CK_ULONG most_slots = 1000; // a module with more is not asked further
    CK_ULONG count = 0;
    demand(calls_->C_GetSlotList(CK_TRUE, nullptr, &count), "C_GetSlotList");
    if (count > most_slots)
        throw Error(Fault::io,
                    "the module names " + std::to_string(count) + " slots, at most 1000 are looked at");
    std::vector<CK_SLOT_ID> slots(count);
    if (count > 0) demand(calls_->C_GetSlotList(CK_TRUE, slots.data(), &count), "C_GetSlotList");
    slots.resize(std::min<std::size_t>(slots.size(), count));
    std::vector<TokenFacts> tokens;
    for (const CK_SLOT_ID slot : slots) {
        TokenFacts token = token_in(slot);
        if ((token.flags & CKF_TOKEN_INITIALIZED) != 0) tokens.push_back(std::move(token));
    }
    return tokens;
}

bool Pkcs11Module::offers(CK_SLOT_ID slot, CK_MECHANISM_TYPE mechanism) const {
    CK_MECHANISM_INFO info{};
    return calls_->C_GetMechanismInfo(slot, mechanism, &info) == CKR_OK && (info.flags & CKF_SIGN) != 0;
}

Pkcs11Session::Pkcs11Session(std::shared_ptr<Pkcs11Module> module, CK_SLOT_ID slot)
    : module_(std::move(module)), slot_(slot) {
    const CK_RV result = module_->calls().C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &handle_);
    Pkcs11Module::demand(result, "C_OpenSession");
}

Pkcs11Session::~Pkcs11Session() {
    module_->calls().C_CloseSession(handle_);
}

void Pkcs11Session::login(const SecretText* pin, CK_USER_TYPE user) const {
    const std::string_view text = pin == nullptr ? std::string_view() : pin->view();
    const CK_RV result = module_->calls().C_Login(handle_, user, pin == nullptr ? nullptr : bytes_of(text),
                                                  static_cast<CK_ULONG>(text.size()));
    if (result == CKR_OK || result == CKR_USER_ALREADY_LOGGED_IN) return;
    refuse_login(result, module_->token_in(slot_)); // asked again: the flags have changed
}

std::vector<CK_OBJECT_HANDLE> Pkcs11Session::find(std::vector<CK_ATTRIBUTE> attributes) const {
    constexpr std::size_t most_objects = 1000;
    const CK_FUNCTION_LIST& calls = module_->calls();
    Pkcs11Module::demand(
        calls.C_FindObjectsInit(handle_, attributes.data(), static_cast<CK_ULONG>(attributes.size())),
        "C_FindObjectsInit");
    std::vector<CK_OBJECT_HANDLE> found;
    CK_RV result = CKR_OK;
    while (result == CKR_OK && found.size() <= most_objects) {
        std::array<CK_OBJECT_HANDLE, 32> some{};
        CK_ULONG count = 0;
        result = calls.C_FindObjects(handle_, some.data(), some.size(), &count);
        if (result != CKR_OK || count == 0) break;
        found.insert(found.end(), some.begin(),
                     some.begin() +
                         std::min<std::ptrdiff_t>(some.size(), static_cast<std::ptrdiff_t>(count)));
    }
    calls.C_FindObjectsFinal(handle_);
    Pkcs11Module::demand(result, "C_FindObjects");
    if (found.size() > most_objects)
        throw Error(Fault::refused, "over 1000 objects of the token match").hint("name the key more closely");
    return found;
}

std::string Pkcs11Session::attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
    constexpr CK_ULONG most_bytes = 65536; // a certificate is the longest that is asked for
    CK_ATTRIBUTE wanted{type, nullptr, 0};
    const CK_FUNCTION_LIST& calls = module_->calls();
    CK_RV result = calls.C_GetAttributeValue(handle_, object, &wanted, 1);
    if (result == CKR_ATTRIBUTE_TYPE_INVALID || result == CKR_ATTRIBUTE_SENSITIVE) return {};
    Pkcs11Module::demand(result, "C_GetAttributeValue");
    if (wanted.ulValueLen == CK_UNAVAILABLE_INFORMATION || wanted.ulValueLen == 0) return {};
    if (wanted.ulValueLen > most_bytes)
        throw Error(Fault::io, "an attribute of a token's object has " + std::to_string(wanted.ulValueLen) +
                                   " bytes, at most 65536 are read");
    std::string bytes(wanted.ulValueLen, '\0');
    wanted.pValue = bytes.data();
    result = calls.C_GetAttributeValue(handle_, object, &wanted, 1);
    Pkcs11Module::demand(result, "C_GetAttributeValue");
    bytes.resize(std::min<std::size_t>(bytes.size(), wanted.ulValueLen));
    return bytes;
}

CK_ULONG Pkcs11Session::number(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_ULONG otherwise) const {
    CK_ULONG value = otherwise;
    const std::string bytes = attribute(object, type);
    if (bytes.size() == sizeof value)
        std::copy_n(bytes.data(), sizeof value, reinterpret_cast<char*>(&value));
    return value;
}

bool Pkcs11Session::is_true(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
    const std::string value = attribute(object, type);
    return value.size() == 1 && value[0] != CK_FALSE;
}

std::string Pkcs11Session::sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, std::string_view message,
                                const SecretText* pin) const {
    const CK_FUNCTION_LIST& calls = module_->calls();
    CK_MECHANISM how{mechanism, nullptr, 0};
    Pkcs11Module::demand(calls.C_SignInit(handle_, &how, key), "C_SignInit");
    if (is_true(key, CKA_ALWAYS_AUTHENTICATE)) login(pin, CKU_CONTEXT_SPECIFIC);
    std::string signature(512, '\0'); // more than any of the key types here needs
    CK_ULONG length_bytes = static_cast<CK_ULONG>(signature.size());
    Pkcs11Module::demand(calls.C_Sign(handle_, bytes_of(message), static_cast<CK_ULONG>(message.size()),
                                      reinterpret_cast<unsigned char*>(signature.data()), &length_bytes),
                         "C_Sign");
    signature.resize(std::min<std::size_t>(signature.size(), length_bytes));
    return signature;
}

} // namespace packager

// A PKCS#11 module for tests: one token, one Ed25519 key in memory, and on demand one defect that no real
// token can be made to show. FAKE_TOKEN names the defects, such as "raw-point" or "bad-signature pin-pad".

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include <p11-kit/pkcs11.h>
#include <sodium.h>

extern "C" int fake_token_open_sessions();
extern "C" const char* fake_token_calls();

namespace {

constexpr CK_OBJECT_HANDLE private_key = 1;
constexpr CK_OBJECT_HANDLE public_key = 2;
constexpr std::string_view pin = "1234";

unsigned char secret[crypto_sign_SECRETKEYBYTES];
unsigned char point[crypto_sign_PUBLICKEYBYTES];
int open_sessions = 0;
bool pin_was_wrong = false;
std::string log_of_calls;
std::string found_class; // handles of the search that is going on

bool has(std::string_view defect) {
    const char* const defects = std::getenv("FAKE_TOKEN");
    return defects != nullptr && std::string_view(defects).find(defect) != std::string_view::npos;
}

void fill(unsigned char* field, std::size_t size, std::string_view text) {
    std::memset(field, ' ', size);
    std::memcpy(field, text.data(), text.size());
}

std::string ulong_bytes(CK_ULONG value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string ec_point() {
    const std::string raw(reinterpret_cast<const char*>(point), sizeof point);
    if (has("raw-point")) return raw;
    if (has("bit-string-point")) return std::string("\x03\x21\x00", 3) + raw;
    if (has("long-point")) return "\x04\x21" + raw + "x";
    if (has("huge-point")) return std::string(1U << 20U, 'x');
    if (has("no-point")) return "";
    if (has("zero-point")) return "\x04\x20" + std::string(32, '\0');
    return "\x04\x20" + raw;
}

// Empty: there is no such attribute.
std::string attribute_of(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    switch (type) {
    case CKA_CLASS:
        return ulong_bytes(object == private_key ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY);
    case CKA_LABEL:
        return has("evil-label") ? "\x1b[2Jrelease" : "release";
    case CKA_ID:
        return "\x01";
    case CKA_KEY_TYPE:
        return ulong_bytes(has("wrong-type") ? CKK_EC : CKK_EC_EDWARDS);
    case CKA_EC_PARAMS:
        return has("x25519") ? "\x06\x03\x2b\x65\x6e" : "\x06\x03\x2b\x65\x70";
    case CKA_SIGN:
        return std::string(1, has("cannot-sign") ? '\0' : '\1');
    case CKA_EC_POINT:
        return object == public_key ? ec_point() : "";
    default:
        return "";
    }
}

CK_RV initialize(void*) {
    if (sodium_init() < 0) return CKR_GENERAL_ERROR;
    unsigned char seed[crypto_sign_SEEDBYTES] = {7};
    crypto_sign_seed_keypair(point, secret, seed);
    log_of_calls += "initialize ";
    return has("no-start") ? CKR_DEVICE_ERROR : CKR_OK;
}
CK_RV finalize(void*) {
    log_of_calls += "finalize ";
    return CKR_OK;
}
CK_RV slot_list(unsigned char, CK_SLOT_ID* slots, CK_ULONG* count) {
    if (has("many-slots")) return *count = 1UL << 40U, CKR_OK;
    *count = has("no-token") ? 0 : 1;
    if (slots != nullptr && *count == 1) slots[0] = 5;
    return CKR_OK;
}
CK_RV token_info(CK_SLOT_ID, CK_TOKEN_INFO* info) {
    *info = {};
    fill(info->label, sizeof info->label, has("full-label") ? std::string(32, 'f') : "fake");
    fill(info->manufacturerID, sizeof info->manufacturerID, "tests");
    fill(info->model, sizeof info->model, "one");
    fill(info->serialNumber, sizeof info->serialNumber, "42");
    info->flags = CKF_TOKEN_INITIALIZED;
    if (!has("no-login")) info->flags |= CKF_LOGIN_REQUIRED;
    if (has("pin-pad")) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    if (pin_was_wrong && has("low")) info->flags |= CKF_USER_PIN_COUNT_LOW;
    if (pin_was_wrong && has("final")) info->flags |= CKF_USER_PIN_FINAL_TRY;
    if (pin_was_wrong && has("locked")) info->flags |= CKF_USER_PIN_LOCKED;
    return CKR_OK;
}
CK_RV mechanism_info(CK_SLOT_ID, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO* info) {
    if (type != CKM_EDDSA || has("no-mechanism")) return CKR_MECHANISM_INVALID;
    info->flags = has("verify-only") ? CKF_VERIFY : CKF_SIGN;
    return CKR_OK;
}
CK_RV open_session(CK_SLOT_ID, CK_FLAGS, void*, CK_NOTIFY, CK_SESSION_HANDLE* session) {
    ++open_sessions;
    *session = 1;
    return CKR_OK;
}
CK_RV close_session(CK_SESSION_HANDLE) {
    --open_sessions;
    return CKR_OK;
}
CK_RV login(CK_SESSION_HANDLE, CK_USER_TYPE, unsigned char* text, CK_ULONG length_bytes) {
    log_of_calls += text == nullptr ? "login-on-pad " : "login ";
    if (has("pin-expired")) return CKR_PIN_EXPIRED;
    if (text == nullptr) return has("pin-pad") ? CKR_OK : CKR_ARGUMENTS_BAD;
    const std::string_view typed(reinterpret_cast<const char*>(text), length_bytes);
    pin_was_wrong = typed != pin;
    return pin_was_wrong ? CKR_PIN_INCORRECT : CKR_OK;
}
CK_RV find_init(CK_SESSION_HANDLE, CK_ATTRIBUTE* wanted, CK_ULONG count) {
    found_class.clear();
    for (const CK_OBJECT_HANDLE object : {private_key, public_key}) {
        if (object == public_key && has("no-public-key")) continue;
        const bool fits = std::all_of(wanted, wanted + count, [&](const CK_ATTRIBUTE& attribute) {
            return attribute_of(object, attribute.type) ==
                   std::string_view(static_cast<const char*>(attribute.pValue), attribute.ulValueLen);
        });
        if (fits) found_class += static_cast<char>(object);
    }
    return CKR_OK;
}
CK_RV find(CK_SESSION_HANDLE, CK_OBJECT_HANDLE* objects, CK_ULONG most, CK_ULONG* count) {
    if (has("endless-objects")) {
        std::fill_n(objects, most, private_key);
        return *count = most, CKR_OK;
    }
    *count = std::min<CK_ULONG>(most, found_class.size());
    for (CK_ULONG i = 0; i < *count; ++i)
        objects[i] = static_cast<CK_OBJECT_HANDLE>(found_class[i]);
    found_class.clear();
    return CKR_OK;
}
CK_RV find_final(CK_SESSION_HANDLE) {
    return CKR_OK;
}
CK_RV attribute_value(CK_SESSION_HANDLE, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* wanted, CK_ULONG) {
    const std::string value = attribute_of(object, wanted->type);
    if (value.empty()) return wanted->ulValueLen = CK_UNAVAILABLE_INFORMATION, CKR_ATTRIBUTE_TYPE_INVALID;
    wanted->ulValueLen = value.size();
    if (wanted->pValue != nullptr) std::memcpy(wanted->pValue, value.data(), value.size());
    return CKR_OK;
}
// What LeakSanitizer has to find in a module that no suppression names.
void lose_memory() {
    [[maybe_unused]] static void* volatile lost;
    lost = std::malloc(4321);
    lost = nullptr;
}
CK_RV sign_init(CK_SESSION_HANDLE, CK_MECHANISM*, CK_OBJECT_HANDLE) {
    if (has("leak")) lose_memory();
    return has("removed") ? CKR_DEVICE_REMOVED : CKR_OK;
}
CK_RV sign(CK_SESSION_HANDLE, unsigned char* message, CK_ULONG length_bytes, unsigned char* signature,
           CK_ULONG* size) {
    if (has("vendor-error")) return CKR_VENDOR_DEFINED | 0x17UL;
    unsigned long long made = 0;
    crypto_sign_detached(signature, &made, message, length_bytes, secret);
    if (has("bad-signature")) signature[40] ^= 1U;
    *size = has("short-signature") ? made - 1 : has("overlong-signature") ? 100000 : made;
    return CKR_OK;
}

} // namespace

extern "C" int fake_token_open_sessions() {
    return open_sessions;
}

extern "C" const char* fake_token_calls() {
    return log_of_calls.c_str();
}

extern "C" CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
    static CK_FUNCTION_LIST calls{};
    calls.version = {static_cast<unsigned char>(has("version-3") ? 3 : 2), 40};
    calls.C_Initialize = initialize;
    calls.C_Finalize = finalize;
    calls.C_GetSlotList = slot_list;
    calls.C_GetTokenInfo = token_info;
    calls.C_GetMechanismInfo = mechanism_info;
    calls.C_OpenSession = open_session;
    calls.C_CloseSession = close_session;
    calls.C_Login = login;
    calls.C_FindObjectsInit = find_init;
    calls.C_FindObjects = find;
    calls.C_FindObjectsFinal = find_final;
    calls.C_GetAttributeValue = attribute_value;
    calls.C_SignInit = sign_init;
    calls.C_Sign = sign;
    *list = &calls;
    return has("no-functions") ? CKR_GENERAL_ERROR : CKR_OK;
}

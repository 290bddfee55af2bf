#pragma once
// A PKCS#11 module: somebody else's shared library, loaded into this process, that speaks for a token. Of
// p11-kit only the header is used. What a module answers is not trusted further than it can be checked:
// lengths are bounded here, and who signs checks the signature.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <p11-kit/pkcs11.h>

#include "packager/secret_text.hpp"

namespace packager {

/// "CKR_PIN_INCORRECT", or the number in hex for one that PKCS#11 2.40 does not have.
std::string pkcs11_result_name(CK_RV result);

struct TokenFacts {
    CK_SLOT_ID slot;
    CK_FLAGS flags;                                 ///< CKF_LOGIN_REQUIRED and so on
    std::string label, manufacturer, model, serial; ///< without the padding
};

class Pkcs11Module {
public:
    /// Loads and initialises; whoever asks for the same path at the same time shares it, for a process is
    /// one application to a module.
    /// @param path  absolute: no search path decides what runs in this process
    /// @throws Error  Fault::missing if it is not there or is no module
    static std::shared_ptr<Pkcs11Module> load(const std::string& path);
    ~Pkcs11Module();
    Pkcs11Module(const Pkcs11Module&) = delete;
    Pkcs11Module& operator=(const Pkcs11Module&) = delete;

    /// Of every slot with an initialised token in it.
    std::vector<TokenFacts> tokens() const;
    TokenFacts token_in(CK_SLOT_ID slot) const;
    bool offers(CK_SLOT_ID slot, CK_MECHANISM_TYPE mechanism) const;

    const std::string& path() const noexcept { return path_; }
    /// The function table. Calls that fail go through demand().
    const CK_FUNCTION_LIST& calls() const noexcept { return *calls_; }
    /// @throws Error  Fault::io with the call's and the result's name unless it is CKR_OK
    static void demand(CK_RV result, std::string_view call);

private:
    Pkcs11Module(std::string path, CK_FUNCTION_LIST* calls);
    std::string path_;
    CK_FUNCTION_LIST* calls_;
    bool ours_to_finalize_ = false;
};

/// A session with a token, closed at the end; with the last session of a token its login ends.
class Pkcs11Session {
public:
    Pkcs11Session(std::shared_ptr<Pkcs11Module> module, CK_SLOT_ID slot);
    ~Pkcs11Session();
    Pkcs11Session(const Pkcs11Session&) = delete;
    Pkcs11Session& operator=(const Pkcs11Session&) = delete;

    /// @param pin   nullptr: it is typed on the token's own keys
    /// @param user  CKU_USER, or CKU_CONTEXT_SPECIFIC for one signature
    /// @throws Error  Fault::missing for a wrong PIN; says what the token tells about further tries
    void login(const SecretText* pin, CK_USER_TYPE user = CKU_USER) const;

    /// Objects that have all of these attributes.
    /// @throws Error  Fault::refused if there are over 1000
    std::vector<CK_OBJECT_HANDLE> find(std::vector<CK_ATTRIBUTE> attributes) const;
    /// Empty if the object has no such attribute or does not show it.
    /// @throws Error  Fault::io if it is over 64 KiB
    std::string attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;
    /// An attribute of type CK_ULONG. @return `otherwise` if it is not there
    CK_ULONG number(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_ULONG otherwise) const;
    bool is_true(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;

    /// In one call; PKCS#11 signs with EdDSA in no other way.
    /// @param pin  asked for by keys that want it for every signature; nullptr: as for login()
    std::string sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, std::string_view message,
                     const SecretText* pin) const;

    const Pkcs11Module& module() const noexcept { return *module_; }
    CK_SLOT_ID slot() const noexcept { return slot_; }

private:
    std::shared_ptr<Pkcs11Module> module_;
    CK_SLOT_ID slot_;
    CK_SESSION_HANDLE handle_ = CK_INVALID_HANDLE;
};

} // namespace packager

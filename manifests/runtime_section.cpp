// The runtime section of a bundle document, which recipes and launch.json share.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/bundle_document.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::uint64_t longest_wait_s =
    24 * 60 * 60; // a 700 GB model from a slow disk needs hours, not days

// It goes into a request line as it is.
void check_http_path(std::string_view member, std::string_view path) {
    const bool printable =
        std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c <= '~' && c != '#'; });
    if (!path.starts_with('/') || !printable) {
        refuse_document(std::string(member) + " is " + in_quotes(path) +
                        ", wanted '/' and printable ASCII without spaces or '#'");
    }
}

ReadyRule read_ready(const Json& value) {
    Fields fields(value);
    ReadyRule ready{.listen_prefix = fields.text_or("listen_prefix", ""),
                    .health_path = fields.text("health_path"),
                    .timeout_s = fields.count_or("timeout_s", 60)};
    fields.refuse_others();
    check_http_path("ready.health_path", ready.health_path);
    if (ready.timeout_s == 0 || ready.timeout_s > longest_wait_s)
        refuse_document("ready.timeout_s is not 1 to 86400");
    return ready;
}

void check_pointer(const std::string& text) {
    if (!text.starts_with('/')) refuse_document("device.pointer does not start with '/'");
    for (std::size_t tilde = text.find('~'); tilde != std::string::npos; tilde = text.find('~', tilde + 1)) {
        const bool escape = tilde + 1 < text.size() && (text[tilde + 1] == '0' || text[tilde + 1] == '1');
        if (!escape) {
            refuse_document("device.pointer " + in_quotes(text) +
                            " is no JSON pointer (RFC 6901): '~' stands alone");
        }
    }
}

DeviceRule read_device(const Json& value) {
    Fields fields(value);
    DeviceRule device{
        .path = fields.text("path"), .pointer = fields.text("pointer"), .equals = fields.text("equals")};
    fields.refuse_others();
    check_http_path("device.path", device.path);
    check_pointer(device.pointer);
    return device;
}

std::vector<std::pair<std::string, std::string>> read_environment(const Json& value) {
    std::vector<std::pair<std::string, std::string>> list; // Json keeps members sorted
    for (const auto& [name, text] : value.items()) {
        if (!text.is_string()) refuse_document("environment " + in_quotes(name) + " is not a string");
        if (name.empty() || name.find('=') != std::string::npos) {
            refuse_document("environment name " + in_quotes(name) + " is empty or has '='");
        }
        // These make the loader run code that is not in the bundle.
        if (name.starts_with("LD_") || name == "GGML_BACKEND_PATH") {
            refuse_document("environment name " + in_quotes(name) +
                            " is not allowed: it loads code from outside the bundle");
        }
        list.emplace_back(name, text.get<std::string>());
    }
    return list;
}

} // namespace

RuntimeSection read_runtime_section(const Json& value) {
    Fields fields(value);
    RuntimeSection section{.entrypoint = BundlePath::parse(fields.text("entrypoint")),
                           .arguments = fields.texts("arguments"),
                           .environment = {},
                           .port = fields.count_or("port", 0),
                           .ready = read_ready(fields.object("ready")),
                           .device = std::nullopt,
                           .known_answer = std::nullopt};
    if (fields.has("environment")) section.environment = read_environment(fields.object("environment"));
    if (fields.has("device")) section.device = read_device(fields.object("device"));
    if (fields.has("known_answer")) section.known_answer = BundlePath::parse(fields.text("known_answer"));
    fields.refuse_others();
    if (section.port > 65535) refuse_document("port is over 65535");
    if (section.port == 0 && section.ready.listen_prefix.empty()) {
        refuse_document(
            "port is 0, so ready.listen_prefix has to say how the engine tells which port it chose");
    }
    return section;
}

OrderedJson write_runtime_section(const RuntimeSection& section) {
    OrderedJson environment = OrderedJson::object();
    for (const auto& [name, text] : section.environment)
        environment[name] = text;
    OrderedJson ready = OrderedJson::object();
    if (!section.ready.listen_prefix.empty()) ready["listen_prefix"] = section.ready.listen_prefix;
    ready["health_path"] = section.ready.health_path;
    ready["timeout_s"] = section.ready.timeout_s;
    OrderedJson value = {{"entrypoint", section.entrypoint.text()},
                         {"arguments", section.arguments},
                         {"environment", environment},
                         {"port", section.port},
                         {"ready", ready}};
    if (section.device) {
        value["device"] = {{"path", section.device->path},
                           {"pointer", section.device->pointer},
                           {"equals", section.device->equals}};
    }
    if (section.known_answer) value["known_answer"] = section.known_answer->text();
    return value;
}

} // namespace manifests

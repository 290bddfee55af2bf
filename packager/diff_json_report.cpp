// sealift.diff/1: every list is always there, empty when nothing differs.

#include <utility>

#include <nlohmann/json.hpp>

#include "packager/diff_output.hpp"
#include "runtime/long_output.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

using manifests::BundleFile;
using manifests::OrderedJson;
using runtime::json_text;

OrderedJson texts(const std::vector<std::string>& list) {
    OrderedJson array = OrderedJson::array();
    for (const std::string& text : list)
        array.push_back(json_text(text));
    return array;
}

OrderedJson changes_of(const JsonDiff& diff) {
    OrderedJson array = OrderedJson::array();
    for (const JsonChange& change : diff.changes) {
        OrderedJson one = {{"pointer", json_text(change.pointer)}};
        if (change.before) one["a"] = json_text(*change.before);
        if (change.after) one["b"] = json_text(*change.after);
        array.push_back(std::move(one));
    }
    return {{"changes", std::move(array)}, {"more", diff.more}};
}

OrderedJson file_json(const BundleFile& file) {
    return {{"path", file.path.text()},
            {"role", name_of(file.role)},
            {"mode", text_of(file.mode)},
            {"size_bytes", file.size_bytes},
            {"digest", file.digest.text()}};
}

OrderedJson change_json(const FileChange& change) {
    OrderedJson one = {{"change", name_of(change.kind)}};
    if (change.before != nullptr) one["a"] = file_json(*change.before);
    if (change.after != nullptr) one["b"] = file_json(*change.after);
    return one;
}

OrderedJson tensor_json(const Tensor& tensor) {
    return {{"type", tensor.type},
            {"shape", tensor.shape},
            {"offset", tensor.offset},
            {"size_bytes", tensor.size_bytes}};
}

OrderedJson weights_json(const FileDiff& diff) {
    OrderedJson tensors = OrderedJson::array();
    for (const TensorChange& change : diff.changes) {
        OrderedJson one = {{"change", name_of(change.kind)},
                           {"name", json_text(change.before ? change.before->name : change.after->name)}};
        if (change.before) one["a"] = tensor_json(*change.before);
        if (change.after) one["b"] = tensor_json(*change.after);
        if (change.kind == TensorChange::Kind::bytes) {
            one["byte_in_tensor"] = change.at;
            one["byte_in_a"] = change.before->offset + change.at;
            one["byte_in_b"] = change.after->offset + change.at;
        }
        tensors.push_back(std::move(one));
    }
    OrderedJson value = {{"path", diff.path},
                         {"format", diff.format},
                         {"no_tensor_list", json_text(diff.reason)},
                         {"content_compared", diff.content_compared},
                         {"same_bytes", diff.same_bytes},
                         {"same_tensors", diff.same_tensors},
                         {"tensors", std::move(tensors)}};
    if (diff.other_byte) value["byte_outside_of_tensors"] = *diff.other_byte;
    return value;
}

OrderedJson kernel_side(const std::vector<std::string>& features, const std::vector<std::string>& fits,
                        const std::string& format, const std::vector<std::string>& targets) {
    OrderedJson value = {{"requires_features", texts(features)}, {"fits", texts(fits)}};
    if (!format.empty()) value["format"] = json_text(format);
    if (!targets.empty()) value["targets"] = texts(targets);
    return value;
}

OrderedJson kernel_json(const KernelChange& change) {
    OrderedJson value = {{"path", change.path}, {"other_bytes", change.other_bytes}};
    if (change.in_a)
        value["a"] = kernel_side(change.features_a, change.fits_a, change.format_a, change.targets_a);
    if (change.in_b)
        value["b"] = kernel_side(change.features_b, change.fits_b, change.format_b, change.targets_b);
    return value;
}

OrderedJson config_json(const DocumentDiff& diff) {
    OrderedJson value = changes_of(diff.changes);
    value["path"] = diff.where;
    value["no_keys"] = json_text(diff.reason);
    return value;
}

template<typename List, typename ToJson>
OrderedJson list_of(const List& list, ToJson to_json) {
    OrderedJson array = OrderedJson::array();
    for (const auto& one : list)
        array.push_back(to_json(one));
    return array;
}

template<typename List, typename ToJson>
runtime::WriteText text_of(const List& list, ToJson to_json) {
    return runtime::list_text(list.size(), [&list, to_json](std::size_t i) { return to_json(list[i]); });
}

OrderedJson sizes_json(const std::vector<RoleSizes>& sizes) {
    std::uint64_t total_a = 0, total_b = 0;
    for (const RoleSizes& role : sizes)
        total_a += role.bytes_a, total_b += role.bytes_b;
    return {{"total_bytes_a", total_a},
            {"total_bytes_b", total_b},
            {"roles", list_of(sizes, [](const RoleSizes& role) -> OrderedJson {
                 return {{"role", name_of(role.role)},
                         {"files_a", role.files_a},
                         {"size_bytes_a", role.bytes_a},
                         {"files_b", role.files_b},
                         {"size_bytes_b", role.bytes_b}};
             })}};
}

} // namespace

OrderedJson diff_json_report(const BundleDiff& diff) {
    return {
        {"same", diff.same()},
        {"digest_a", diff.digest_a.text()},
        {"digest_b", diff.digest_b.text()},
        {"identity", changes_of(diff.identity)},
        {"files", nullptr},
        {"weights", nullptr},
        {"kernels", list_of(diff.kernels, kernel_json)},
        {"config", list_of(diff.config, config_json)},
        {"runtime", changes_of(diff.runtime)},
        {"requirements", changes_of(diff.requirements)},
        {"documents",
         list_of(
             diff.documents,
             [](const ReferenceChange& change) -> OrderedJson {
                 return {{"document", change.what}, {"a", change.before.text()}, {"b", change.after.text()}};
             })},
        {"signatures",
         {{"checked", false},
          {"same_envelopes", diff.signatures.same},
          {"a", texts(diff.signatures.a)},
          {"b", texts(diff.signatures.b)}}},
        {"sizes", sizes_json(diff.sizes)}};
}

void print_diff_json(OrderedJson head, const BundleDiff& diff) {
    head.update(diff_json_report(diff));
    runtime::print_json_around(head, {{"files", text_of(diff.files, change_json)},
                                      {"weights", text_of(diff.weights, weights_json)}});
}

} // namespace packager

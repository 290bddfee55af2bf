#include "packager/difference_words.hpp"

#include "manifests/text.hpp"
#include "packager/diff_output.hpp"

namespace packager {
namespace {

using manifests::count_text;
using manifests::escaped;

std::string sentence(const std::string& where, const JsonChange& change) {
    const std::string place =
        where + ": " + (change.pointer.empty() ? "it" : escaped(change.pointer)) + " is ";
    const auto value = [](const std::string& text) {
        return escaped(text, 2 * JsonChange::most_value_bytes);
    };
    if (!change.before) return place + "only in the inputs: " + value(*change.after);
    if (!change.after) return place + "only in the bundle: " + value(*change.before);
    return place + value(*change.after) + " in the inputs and " + value(*change.before) + " in the bundle";
}

std::string sentence(const std::string& path, const TensorChange& change) {
    const std::string name = escaped(change.before ? change.before->name : change.after->name);
    const std::string tensor = path + ": tensor " + name;
    switch (change.kind) {
    case TensorChange::Kind::added:
        return tensor + " is in the inputs and not in the bundle";
    case TensorChange::Kind::removed:
        return tensor + " is in the bundle and not in the inputs";
    case TensorChange::Kind::described:
        return tensor + " is " + description_of(*change.after) + " in the inputs and " +
               description_of(*change.before) + " in the bundle";
    case TensorChange::Kind::bytes:
        break;
    }
    return tensor + " differs at byte " + count_text(change.before->offset + change.at) + " (byte " +
           count_text(change.at) + " of the tensor)";
}

Difference of_tensor(const std::string& path, const TensorChange& change) {
    Difference difference{.kind = Difference::Kind::content,
                          .text = sentence(escaped(path), change),
                          .path = path,
                          .pointer = {},
                          .tensor = change.before ? change.before->name : change.after->name,
                          .byte_in_file = std::nullopt,
                          .byte_in_tensor = std::nullopt};
    if (change.kind == TensorChange::Kind::bytes) {
        difference.byte_in_file = change.before->offset + change.at;
        difference.byte_in_tensor = change.at;
    }
    return difference;
}

// What is left to say of a file when no tensor is the reason.
Difference of_file(const FileDiff& diff) {
    Difference difference{.kind = Difference::Kind::content,
                          .text = escaped(diff.path),
                          .path = diff.path,
                          .pointer = {},
                          .tensor = {},
                          .byte_in_file = diff.other_byte,
                          .byte_in_tensor = std::nullopt};
    if (diff.other_byte) {
        difference.text += " differs at byte " + count_text(*diff.other_byte);
        if (!diff.format.empty()) difference.text += ", outside of its tensors";
    } else if (diff.size_a != diff.size_b) {
        difference.text += " has " + count_text(diff.size_b) + " bytes in the inputs and " +
                           count_text(diff.size_a) +
                           " in the bundle, and the shorter is the front of the longer";
    } else {
        difference.text += " was read twice, with other bytes the first time";
    }
    return difference;
}

} // namespace

std::vector<Difference> in_words(Difference::Kind kind, const std::string& document, const JsonDiff& diff) {
    std::vector<Difference> differences;
    for (const JsonChange& change : diff.changes) {
        differences.push_back({.kind = kind,
                               .text = sentence(document, change),
                               .path = document,
                               .pointer = change.pointer,
                               .tensor = {},
                               .byte_in_file = std::nullopt,
                               .byte_in_tensor = std::nullopt});
    }
    return differences;
}

std::vector<Difference> in_words(const FileDiff& diff, Bundled bundled) {
    std::vector<Difference> differences;
    for (const TensorChange& change : diff.changes)
        differences.push_back(of_tensor(diff.path, change));
    if (differences.empty() || diff.other_byte) differences.push_back(of_file(diff));
    if (bundled == Bundled::damaged) {
        for (Difference& difference : differences)
            difference.text += "; the bundle is damaged there: its own document names other bytes";
    }
    return differences;
}

} // namespace packager

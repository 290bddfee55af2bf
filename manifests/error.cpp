#include "manifests/error.hpp"

#include "manifests/text.hpp"

namespace manifests {

Error& Error::in(std::string_view where) {
    const std::string front = escaped(where) + ": ";
    text_ = front + text_;
    where_bytes_ += front.size();
    return *this;
}

Error& Error::hint(std::string text) {
    hint_ = std::move(text);
    return *this;
}

Exit exit_of(Fault fault) noexcept {
    switch (fault) {
    case Fault::usage:
        return Exit::usage;
    case Fault::damaged:
    case Fault::refused:
        return Exit::no;
    case Fault::internal:
    case Fault::io:
    case Fault::missing:
        break;
    }
    return Exit::no_answer;
}

} // namespace manifests

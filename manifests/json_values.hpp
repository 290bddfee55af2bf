#pragma once
// The door for JSON as three events: a value, the beginning of an object or list, its end. For readers that
// keep part of a document while it passes by; only for the files that implement the door.

#include <utility>

#include "manifests/json_door.hpp"

namespace manifests {

class ValueKeeper : public DoorKeeper {
public:
    using DoorKeeper::DoorKeeper;

    bool null() final { return put(nullptr); }
    bool boolean(bool value) final { return put(value); }
    bool number_integer(number_integer_t value) final { return put(value); }
    bool number_unsigned(number_unsigned_t value) final {
        return DoorKeeper::number_unsigned(value) && put(value);
    }
    bool number_float(number_float_t value, const string_t& spelling) final {
        return DoorKeeper::number_float(value, spelling) && put(value);
    }
    bool string(string_t& value) final { return DoorKeeper::string(value) && put(std::move(value)); }
    bool start_object(std::size_t size) final {
        return DoorKeeper::start_object(size) && open(Json::value_t::object);
    }
    bool key(string_t& name) final {
        DoorKeeper::key(name);
        last_key_ = name;
        return true;
    }
    bool end_object() final { return DoorKeeper::end_object() && close(); }
    bool start_array(std::size_t size) final {
        return DoorKeeper::start_array(size) && open(Json::value_t::array);
    }
    bool end_array() final { return DoorKeeper::end_array() && close(); }

protected:
    /// Of the member whose value comes next.
    const std::string& last_key() const { return last_key_; }

private:
    virtual bool put(Json value) = 0;
    virtual bool open(Json::value_t type) = 0;
    virtual bool close() = 0;

    std::string last_key_;
};

} // namespace manifests

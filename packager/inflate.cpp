#include "packager/inflate.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "manifests/error.hpp"

namespace packager {
namespace {

constexpr unsigned most_code_bits = 15;
constexpr std::size_t length_symbols = 288;
constexpr std::size_t distance_symbols = 30;

// 256 ends a block; 257 to 285 are lengths.
constexpr unsigned end_of_block = 256;
constexpr std::array<unsigned short, 29> length_base{3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                     15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                     67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<unsigned char, 29> length_bits{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                    2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr std::array<unsigned short, 30> distance_base{
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
constexpr std::array<unsigned char, 30> distance_bits{0, 0, 0, 0, 1, 1, 2, 2,  3,  3,  4,  4,  5,  5,  6,
                                                      6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

// How many codes there are of each length, and their symbols in the order of the codes.
struct Codes {
    std::array<unsigned, most_code_bits + 1> counts{};
    std::vector<unsigned> symbols;

    explicit Codes(const std::vector<unsigned>& lengths) {
        for (unsigned bits = 1; bits <= most_code_bits; ++bits)
            for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
                if (lengths[symbol] == bits) {
                    ++counts[bits];
                    symbols.push_back(static_cast<unsigned>(symbol));
                }
    }
};

[[noreturn]] void refuse() {
    throw manifests::Error(manifests::Fault::damaged, "this is no deflate");
}

class Inflater {
public:
    Inflater(std::string_view packed, std::size_t most) : packed_(packed), most_(most) {}

    std::string run() {
        try {
            for (bool is_last = false; !is_last && out_.size() < most_;) {
                is_last = bits(1) == 1;
                block(bits(2));
            }
        } catch (const manifests::Error&) { // what came before it is the answer
        }
        return std::move(out_);
    }

private:
    unsigned bits(unsigned count) {
        unsigned value = 0;
        for (unsigned i = 0; i < count; ++i, ++at_) {
            if (at_ / 8 >= packed_.size()) refuse();
            value |= (static_cast<unsigned char>(packed_[at_ / 8]) >> (at_ % 8) & 1U) << i;
        }
        return value;
    }
    unsigned symbol(const Codes& codes) {
        unsigned code = 0, first = 0, index = 0;
        for (unsigned length = 1; length <= most_code_bits; ++length) {
            code |= bits(1);
            const unsigned count = codes.counts[length];
            if (code >= first && code - first < count) return codes.symbols[index + (code - first)];
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        refuse();
    }
    void block(unsigned kind) {
        if (kind == 0) return stored();
        if (kind == 1) return compressed(fixed_lengths(), Codes(std::vector<unsigned>(distance_symbols, 5)));
        if (kind == 2) return dynamic();
        refuse();
    }
    void stored() {
        at_ = (at_ + 7) / 8 * 8;
        const unsigned length = bits(16);
        if (bits(16) != (~length & 0xffffU)) refuse();
        for (unsigned i = 0; i < length && out_.size() < most_; ++i)
            out_ += static_cast<char>(bits(8));
    }
    static Codes fixed_lengths() {
        std::vector<unsigned> lengths(length_symbols, 8);
        std::fill(lengths.begin() + 144, lengths.begin() + 256, 9U);
        std::fill(lengths.begin() + 256, lengths.begin() + 280, 7U);
        return Codes(lengths);
    }
    void dynamic() {
        constexpr std::array<unsigned char, 19> order{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
        const std::size_t of_lengths = 257 + bits(5);
        const std::size_t of_distances = 1 + bits(5);
        const std::size_t of_codes = 4 + bits(4);
        std::vector<unsigned> lengths(order.size(), 0);
        for (std::size_t i = 0; i < of_codes; ++i)
            lengths[order[i]] = bits(3);
        lengths = code_lengths(Codes(lengths), of_lengths + of_distances);
        const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(of_lengths);
        compressed(Codes({lengths.begin(), middle}), Codes({middle, lengths.end()}));
    }
    std::vector<unsigned> code_lengths(const Codes& codes, std::size_t count) {
        std::vector<unsigned> lengths;
        while (lengths.size() < count) {
            const unsigned one = symbol(codes);
            if (one < 16) {
                lengths.push_back(one);
                continue;
            }
            if (one == 16 && lengths.empty()) refuse();
            const unsigned again = one == 16 ? lengths.back() : 0;
            const unsigned times = one == 16 ? 3 + bits(2) : one == 17 ? 3 + bits(3) : 11 + bits(7);
            lengths.insert(lengths.end(), times, again);
        }
        if (lengths.size() > count) refuse();
        return lengths;
    }
    void compressed(const Codes& lengths, const Codes& distances) {
        while (out_.size() < most_) {
            const unsigned one = symbol(lengths);
            if (one == end_of_block) return;
            if (one < end_of_block)
                out_ += static_cast<char>(one);
            else
                copy(one - end_of_block - 1, distances);
        }
    }
    void copy(std::size_t of_length, const Codes& distances) {
        if (of_length >= length_base.size()) refuse();
        const unsigned length = length_base[of_length] + bits(length_bits[of_length]);
        const std::size_t of_distance = symbol(distances);
        if (of_distance >= distance_base.size()) refuse();
        const std::size_t distance = distance_base[of_distance] + bits(distance_bits[of_distance]);
        if (distance > out_.size()) refuse();
        for (unsigned i = 0; i < length && out_.size() < most_; ++i)
            out_ += out_[out_.size() - distance];
    }

    std::string_view packed_;
    std::size_t most_;
    std::size_t at_ = 0; // in bits
    std::string out_;
};

} // namespace

std::string inflate_front(std::string_view packed, std::size_t most) {
    return Inflater(packed, most).run();
}

} // namespace packager

#include "kernels/rng/philox.hpp"

#include <Random123/philox.h>

#include <algorithm>
#include <cassert>

#include "kernels/rng/normal.hpp"
#include "kernels/rng/philox_simd.hpp"

namespace greenfront::rng {
namespace {

__extension__ using Wide = unsigned __int128;

/// Maps 64 random bits to 0..n-1, or reports that these bits must be left out: the high word of bits * n is
/// uniform when the 2^64 mod n smallest low words are (Lemire 2019, ACM TOMACS 29(1), algorithm 5).
inline bool scale(std::uint64_t bits, std::uint64_t n, std::uint64_t& result) {
    const Wide product = static_cast<Wide>(bits) * n;
    const auto low = static_cast<std::uint64_t>(product);
    result = static_cast<std::uint64_t>(product >> 64);
    return low >= n || low >= (0 - n) % n;
}

}  // namespace

Block philox_words(const Block& counter, const std::array<std::uint64_t, 2>& key) {
    const philox4x64_ctr_t c{{counter[0], counter[1], counter[2], counter[3]}};
    const philox4x64_key_t k{{key[0], key[1]}};
    const philox4x64_ctr_t words = philox4x64_R(10, c, k);
    return {words.v[0], words.v[1], words.v[2], words.v[3]};
}

Block philox(std::uint64_t seed, std::uint64_t stage, std::uint64_t item, std::uint64_t draw,
             std::uint64_t block) {
    return philox_words({block, draw, item, stage}, {seed, 0});
}

std::uint64_t Stream::bits() {
    if (left_ == 0) {
        words_ = philox(seed_, stage_, item_, draw_, block_++);
        left_ = 4;
    }
    return words_[static_cast<std::size_t>(4 - left_--)];
}

void Stream::bits(std::uint64_t* words, std::size_t count) {
    for (; count > 0 && left_ > 0; --count) *words++ = bits();
    const std::size_t blocks = count / 4;
    whole_blocks(seed_, stage_, item_, draw_, block_, blocks, words);
    block_ += blocks;
    words += 4 * blocks;
    count -= 4 * blocks;
    for (; count > 0; --count) *words++ = bits();
}

double Stream::uniform() {
    // 52 bits: with 53 the half would be rounded away, and the largest value would be 1.
    return (static_cast<double>(bits() >> 12) + 0.5) * 0x1p-52;
}

std::uint64_t Stream::below(std::uint64_t n) {
    assert(n > 0);
    std::uint64_t result = 0;
    while (!scale(bits(), n, result)) {
    }
    return result;
}

void Stream::below(std::uint64_t n, std::uint32_t* slots, std::size_t count) {
    assert(n > 0 && n < (std::uint64_t{1} << 32));
    std::size_t at = 0;
    // Whole blocks at once; what is left of the last one stays for the next call.
    const std::size_t blocks = left_ == 0 ? count / 4 : 0;
    if (blocks >= 4 && scaled_blocks(seed_, stage_, item_, draw_, block_, blocks, n, slots)) {
        block_ += blocks;
        at = 4 * blocks;
    }
    std::uint64_t value = 0;
    while (at < count) {
        if (scale(bits(), n, value)) slots[at++] = static_cast<std::uint32_t>(value);
    }
}

double Stream::normal() {
    return normal_quantile(uniform());
}

}  // namespace greenfront::rng

#pragma once
#include <cstddef>
#include <cstdint>

/// Many blocks of one Philox stream at once, a block in each lane.
namespace greenfront::rng {

/// slots[4 i + j] = floor(word j of block first + i times n / 2^64), i < blocks; n < 2^32. Words and numbers
/// are those of Stream::below. False, with nothing promised of `slots`, when some word might have to be left
/// out (its product's low half is below 2^32: once in four billion words); the caller then takes the words
/// one by one.
[[nodiscard]] bool scaled_blocks(std::uint64_t seed, std::uint64_t stage, std::uint64_t item,
                                 std::uint64_t draw, std::uint64_t first, std::size_t blocks, std::uint64_t n,
                                 std::uint32_t* slots);

/// words[4 i + j] = word j of block first + i, i < blocks.
void whole_blocks(std::uint64_t seed, std::uint64_t stage, std::uint64_t item, std::uint64_t draw,
                  std::uint64_t first, std::size_t blocks, std::uint64_t* words);

}  // namespace greenfront::rng

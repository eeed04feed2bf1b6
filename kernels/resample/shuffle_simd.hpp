#pragma once
#include <cstddef>
#include <cstdint>

/// The numbers of a Fisher-Yates shuffle from random words, eight words side by side.
namespace greenfront::resample {

inline constexpr std::size_t words_together = 8;

/// Groups of eight words. Digit i < count of floor(w B / 2^64), w being word l of group g, has the base
/// from - 8 (g count + i) - l and goes to number[8 (g count + i) + l]; B is the product of the word's bases.
/// True when every word is good: w B mod 2^64 not below threshold[8 g + l]. Every base is positive.
[[nodiscard]] bool shuffle_numbers(const std::uint64_t* words, const std::uint64_t* threshold,
                                   std::size_t groups, std::uint32_t from, std::uint32_t count,
                                   std::uint32_t* number);

}  // namespace greenfront::resample

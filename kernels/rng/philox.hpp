#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

/// Counter-based random numbers: Philox4x64-10 (Salmon, Moraes, Dror and Shaw, SC11).
///
/// A number is a function of what it is for, never of a thread or of the order of arrival:
///   key     = (seed, 0)
///   counter = (block, draw, item, stage), least significant word first
/// `stage` names the stage of a study, `item` the unit or replicate, `draw` the purpose within the item,
/// `block` counts the groups of four 64-bit words taken from the stream.
/// numpy.random.Philox(key=[seed, 0], counter=[block - 1, draw, item, stage]) gives the same words
/// (NumPy increments the counter before each block).
namespace greenfront::rng {

using Block = std::array<std::uint64_t, 4>;

/// The four words at one counter value. Cost: ten rounds, about 20 multiplications.
[[nodiscard]] Block philox(std::uint64_t seed, std::uint64_t stage, std::uint64_t item, std::uint64_t draw,
                           std::uint64_t block);

/// The bare function: four counter words, two key words (least significant first).
[[nodiscard]] Block philox_words(const Block& counter, const std::array<std::uint64_t, 2>& key);

/// A sequential view of one stream, starting at block 0. Distributions are our own code, so that they
/// are the same on every platform.
class Stream {
  public:
    Stream(std::uint64_t seed, std::uint64_t stage, std::uint64_t item, std::uint64_t draw = 0)
        : seed_(seed), stage_(stage), item_(item), draw_(draw) {}

    std::uint64_t bits();                                ///< 64 random bits
    void bits(std::uint64_t* words, std::size_t count);  ///< the next ones, faster than one by one
    double uniform();                      ///< in (0, 1): (top 52 bits + 1/2) 2^-52, exact, as is 1 - uniform
    std::uint64_t below(std::uint64_t n);  ///< uniform on 0..n-1, exact (Lemire's rejection); n > 0
    /// below(n) for each slot; n < 2^32. The same words in the same order as single calls.
    void below(std::uint64_t n, std::uint32_t* slots, std::size_t count);
    double normal();  ///< N(0, 1) by inversion of the distribution function

  private:
    std::uint64_t seed_, stage_, item_, draw_, block_ = 0;
    Block words_{};
    int left_ = 0;
};

/// Stage numbers: fixed for ever, or old results could not be repeated.
enum StageNumber : std::uint64_t {
    stage_bootstrap = 1,
    stage_placebo = 2,
    stage_sweep = 3,
    stage_synth = 4,
    stage_group_difference = 5,
    stage_boot_dea = 6,
    stage_two_stage = 7,
    stage_lever = 8,
    stage_subsample = 9,
    stage_returns_test = 10,
    stage_partial_frontier = 11,
    stage_heterogeneous = 12,
    stage_malmquist = 13,
    stage_separability = 14,
};

}  // namespace greenfront::rng

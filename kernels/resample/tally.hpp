#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/resample/resample.hpp"

/// The loop over replicates that pairs, moving-block and residual bootstraps share: in parallel over blocks
/// of a fixed size, so that nothing depends on the number of threads.
namespace greenfront::resample {

/// Replicates begin .. end - 1 into columns column, column + 1, ... of `draws` (draw, draw_std_error where
/// it has columns, status) and of `literal`.
using SolveBlock = std::function<void(std::int64_t begin, std::int64_t end, std::int64_t column,
                                      PairsDraws& draws, std::vector<char>& literal)>;

/// Room for so many replicates.
void allocate(PairsDraws& draws, std::int64_t replicates, bool studentise);

/// All replicates of `pairs` (not an enumeration) by `solve`, `block` at a time. With pairs.keep they stand
/// in `draws`; without it each thread has one block, which it counts and forgets, and `draws.running` is the
/// sum of the threads' counts. estimate, std_error and term of `draws` are set.
/// Memory without keep: for each thread K x block numbers and 2 K sketches.
void solve_all(PairsDraws& draws, const PairsOptions& pairs, std::int64_t block, const SolveBlock& solve);

}  // namespace greenfront::resample

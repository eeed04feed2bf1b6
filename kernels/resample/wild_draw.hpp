#pragma once
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "kernels/resample/moments.hpp"
#include "kernels/resample/uniform.hpp"
#include "kernels/resample/wild.hpp"

/// What wild bootstraps with and without instruments share: which replicates, and their weights.
namespace greenfront::resample {

/// What is wrong with weights, replicates and enumeration, whatever the model: Error(Fault::usage).
void check_draws(const WildOptions& wild);

/// The replicates to draw, enumeration decided: all 2^G signs when asked for, and when Rademacher weights
/// have no more of them than `replicates`. Error(Fault::usage) for more than 2^24.
[[nodiscard]] WildOptions settled(const WildOptions& wild, std::int32_t G);

/// Weights of sixteen replicates in the layout of wild_strip.
class WeightStrips {
  public:
    /// `wild` must outlive this object.
    WeightStrips(const ClusterMoments& moments, const WildOptions& wild);
    [[nodiscard]] std::int32_t clusters() const { return static_cast<std::int32_t>(position_.size()); }
    /// Replicates first, first + 1, ... up to `end`; places beyond it repeat the first one. `weights` gets
    /// [position][16] and a few rows of zeros.
    void fill(std::int64_t first, std::int64_t end, std::vector<double>& weights) const;
    /// The same for sixteen replicates in any order.
    void fill(const std::array<std::int64_t, strip>& replicate, std::vector<double>& weights) const;

  private:
    const WildOptions& wild_;
    std::vector<std::int32_t> position_;  ///< by cluster code
};

/// Where replicates of a test go: into the vectors of `draws`, or into its counts. Any number of threads.
class WildSink {
  public:
    /// draws.statistic is set; `draws` must outlive this object.
    WildSink(WildDraws& draws, const WildOptions& settled);
    /// Replicates first .. end - 1, a strip at most; t is NaN where there is no statistic.
    void add(std::int64_t first, std::int64_t end, const double* t, const double* numerator);
    /// After the last one.
    void finish();

  private:
    WildDraws& draws_;
    bool keep_;
    oneapi::tbb::enumerable_thread_specific<RunningTest> counted_;
};

/// Calls visit(strip's first replicate, one past its last, weights, scratch space) for all replicates, in
/// parallel, in blocks of a fixed size, so that nothing depends on the number of threads.
template <class Visit>
void every_strip(const WeightStrips& weights, std::int64_t replicates, const Visit& visit) {
    constexpr std::int64_t block_of_replicates = std::int64_t{16} * strip;
    const std::int64_t blocks = (replicates + block_of_replicates - 1) / block_of_replicates;
    oneapi::tbb::parallel_for(std::int64_t{0}, blocks, [&](std::int64_t block) {
        const std::int64_t begin = block * block_of_replicates;
        const std::int64_t end = std::min(begin + block_of_replicates, replicates);
        std::vector<double> v, work;
        for (std::int64_t first = begin; first < end; first += strip) {
            weights.fill(first, end, v);
            visit(first, std::min<std::int64_t>(first + strip, end), v.data(), work);
        }
    });
}

}  // namespace greenfront::resample

#pragma once
#include <cstdint>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/resample/moments.hpp"

/// The small-sample factor q of a resample's clustered variance, V = q A^-1 (sum s_g s_g') A^-1.
///
/// q depends on the resample's rows (those that its own singletons leave), the levels of its effects and
/// their connectedness. Where every cluster has rows in the same cells of every other effect, as in a
/// balanced panel, all of that is the same in every resample, and q is the full sample's.
namespace greenfront::resample {

class SampleFactor {
  public:
    SampleFactor(const panel::Prepared& prepared, const panel::Fit& fit, const ClusterMoments& moments,
                 const panel::Options& options);

    /// `count` by cluster code; `k`: identified regressors. NaN when the resample has no degrees of freedom
    /// or a single cluster left. Cost: a pass over the resample's rows unless the shape is fixed.
    [[nodiscard]] double operator()(const std::vector<std::int32_t>& count, std::int64_t k) const;
    [[nodiscard]] bool fixed() const { return fixed_; }

  private:
    const panel::Design& sample_;
    const panel::Options& options_;
    const std::vector<char>& nested_;
    double full_ = 1;
    std::int64_t k_full_ = 0;
    bool fixed_ = false;
};

}  // namespace greenfront::resample

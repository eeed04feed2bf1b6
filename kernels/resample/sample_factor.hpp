#pragma once
#include <cstdint>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/panel/sample.hpp"

/// The small-sample factor q of a resample's clustered variance, V = q A^-1 (sum s_g s_g') A^-1.
///
/// q depends on the resample's rows (those that its own singletons leave), the levels of its effects and
/// their connectedness. Where every cluster has rows in the same cells of every other effect, as in a
/// balanced panel, all of that is the same in every resample, and q is the full sample's.
namespace greenfront::resample {

class SampleFactor {
  public:
    /// `nested` marks the effects that lie within clusters. `sample` must outlive this object.
    SampleFactor(const panel::Design& sample, const std::vector<char>& nested, const panel::Fit& fit,
                 const panel::Options& options);

    /// `count` by cluster code; `k`: identified regressors. NaN when the resample has no degrees of freedom
    /// or a single cluster left. Cost: nothing when the shape is fixed, else a pass over the resample's rows.
    [[nodiscard]] double operator()(const std::vector<std::int32_t>& count, std::int64_t k) const;
    /// Every resample has the full sample's shape.
    [[nodiscard]] bool fixed() const { return fixed_; }

  private:
    [[nodiscard]] double counted(const std::vector<std::int32_t>& count, std::int64_t k) const;

    panel::Design shape_;  ///< the sample without its regressors
    std::vector<char> nested_;
    panel::SmallSample rule_;
    bool keep_singletons_;
    bool fixed_ = false;
    std::vector<double> by_regressors_;  ///< fixed: the factor for 0..k regressors
};

}  // namespace greenfront::resample

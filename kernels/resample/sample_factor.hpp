#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/panel/sample.hpp"

/// The small-sample factor q of a resample's clustered variance, V = q A^-1 (sum s_g s_g') A^-1.
///
/// q depends on the resample's rows (those that its own singletons leave), the levels of its effects and
/// their connectedness. Where every cluster has rows in the same cells of every other effect, as in a
/// balanced panel, all of that is the same in every resample, and q is the full sample's. With at most one
/// effect that is not nested, and without slopes, rows and levels are sums over the drawn clusters;
/// singletons then need a closer look only where a level has a single row. Everything else counts the stacked
/// rows.
namespace greenfront::resample {

class SampleFactor {
  public:
    /// `nested` marks the effects that lie within clusters. `sample` must outlive this object.
    SampleFactor(const panel::Design& sample, const std::vector<char>& nested, const panel::Fit& fit,
                 const panel::Options& options);

    /// `count` by cluster code; `k`: identified regressors. NaN when the resample has no degrees of freedom
    /// or a single cluster left. Cost: nothing when the shape is fixed, else the levels of the drawn clusters
    /// or a pass over the resample's rows.
    [[nodiscard]] double operator()(const std::vector<std::int32_t>& count, std::int64_t k) const;
    /// Every resample has the full sample's shape.
    [[nodiscard]] bool fixed() const { return fixed_; }

  private:
    /// Rows of one cluster in the levels of the effect that is not nested, and its levels of nested effects.
    struct Shape {
        std::int64_t rows = 0;
        std::vector<std::pair<std::int32_t, std::int32_t>> level;  ///< level, rows
        std::vector<std::int32_t> nested_levels;                   ///< of each effect; 0 where not nested
    };
    void summarise_shapes();
    /// False when the sums do not settle it.
    [[nodiscard]] bool summed(const std::vector<std::int32_t>& count, std::int64_t k, double& factor) const;
    [[nodiscard]] double counted(const std::vector<std::int32_t>& count, std::int64_t k) const;

    panel::Design shape_;  ///< the sample without its regressors
    std::vector<char> nested_;
    panel::SmallSample rule_;
    bool keep_singletons_;
    bool fixed_ = false;
    std::vector<Shape> cluster_;         ///< by code; empty when sums do not do
    std::ptrdiff_t other_ = -1;          ///< the effect that is not nested
    std::vector<double> by_regressors_;  ///< fixed: the factor for 0..k regressors
};

}  // namespace greenfront::resample

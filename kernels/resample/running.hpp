#pragma once
#include <cstdint>

#include "kernels/resample/tail_counts.hpp"
#include "kernels/stats/exact_sum.hpp"
#include "kernels/stats/quantile_sketch.hpp"

/// What a bootstrap remembers of its replicates when it does not keep them: counts, exact sums and quantile
/// sketches, in memory that does not grow with their number.
///
/// All of it is the same whatever the order of the replicates and however they were divided (among threads,
/// or among runs), bit for bit, and `merge` puts parts together. Exact as if the draws were kept: counts, and
/// with them p values, mean and standard deviation (to rounding). Quantiles of b* - b and of t* are off by
/// at most 2^-12 of themselves (kernels/stats/quantile_sketch.hpp).
namespace greenfront::resample {

/// The replicates of one coefficient. b estimate, t its statistic against the null value; b* and s* of each
/// replicate, t* = (b* - b) / s*. With s* = 0, t* is +-infinity by the sign of b* - b, or 0 when b* is b.
struct RunningDraws {
    double estimate = 0;
    double null = 0;                ///< of `tail`
    stats::QuantileSketch change;   ///< b* - b
    stats::RunningMoments moments;  ///< of b* - b
    stats::QuantileSketch t;        ///< t*; empty when the replicates are not studentised
    TailCounts tail;                ///< of t*, about t
    std::int64_t infeasible = 0, infinite_t = 0;

    /// NaN draws count as infeasible. Without s* the replicate is not studentised.
    void add(double draw);
    void add(double draw, double std_error);
    void merge(const RunningDraws& other);
    [[nodiscard]] std::int64_t used() const { return change.count(); }
    bool operator==(const RunningDraws&) const = default;
};

/// t* of one replicate.
[[nodiscard]] double studentised(double draw, double std_error, double estimate);

/// The replicates of a test: t* alone.
struct RunningTest {
    stats::QuantileSketch t;
    TailCounts tail;
    std::int64_t infeasible = 0;

    /// NaN counts as infeasible.
    void add(double statistic);
    void merge(const RunningTest& other);
    bool operator==(const RunningTest&) const = default;
};

}  // namespace greenfront::resample

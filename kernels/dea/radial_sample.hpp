#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "kernels/dea/facet_scores.hpp"

/// What the bootstraps of radial scores have in common: the units with a score, the metric of their scores,
/// and what follows from replicates.
///
/// Symbols: s score (theta or phi), m = g(s) the same in the metric,
///     metric     input orientation    output orientation
///     inverse    m = 1 / theta        m = phi                 (m >= 1)
///     theta      m = theta            m = 1 / phi             (m <= 1)
/// m*_b of replicate b, a = 1 - confidence. Over the replicates:
///     corrected  2 m - mean_b m*_b
///     interval   [2 m - q_{1-a/2}, 2 m - q_{a/2}] of the m*_b, q quantiles (type 7)
/// turned back into scores, bounds exchanged where g falls. A unit that the technology of a replicate cannot
/// reach (infeasible) is farther beyond it than any number: the m* is infinite on the side of efficiency. A
/// bound that falls on one has no number then, and nothing but the interval has.
namespace greenfront::dea {

enum class Metric : std::int8_t { inverse, theta };

struct MetricScale {
    Orientation orientation = Orientation::input;
    Metric metric = Metric::inverse;
    /// Whether the metric is the reciprocal of the score.
    [[nodiscard]] bool turned() const {
        return (orientation == Orientation::input) == (metric == Metric::inverse);
    }
    [[nodiscard]] double from_score(double s) const { return turned() ? 1 / s : s; }
    [[nodiscard]] double to_score(double m) const { return turned() ? 1 / m : m; }
    [[nodiscard]] bool above() const { return metric == Metric::inverse; }
    /// Of a unit so far beyond a technology that no program reaches it.
    [[nodiscard]] double beyond() const {
        return (above() ? -1 : 1) * std::numeric_limits<double>::infinity();
    }
};

/// Units and their radial scores against their own technology.
struct RadialSample {
    MetricScale scale;
    Settings radial;                  ///< of the programs
    std::vector<Status> status;       ///< n
    std::vector<double> score;        ///< n, NaN without an optimum
    std::vector<std::int32_t> known;  ///< units with a score, ascending
    std::vector<double> metric;       ///< of the known units
    Quantities units;                 ///< of the known units
    Counters counters;
    Certificate certificate;
};

/// Throws Error(Fault::data) when fewer than two units have a score or all have the same.
[[nodiscard]] RadialSample radial_sample(const Quantities& units, Orientation orientation, Returns returns,
                                         Metric metric);

struct BootstrapScores {
    std::vector<Status> status;         ///< of the score and its replicates
    std::vector<double> score;          ///< theta or phi
    std::vector<double> bias;           ///< score - corrected
    std::vector<double> corrected;      ///< the corrected m, as a score
    std::vector<double> sd;             ///< of the replicates, as scores (divisor n - 1)
    std::vector<double> q025, q975;     ///< quantiles of the replicates, as scores
    std::vector<double> low, high;      ///< basic interval, as scores
    std::vector<std::int64_t> without;  ///< replicates that cannot reach the unit
    Eigen::MatrixXd replicate;          ///< n x replicates, as scores
    double bandwidth = 0;
    std::int64_t redrawn = 0;  ///< heterogeneous: rows drawn again, over all replicates
    Counters counters;
    Certificate certificate;
};

/// Runs replicate(0), .., each of which scores the known units, on all threads, and sums them up. A unit with
/// a replicate that failed has that status and no numbers.
[[nodiscard]] BootstrapScores bootstrap(const RadialSample& sample, std::int64_t replicates,
                                        double confidence,
                                        const std::function<RadialScores(std::size_t)>& replicate);

[[nodiscard]] double mean_of(const std::vector<double>& values);
/// Root of the sum of squares about the mean over n - less.
[[nodiscard]] double deviation(const std::vector<double>& values, double less);

}  // namespace greenfront::dea

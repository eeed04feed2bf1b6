// Free disposal hull: every reference unit is tried, no program is solved.
#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/dea/torture/linear.hpp"

namespace greenfront::torture {
namespace {

using dea::Orientation, dea::Returns;
using Real = long double;

/// Intensities lambda of unit j that returns to scale allow.
struct Range {
    Real low = 0, high = std::numeric_limits<Real>::infinity();
};

Range allowed(Returns returns) {
    Range range;
    if (returns == Returns::vrs || returns == Returns::ndrs) range.low = 1;
    if (returns == Returns::vrs || returns == Returns::nirs) range.high = 1;
    return range;
}

/// Quotients are rounded; a range that is empty by rounding only is a point.
constexpr Real rounding = 1e-17L;

}  // namespace

Answer enumerate_hull(const Batch& batch, Eigen::Index o) {
    const dea::Quantities &q = batch.reference, &e = batch.evaluated;
    const bool input = batch.settings.orientation == Orientation::input;
    const Eigen::Index m = batch.m(), g = m + batch.s1(), total = batch.variables();
    bool any = false;
    for (Eigen::Index i = input ? 0 : m; i < (input ? m : g); ++i) any = any || value(e, i, o) > 0;
    if (!any) return {input ? Status::undefined : Status::unbounded, 0, 0, 0};
    Answer best{Status::infeasible, 0, 0, 0};
    Real best_score = 0;
    for (Eigen::Index j = 0; j < q.units(); ++j) {
        if (batch.hidden(o).contains(static_cast<std::int32_t>(j))) continue;
        Range range = allowed(batch.settings.returns);
        bool reachable = true;
        for (Eigen::Index i = 0; i < total; ++i) {
            const Real own = value(e, i, o), other = value(q, i, j);
            if (i >= m && i < g) {  // lambda y_j >= y_o
                if (input && own > 0) {
                    reachable = reachable && other > 0;
                    if (other > 0) range.low = std::max(range.low, own / other);
                }
            } else if ((i >= g || !input) && other > 0) {  // lambda b_j <= b_o, lambda x_j <= x_o
                range.high = std::min(range.high, own / other);
            }
        }
        if (!reachable || range.low > range.high * (1 + rounding) || !(range.high > 0)) continue;
        // The least intensity is the best for inputs, the largest for outputs.
        const Real lambda = input ? range.low : range.high;
        Real score = input ? 0 : std::numeric_limits<Real>::infinity();
        for (Eigen::Index i = input ? 0 : m; i < (input ? m : g); ++i) {
            const Real own = value(e, i, o), other = lambda * value(q, i, j);
            if (input && own <= 0 && other > 0) score = std::numeric_limits<Real>::infinity();
            if (own > 0) score = input ? std::max(score, other / own) : std::min(score, other / own);
        }
        if (std::isinf(score) && input) continue;
        const bool first = best.status != Status::optimal;
        if (first || (input ? score < best_score : score > best_score)) best_score = score;
        best.status = Status::optimal;
    }
    best.score = static_cast<double>(best_score);
    if (std::isinf(best.score)) best.status = Status::unbounded;
    return best;
}

}  // namespace greenfront::torture

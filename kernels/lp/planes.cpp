#include "kernels/lp/planes.hpp"

#include <algorithm>

#include "kernels/lp/parts.hpp"

namespace greenfront::lp {

bool PlaneScore::holds() const {
    return proof.min_reduced_cost >= -double_tolerance && proof.primal_residual <= double_residual &&
           proof.gap <= double_tolerance && largest_multiplier <= multiplier_limit;
}

Planes::Planes(const Problem& family, std::int32_t capacity)
    : facets(family, capacity),
      normal(facets.normal.size(), 0.0),
      slack(static_cast<std::size_t>(family.width), 0.0) {
    for (int e = 0; e < family.extras; ++e) {
        const auto at = static_cast<std::size_t>(e);
        const std::int32_t row = family.single[at];
        if (e == family.priced || row < 0 || family.cost[at] >= barred) continue;
        slack[static_cast<std::size_t>(row)] = family.entry(row, e);
    }
}

bool Planes::add(Workspace& w) {
    if (!offer_start(w, facets)) return false;
    const auto f = static_cast<std::size_t>(facets.size - 1), rows = static_cast<std::size_t>(facets.rows);
    Aligned n(slack.size(), 0.0);
    for (std::size_t i = 0; i < rows; ++i) {
        const double entry = facets.normal[i * facets.stride + f];
        n[i] = entry * slack[i] > 0 ? 0.0 : entry;
    }
    for (std::size_t k = 0; k < rows; ++k) {
        const std::int32_t row = facets.slack_row[f * rows + k];
        if (row >= 0) n[static_cast<std::size_t>(row)] = 0.0;
    }
    for (std::size_t i = 0; i < rows; ++i) normal[i * facets.stride + f] = n[i];
    Pass pass;
    price_all(*w.core.columns, {}, n.data(), face_tolerance, pass);
    least.push_back(std::min(0.0, pass.least));
    return true;
}

}  // namespace greenfront::lp

#include "kernels/dea/gather.hpp"

#include <algorithm>
#include <numeric>

namespace greenfront::dea {
namespace {

Eigen::MatrixXd pick(const Eigen::MatrixXd& all, std::span<const std::int32_t> columns) {
    if (all.cols() == 0) return Eigen::MatrixXd();
    Eigen::MatrixXd some(all.rows(), static_cast<Eigen::Index>(columns.size()));
    for (std::size_t j = 0; j < columns.size(); ++j)
        some.col(static_cast<Eigen::Index>(j)) = all.col(columns[j]);
    return some;
}

}  // namespace

Quantities pick(const Quantities& units, std::span<const std::int32_t> columns) {
    return {pick(units.X, columns), pick(units.Y, columns), pick(units.B, columns),
            pick(units.price, columns)};
}

std::vector<std::int32_t> themselves(Eigen::Index n) {
    std::vector<std::int32_t> self(static_cast<std::size_t>(n));
    std::iota(self.begin(), self.end(), 0);
    return self;
}

void add(Counters& sum, const Counters& more) {
    sum.programs += more.programs;
    sum.pivots += more.pivots;
    sum.pricing_passes += more.pricing_passes;
    sum.fallbacks += more.fallbacks;
    sum.zero_terms += more.zero_terms;
    sum.frame += more.frame;
}

void worst(Certificate& all, const Certificate& more) {
    all.min_reduced_cost = std::min(all.min_reduced_cost, more.min_reduced_cost);
    all.primal_residual = std::max(all.primal_residual, more.primal_residual);
    all.gap = std::max(all.gap, more.gap);
}

}  // namespace greenfront::dea

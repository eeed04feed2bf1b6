#pragma once
#include <span>
#include <vector>

#include "kernels/dea/dea.hpp"

/// Putting batches of programs together and taking parts out of their data.
namespace greenfront::dea {

/// The named columns in the order given, prices included where there are any.
[[nodiscard]] Quantities pick(const Quantities& units, std::span<const std::int32_t> columns);

/// 0, .., n - 1: units that are their own reference set.
[[nodiscard]] std::vector<std::int32_t> themselves(Eigen::Index n);

void add(Counters& sum, const Counters& more);
/// The worse of each figure.
void worst(Certificate& all, const Certificate& more);

}  // namespace greenfront::dea

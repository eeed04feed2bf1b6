#pragma once
#include <span>

#include "kernels/dea/dea.hpp"

namespace greenfront::dea {

/// Throws Error(Fault::data) on quantities, prices, weights, positions or ranges that make no sense, and
/// Error(Fault::usage) on settings that do not go together.
void check_task(const Quantities& evaluated, const Quantities& reference, std::span<const std::int32_t> self,
                const Settings& settings, std::span<const ColumnRange> left_out);

}  // namespace greenfront::dea

#pragma once
#include <span>

#include "kernels/dea/dea.hpp"

namespace greenfront::dea {

/// Of one variable's positive values: shares of values further apart cannot be told from zero, nor their
/// reciprocals from infinity.
inline constexpr double widest_span = 1e100;

/// Throws Error(Fault::data) on quantities, prices, weights, positions or ranges that make no sense, and
/// Error(Fault::usage) on settings that do not go together.
void check_task(const Quantities& evaluated, const Quantities& reference, std::span<const std::int32_t> self,
                const Settings& settings, std::span<const ColumnRange> left_out);

}  // namespace greenfront::dea

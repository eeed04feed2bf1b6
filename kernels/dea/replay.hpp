#pragma once
#include <optional>
#include <vector>

#include "kernels/dea/dea.hpp"
#include "kernels/dea/proof.hpp"

/// One unit's program taken out of its batch, with everything that its answer depends on, and solved again
/// with more and more digits.
///
/// A program is failed when no certificate was found (simplex.hpp): that is a fault of the method or of the
/// digits allowed, never an answer, so whoever meets it needs the program itself.
namespace greenfront::dea {

/// A call of evaluate() for one unit. In the additive model the weights are statistics of the evaluated
/// units, so all of them stand in `evaluated`; otherwise the unit alone does.
struct Task {
    Quantities evaluated, reference;
    std::int32_t unit = 0;                ///< column of `evaluated`
    std::int32_t self = -1;               ///< its column of `reference`, or -1
    std::optional<ColumnRange> left_out;  ///< super-efficiency: columns that do not count; absent: `self`
    Settings settings;
};

/// The task of unit o of a call evaluate(evaluated, reference, self, settings, left_out).
[[nodiscard]] Task task_of(const Quantities& evaluated, const Quantities& reference,
                           std::span<const std::int32_t> self, const Settings& settings,
                           std::span<const ColumnRange> left_out, Eigen::Index o);

/// The answer with one precision.
struct Attempt {
    int digits = 0;
    Status status = Status::failed;
    double score = 0;  ///< NaN without an optimum
    Counters counters;
    Certificate certificate;
    std::optional<Finding>
        finding;  ///< optimal: what peers and multipliers prove without a solver (proof.hpp)
};

/// The task with at most 16, 34 and 100 digits, whatever the settings allowed; every program prices all
/// columns. fdh, which has no program, once. Throws as evaluate() does.
[[nodiscard]] std::vector<Attempt> replay(const Task& task);

}  // namespace greenfront::dea

#pragma once
#include <cstdint>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/rng/philox.hpp"

/// Units that may exchange their trajectories, and what permuting them does to rows.
namespace greenfront::resample {

/// Units with the same set of periods form a group. Groups are ordered by their first unit.
struct Trajectories {
    std::vector<std::vector<std::int32_t>> group;    ///< units of each group, ascending
    std::vector<std::vector<std::int64_t>> rows;     ///< rows of each unit, by time
    [[nodiscard]] std::int64_t fixed_units() const;  ///< units that are alone in their group
    [[nodiscard]] double permutations() const;       ///< product of the factorials
};

/// Every code names a unit (or period) of some row. Throws Error(Fault::data) when a unit has two rows in a
/// period.
[[nodiscard]] Trajectories trajectories(const panel::Factor& unit, const panel::Factor& time);

/// donor[u]: the unit whose trajectory unit u gets.
[[nodiscard]] std::vector<std::int32_t> shuffle(const Trajectories& trajectories, rng::Stream& stream);

/// Assignment r of all `permutations()`: each group's permutations in lexicographic order, the last group
/// changing fastest. Number 0 leaves every trajectory with its unit.
[[nodiscard]] std::vector<std::int32_t> assignment(const Trajectories& trajectories, std::int64_t r);

/// Source row of each row under an assignment.
void source_rows(const Trajectories& trajectories, const std::vector<std::int32_t>& donor,
                 std::vector<std::int64_t>& source);

/// Whether every exchange within groups maps the span of the effects to itself (a sufficient condition on
/// each effect: one level a unit, or a function of time alone; slopes must be functions of time alone).
[[nodiscard]] bool commutes(const std::vector<panel::FixedEffect>& effects, const Trajectories& trajectories,
                            const panel::Factor& unit, const panel::Factor& time);

}  // namespace greenfront::resample

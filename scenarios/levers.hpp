#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/panel.hpp"

namespace greenfront {

/// One operation of a lever on one panel variable. `intensity` below is the lever's, times the path.
///   scale      x -> x (1 + per_unit * intensity)              per_unit: relative change per unit
///   close_gap  x -> x + share * intensity * (target - x), only towards the target and only for rows on
///              its far side; target: percentile `target` of the variable over all rows of the same year
struct Operation {
    std::string type;  ///< "scale" or "close_gap"
    std::string variable;
    double per_unit = 0;      ///< scale: relative change at intensity 1; close_gap: share closed at 1
    double target = 90;       ///< close_gap: percentile 0..100 of the year's baseline values
    bool from_above = false;  ///< close_gap: rows above the target come down (less is better)
};

/// How an intensity builds up over time: 0 before `start`, full from start + length on.
struct Path {
    std::string shape = "step";  ///< step, linear or logistic
    std::int64_t start = 0;      ///< first time value with any effect
    int length = 0;              ///< periods until full effect; 0 only for step
    [[nodiscard]] double at(std::int64_t time) const;
};

/// A named, documented, parametrised change of the panel.
struct Lever {
    std::string name, title, description, source;
    std::string intensity_unit;
    double intensity_low = 0, intensity_high = 1;  ///< default range
    std::vector<Operation> operations;
    double cost_per_unit = 0;  ///< of intensity, unit-period; 0: not known
    std::string cost_unit;
};

/// A lever as a scenario uses it.
struct AppliedLever {
    Lever lever;
    double intensity = 0;
    std::string where;  ///< selector expression on the prepared baseline panel; empty: all rows
    Path path;
};

/// Applies levers in order to a copy of `completed` (Prepared::completed). Selectors are evaluated on
/// `baseline` (the prepared panel with the same rows). Throws Error(Fault::study) for unknown variables,
/// operations and shapes. `cost` (may be null) receives the sum of cost_per_unit * intensity * path over
/// selected rows.
[[nodiscard]] Panel apply_levers(const Panel& completed, const Panel& baseline,
                                 const std::vector<AppliedLever>& levers, double* cost);

/// A scenario of a sweep: an intensity for each of its levers.
struct ScenarioPoint {
    std::string name;               ///< "digital=0.5,retrofit=10"
    std::vector<double> intensity;  ///< one for each lever of the sweep
};
/// Full grid over the levers' lists of intensities, last lever fastest.
[[nodiscard]] std::vector<ScenarioPoint> full_grid(const std::vector<std::string>& lever_names,
                                                   const std::vector<std::vector<double>>& intensities);

}  // namespace greenfront

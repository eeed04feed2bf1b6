#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/panel.hpp"

namespace greenfront {

/// Percentile rules: Stata's _pctile (R type 2) or R's and NumPy's default (type 7).
enum class PercentileRule { stata, type7 };
/// Percentile of the non-missing values, p in 0..100. NaN when there is none.
[[nodiscard]] double percentile(std::vector<double> values, double p, PercentileRule rule);

struct Interpolate {
    std::vector<std::string> columns;
    bool extrapolate = false;  ///< Stata's epolate: the line through the two nearest known points
};
struct Winsorize {
    std::vector<std::string> columns;
    double low = 1, high = 99;  ///< percentiles; low < high; 0 and 100 clip nothing
    PercentileRule rule = PercentileRule::stata;
    std::string by;  ///< column: percentiles within its groups; empty: over all rows
};
/// K_0 = I_0 / (g + delta_0), K_t = (1 - delta_t) K_(t-1) + I_t, I = investment / deflator, g by default
/// (I_last / I_first)^(1 / periods) - 1 of the unit. Every period from the unit's first to its last must be
/// there.
struct PerpetualInventory {
    std::string name;  ///< the column to make
    std::string investment;
    std::string deflator;  ///< column to divide investment by; empty: none
    double depreciation = 0.096;
    std::string depreciation_column;         ///< overrides `depreciation` where given
    std::optional<double> growth;            ///< K_0 = I_0/(g + delta); absent: geometric mean growth of I
    std::optional<double> initial_multiple;  ///< K_0 = multiple x I_0 instead
};
struct Derive {
    std::string name, expression, unit_of_measure;
};
struct GroupStatistic {  ///< mean, median, sum, min, max, sd or count of a column by groups,
    std::string name, column, statistic, by;  ///< or above_median: 1 strictly above, ties are low
};
struct Lag {
    std::string name, column;
    int periods = 1;  ///< in units of the time variable; negative: lead
};

/// The preparation of a study. Steps run in `order`.
struct Preparation {
    std::vector<std::string> order{"interpolate", "perpetual_inventory", "derive", "group", "lag",
                                   "winsorize"};
    std::vector<Interpolate> interpolate;
    std::vector<PerpetualInventory> perpetual_inventory;
    std::vector<Derive> derive;
    std::vector<GroupStatistic> group;
    std::vector<Lag> lag;
    std::vector<Winsorize> winsorize;
};

/// What preparation did, by step and column, for the report: cells filled, clipped, not finite.
struct PreparationNote {
    std::string step, column;
    std::int64_t cells = 0;
    std::string detail;
};

/// Baseline facts that a scenario must not re-estimate: winsorising bounds by (step, column, group), and the
/// medians of above_median, which a unit may cross.
struct FrozenBounds {
    struct Entry {
        std::size_t step;  // index into Preparation::winsorize
        std::string column;
        std::vector<double> low, high;   // one for each group, in the order of group codes
        std::vector<std::string> group;  // the groups' values; a scenario finds its bounds by them
    };
    struct Median {
        std::size_t step;  // index into Preparation::group
        std::vector<double> value;
        std::vector<std::string> group;
    };
    std::vector<Entry> entries;
    std::vector<Median> medians;
};

struct Prepared {
    Panel panel;
    FrozenBounds bounds;
    std::vector<PreparationNote> notes;
    Panel completed;  ///< the panel before the first derive, group or lag step: where levers act
};

/// Runs all steps. Throws Error(Fault::study) for unknown columns and bad parameters, Error(Fault::data)
/// for data that a step cannot use (a negative deflator, a zero first investment, ...).
[[nodiscard]] Prepared prepare(const Panel& panel, const Preparation& steps);

/// The steps from the first derive, group or lag step on, on a changed copy of `completed`, with the
/// baseline's winsorising bounds. `clipped` counts the cells that those bounds cut.
[[nodiscard]] Panel prepare_scenario(const Panel& changed, const Preparation& steps,
                                     const FrozenBounds& bounds, std::int64_t& clipped);

// The single transformations, as functions on one column; used by prepare and by tests.
[[nodiscard]] std::vector<double> interpolate(const Panel& panel, const std::vector<double>& values,
                                              bool extrapolate);
[[nodiscard]] std::vector<double> winsorize(const std::vector<double>& values, double low, double high,
                                            PercentileRule rule);
/// What winsorising clips to; NaN where no value is known, and then nothing is clipped.
struct ClipBounds {
    double low = 0, high = 0;
};
[[nodiscard]] ClipBounds clip_bounds(const std::vector<double>& values, double low, double high,
                                     PercentileRule rule);
/// Clips the values that are not missing; the number of those that moved.
std::int64_t clip(std::vector<double>& values, const ClipBounds& bounds);
[[nodiscard]] std::vector<double> perpetual_inventory(const Panel& panel, const PerpetualInventory& spec);
[[nodiscard]] std::vector<double> lag(const Panel& panel, const std::vector<double>& values, int periods);

}  // namespace greenfront

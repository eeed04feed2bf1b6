#pragma once
#include <string>
#include <vector>

#include "engine/productivity_choice.hpp"

/// Productivity change of the units of a panel, from period to period (formulas:
/// kernels/dea/productivity.hpp).
namespace greenfront {

/// A unit in two consecutive periods, as panel rows.
struct ProductivityPair {
    std::size_t from = 0, to = 0;
};

/// The selected rows of one unit in consecutive periods of the sample, by unit and period; a period belongs
/// to the sample when it has a usable row. A pair may have a row that is not usable. `selected`: empty for
/// all.
[[nodiscard]] std::vector<ProductivityPair> productivity_pairs(const Panel& panel,
                                                               const std::vector<char>& selected,
                                                               const std::vector<char>& usable);

/// The period before that of each row in the sample, as a position in Panel::time_value; -1 without one.
[[nodiscard]] std::vector<std::int32_t> periods_before(const Panel& panel, const std::vector<char>& usable);

/// Efficiency scores behind the indices, by panel row; NaN where there is none or it is not asked for.
struct ProductivityScores {
    std::vector<double> own;      ///< against the technology of the row's own period
    std::vector<double> earlier;  ///< of the period before
    std::vector<double> later;    ///< of the next period
    std::vector<double> pool_from,
        pool_to;  ///< global: of all periods; biennial: with the next, with the one before
};

/// Means over the pairs of one later period, or of all: geometric of ratios, arithmetic of differences.
struct ProductivityMeans {
    dea::Change mean{};  ///< each over the pairs that have it; NaN where none has
    std::int64_t pairs = 0;
    std::int64_t with_index = 0;
    std::vector<std::int64_t> status;  ///< number of pairs by status of the index
};

struct Productivity {
    std::vector<ProductivityPair> pairs;
    std::vector<dea::Change> changes;  ///< of each pair
    std::vector<double> cumulative;    ///< panel rows, see ProductivityStage::column
    ProductivityScores scores, scores_vrs;
    dea::Counters counters;
    dea::Certificate certificate;
    std::vector<std::string> warnings;
};

/// `usable` rows span the frontiers and are measured. `choice` has its means.
[[nodiscard]] Productivity measure_productivity(const Panel& panel, const std::vector<char>& selected,
                                                const std::vector<char>& usable,
                                                const ProductivityChoice& choice);

/// Number of programs that it will take (sbm: without those of super-efficiency).
[[nodiscard]] std::int64_t count_programs(const Panel& panel, const std::vector<char>& selected,
                                          const std::vector<char>& usable, const ProductivityChoice& choice);

/// Of the pairs whose later row has this period; -1: of all.
[[nodiscard]] ProductivityMeans means_of(const Panel& panel, const ProductivityChoice& choice,
                                         const Productivity& result, std::int32_t period);

}  // namespace greenfront

#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/panel.hpp"

namespace greenfront {

/// Rows put into groups by the values of a column (numbers sorted by value, labels bytewise, the unit column
/// in the order of the panel's units), or all in one group when the column's name is empty. A row whose group
/// is missing has code -1.
struct Groups {
    std::vector<std::int32_t> code;
    std::vector<std::string> label;
};
[[nodiscard]] Groups groups_of(const Panel& panel, const std::string& column);

/// The known statistics of group_value: mean, median, sum, min, max, sd, count.
[[nodiscard]] const std::vector<std::string>& group_statistics();

/// A statistic of the non-missing values of each group, one for each group. sd divides by n - 1. A group
/// without a value (sd: without two) has NaN; count has 0. `statistic` is one of group_statistics().
[[nodiscard]] std::vector<double> group_value(const std::vector<double>& values, const Groups& groups,
                                              const std::string& statistic);
/// The same for a percentile (Stata's rule), p in 0..100.
[[nodiscard]] std::vector<double> group_percentile(const std::vector<double>& values, const Groups& groups,
                                                   double p);

/// Group values as a column: the value of the row's group; missing where the group is.
[[nodiscard]] std::vector<double> spread(const std::vector<double>& by_group, const Groups& groups);

}  // namespace greenfront

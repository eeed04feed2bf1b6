#pragma once
#include <string>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/panel/regression.hpp"
#include "scenarios/panel.hpp"

/// Groups of a panel's rows by a column or an expression. `fault` is whose mistake a bad one is: that of a
/// study or of a command line.
namespace greenfront {

struct Grouping {
    std::string column;              ///< a column, columns joined by ^, or an expression
    std::string split = "category";  ///< category (a group for each value), median, tercile
};

/// The groups of `group`: a column, columns joined by ^, or an expression; -1 where there is no value.
[[nodiscard]] panel::Factor group_levels(const std::string& group, const Panel& panel, Fault fault);
/// Values of a column or an expression, one a panel row.
[[nodiscard]] std::vector<double> group_values(const std::string& group, const Panel& panel, Fault fault);
/// Groups of the panel rows that `keep` selects (all when it is empty), codes without gaps; -1 where there is
/// no value or the row is not selected. Medians and terciles are those of the selected rows.
[[nodiscard]] panel::Factor groups_of_rows(const Panel& panel, const std::vector<char>& keep,
                                           const Grouping& grouping, Fault fault);

}  // namespace greenfront

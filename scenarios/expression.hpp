#pragma once
#include <string>
#include <vector>

#include "kernels/error.hpp"
#include "scenarios/panel.hpp"

namespace greenfront {

/// Evaluates an arithmetic or logical expression on every row of a panel.
///
/// Beside muParser's own functions and operators (log is the natural logarithm, as in Stata and R):
///   text comparison    province is "P07", province is not "P07", province in ["P07", "P08"]
///   logic              and or not (also && || !)
///   group statistics   mean(x) median(x) min_of(x) max_of(x) sum_of(x) sd(x) p10(x) .. p99(x) over all
///                      rows; with a group: mean(x, province), median(x, year) ... (`unit` and `time`
///                      columns may be groups)
///   within a unit      lag(x, 1), lead(x, 1), diff(x): by time value, missing where there is no such row
/// Arguments of statistics are column names. A missing operand gives a missing result; a result that is
/// not finite gives missing and is counted in `not_finite`.
/// Throws Error(Fault::study or Fault::usage, chosen by the caller) with position and the nearest known
/// name for unknown names and syntax errors.
struct Evaluated {
    std::vector<double> value;
    std::int64_t not_finite = 0;  ///< rows with complete operands whose result was not finite
};
[[nodiscard]] Evaluated evaluate(const std::string& expression, const Panel& panel, Fault fault);

/// The same, as a selection: 1 where true; a missing result selects nothing. An empty expression selects
/// all rows.
[[nodiscard]] std::vector<char> select(const std::string& expression, const Panel& panel, Fault fault);

/// The same where group statistics are those of another panel with the same rows and columns: a scenario is
/// judged by the baseline's medians.
[[nodiscard]] Evaluated evaluate(const std::string& expression, const Panel& panel, const Panel& statistics,
                                 Fault fault);
[[nodiscard]] std::vector<char> select(const std::string& expression, const Panel& panel,
                                       const Panel& statistics, Fault fault);

/// Names of the columns that an expression reads (for dependency checks before a run).
[[nodiscard]] std::vector<std::string> columns_read(const std::string& expression, const Panel& panel);

}  // namespace greenfront

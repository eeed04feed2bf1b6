#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/dea/dea.hpp"
#include "kernels/error.hpp"
#include "scenarios/panel.hpp"

namespace greenfront {

/// Units that are scored against one technology.
struct ReferenceGroup {
    std::vector<std::size_t> evaluated_rows;  ///< panel rows to score, ascending
    std::vector<std::size_t> reference_rows;  ///< panel rows that span the technology, ascending
    std::vector<std::int32_t> self;  ///< for each evaluated row its position in reference_rows, or -1
    /// Super-efficiency: positions in reference_rows without which each evaluated row is scored.
    std::vector<dea::ColumnRange> left_out;
};

/// Splits the usable rows of a panel into groups with a common technology, in order of time.
///
/// `reference` is
///   contemporaneous   the rows of the same period (without a time column: all rows);
///   global            all rows;
///   sequential        the rows of this and all earlier periods;
///   window:H          periods t-H..t+H, cut at the ends of the sample;
///   trailing:H        periods t-H..t;
///   biennial          this period and the next one (the last period alone).
/// H and "next" count periods that have a usable row, not calendar years. Every usable row is evaluated in
/// exactly one group and always belongs to its own reference set. Rows with usable[r] == 0 are nowhere.
/// Panels need not be balanced. Throws Error(fault) on an unknown name, a bad H, or a period rule without a
/// time column.
[[nodiscard]] std::vector<ReferenceGroup> reference_groups(const Panel& panel,
                                                           const std::vector<char>& usable,
                                                           const std::string& reference, Fault fault);

/// The same rules with reference rows from another panel: a rule compares values of time, H and "next" count
/// the periods that have a usable row in either panel. No evaluated row belongs to its reference set; a group
/// may have none (no reference row in its periods).
[[nodiscard]] std::vector<ReferenceGroup> reference_groups(const Panel& evaluated,
                                                           const std::vector<char>& usable,
                                                           const Panel& reference,
                                                           const std::vector<char>& reference_usable,
                                                           const std::string& rule, Fault fault);

/// Fills left_out: the reference row of the same unit and time, or every reference row of the same unit.
/// Units of two panels are the same when their names are.
void leave_out(std::vector<ReferenceGroup>& groups, const Panel& evaluated, const Panel& reference,
               bool whole_unit);

/// Throws Error(fault) when `reference` is not one of the names above.
void check_reference(const std::string& reference, Fault fault);

}  // namespace greenfront

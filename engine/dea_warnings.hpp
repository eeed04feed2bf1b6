#pragma once
#include <string>
#include <vector>

#include "engine/efficiency.hpp"

/// What a reader of efficiency scores must hear about them: printed by `dea` and `run`, stored with the
/// scores.
namespace greenfront {

/// Rows left out for want of a value, statuses other than optimal (the first few by name), terms that count
/// as zero, reference sets smaller than the number of variables, RAM without variable returns, and the
/// analysis' own warnings. `selected`: rows that `where` keeps, empty for all; `usable`: those of them with a
/// value everywhere.
[[nodiscard]] std::vector<std::string> warnings_of(const Panel& panel, const DeaChoice& choice,
                                                   const std::vector<char>& selected,
                                                   const std::vector<char>& usable,
                                                   const std::vector<ReferenceGroup>& groups,
                                                   const Efficiency& result);

/// The first part of it: selected rows that are not usable.
void warn_of_missing_values(const Panel& panel, const DeaChoice& choice, const std::vector<char>& selected,
                            const std::vector<char>& usable, std::vector<std::string>& warnings);

}  // namespace greenfront

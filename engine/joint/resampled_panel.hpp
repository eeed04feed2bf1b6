#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/panel.hpp"

namespace greenfront::joint {

/// A resample of whole clusters of a panel, as a panel: every copy of a unit is a unit of its own. Rows are
/// sorted by copy, then as in the panel.
struct ResampledPanel {
    Panel panel;
    std::vector<std::size_t> source;  ///< row of the panel that each row copies
    std::vector<std::int32_t> copy;   ///< number of the drawn cluster that each row belongs to, 0..
    std::vector<char> first;          ///< 1 for the first copy of a row
};

/// `rows[c]`: rows of cluster c, ascending; `count[c]`: how often it is drawn. Only the named columns are
/// copied.
[[nodiscard]] ResampledPanel resample_panel(const Panel& panel, const std::vector<std::string>& columns,
                                            const std::vector<std::vector<std::size_t>>& rows,
                                            const std::vector<std::int32_t>& count);

/// A value for each row of the resample from one for each row of the panel.
[[nodiscard]] std::vector<double> drawn(const ResampledPanel& resample, const std::vector<double>& values);

}  // namespace greenfront::joint

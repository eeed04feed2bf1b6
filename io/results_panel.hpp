#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/panel.hpp"

/// The panel inside a result file, as input of another analysis.
namespace greenfront::io {

/// Whether bytes begin as an HDF5 file does.
[[nodiscard]] bool is_hdf5(std::string_view bytes);

/// The columns of /panel, one row for each unit and period that has a value. The scales of units and periods
/// come first, under the names that the study's panel had for them, or as "unit" and "time" where `unit` and
/// `time` say so. Throws Error(no_input) or Error(data) as read_results does, and Error(data) where the file
/// has no panel.
[[nodiscard]] std::vector<Column> read_results_panel(const std::string& path, const std::string& unit,
                                                     const std::string& time);

}  // namespace greenfront::io

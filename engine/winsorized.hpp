#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/results.hpp"
#include "scenarios/panel.hpp"
#include "scenarios/prepare.hpp"

/// `winsorize = [1, 99]` of a stage that makes a column: the column that later stages use is clipped at two
/// percentiles of all its values (Stata's rule, as prepare.winsorize), the scores themselves stay as they
/// are.
namespace greenfront {

/// Throws Error(Fault::study) unless `percentiles` is empty or two numbers with 0 <= low < high <= 100.
void check_percentiles(const std::vector<double>& percentiles);

/// Clips the scores, counts those that moved; nothing where `percentiles` is empty.
std::optional<ClipBounds> clip_scores(const std::vector<double>& percentiles, std::vector<double>& scores,
                                      std::int64_t& moved);

/// Clips the scores and stores the clipped ones, `dataset`_winsorized, with their percentiles, bounds and the
/// number of cells that moved. Nothing happens, and there are no bounds, where `percentiles` is empty.
std::optional<ClipBounds> winsorize_column(ResultGroup& group, const Panel& panel,
                                           const std::vector<double>& percentiles,
                                           std::vector<double>& scores, const std::string& dataset = "score");

}  // namespace greenfront

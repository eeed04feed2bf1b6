#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/study.hpp"
#include "scenarios/panel.hpp"

/// How many replicates a resampling stage makes, told before anything is estimated. Columns that stages make
/// stand in the panel as NaN. Rows are those of the regression's `where` (all, where it reads such columns);
/// what missing values and singletons take out is still counted.
namespace greenfront {

/// Rows of the regression's `where`; all where it selects none.
[[nodiscard]] std::vector<std::int64_t> regression_rows(const RegressionStage& regression,
                                                        const Panel& panel);
/// Levels of a column, or of columns joined by ^, on these rows.
[[nodiscard]] double count_levels(const std::string& column, const RegressionStage& regression,
                                  const Panel& panel);

/// Of the jackknife the clusters; all resamples or sign vectors where they are enumerated (may be infinite);
/// else `replicates`.
[[nodiscard]] double bootstrap_replicates(const BootstrapStage& stage, const RegressionStage& regression,
                                          const Panel& panel);

/// Different permutations of the treatment, the sample among them; may be infinite. Values that are not known
/// yet are taken to be all different. A column of the panel that `within` names exists.
[[nodiscard]] double permutations(const PlaceboStage& stage, const RegressionStage& regression,
                                  const Panel& panel);
/// Leads in time; all permutations where they are enumerated; else `replicates`.
[[nodiscard]] double placebo_replicates(const PlaceboStage& stage, const RegressionStage& regression,
                                        const Panel& panel);

}  // namespace greenfront

#pragma once
#include <string>
#include <vector>

#include "engine/joint/resampled_panel.hpp"
#include "engine/workspace.hpp"

/// The stages of a study whose results a regression uses as if they were data.
namespace greenfront::joint {

struct FirstStages {
    std::vector<std::string> dea, index;  ///< names of stages, in the order in which a run has them
    std::vector<std::string> column;      ///< columns of data that all of it reads, the regression too
    [[nodiscard]] bool empty() const { return dea.empty() && index.empty(); }
};

/// What the formula and `where` of the regression read, directly or through another stage. Scores against a
/// reference panel stay as they are: their technology is no part of the sample. `panel` has a column for
/// every stage. Throws Error(Fault::study) where a productivity stage is behind the regression.
[[nodiscard]] FirstStages first_stages(const Study& study, const RegressionStage& regression,
                                       const std::string& cluster, const Panel& panel);

/// What estimating the first stages again has cost.
struct FirstStageWork {
    std::int64_t programs = 0, failed = 0;
    std::vector<FailedUnit> failures;  ///< of the failed programs, the first of each stage
};

/// Estimates the stages from the rows of the resample alone and puts their columns into its panel: scores
/// against the technology of the drawn rows, an index with their extremes and weights, both clipped at their
/// percentiles where the stage says so. Copies of a row have one score; they add nothing to a technology, and
/// super-efficiency leaves all of them out. Throws Error(Fault::data) where the resample has no complete row
/// or an indicator without variation.
[[nodiscard]] FirstStageWork estimate_first_stages(const Workspace& workspace, const FirstStages& stages,
                                                   ResampledPanel& resample);

}  // namespace greenfront::joint

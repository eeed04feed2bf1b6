#pragma once
#include <optional>
#include <string>

#include "engine/limited_choice.hpp"
#include "engine/workspace.hpp"

/// Regressions of a study with a model other than "ols".
namespace greenfront::stages {

/// The settings of the stage, nothing for "ols"; Error(study) for a contradiction.
[[nodiscard]] std::optional<limited::Settings> choose_limited(const RegressionStage& stage,
                                                              const Formula& formula);

/// Fits and stores /regression/NAME.
void store_limited(Workspace& workspace, const std::string& name, const RegressionStage& stage,
                   const panel::Design& design, const limited::Settings& settings);

}  // namespace greenfront::stages

#pragma once
#include "engine/efficiency.hpp"
#include "engine/workspace.hpp"

namespace greenfront::stages {

/// Fills the group /dea/NAME: every setting, and with /panel all that is needed to check each score without
/// a solver (docs/formats/results.md). Rows with usable[r] == 0 are neither scored nor in a reference set.
/// `other`: the panel of the reference rows, or null.
void store_dea(ResultGroup& group, const Panel& panel, const Panel* other, const DeaStage& words,
               const DeaChoice& choice, const std::vector<char>& usable, const Efficiency& result);

}  // namespace greenfront::stages

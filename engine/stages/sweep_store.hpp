#pragma once
#include "engine/sweep/records.hpp"
#include "engine/workspace.hpp"

namespace greenfront::stages {

/// Writes /sweep/NAME: the fields of every scenario, and what compares scenarios with each other.
void store_sweep(Workspace& workspace, const std::string& name, const sweep::Model& model,
                 const sweep::Records& records);

}  // namespace greenfront::stages

#pragma once
#include <string>

#include "engine/app/study_input.hpp"
#include "engine/workspace.hpp"
#include "io/failed_unit.hpp"
#include "io/parts.hpp"

/// What `run` and `merge` share: the identity of a run and its end.
namespace greenfront::app {

/// True when `output` is a complete result of this very run; an output of another run needs `force`.
[[nodiscard]] bool already_there(const std::string& output, bool force, const StudyInput& input);

[[nodiscard]] io::RunIdentity identity_of(const StudyInput& input);

/// What files of failed units say of the run that has left them.
[[nodiscard]] io::FailedFrom failed_from(const StudyInput& input);
/// Warns of failed units and sets the exit code, where there are any.
void tell_failed(const Workspace& workspace, const std::string& output, const io::FailedUnits& failed);

struct RunFacts {
    std::string started;
    int threads = 0;
    io::BlockCount blocks;
};
[[nodiscard]] ResultGroup provenance(const StudyInput& input, const RunFacts& facts);

}  // namespace greenfront::app

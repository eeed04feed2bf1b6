#pragma once
#include <string>

namespace greenfront::io {

/// The run that parts belong to.
struct RunIdentity {
    std::string run_id;
    std::string text;   ///< what the run id is the hash of (engine/runner.hpp)
    std::string study;  ///< TOML that a merge can run from any folder
};

/// The first thing in which two texts of identities differ, with both values: "sweep.list.points is 8 there
/// and 16 here".
[[nodiscard]] std::string first_difference(const std::string& there, const std::string& here);

}  // namespace greenfront::io

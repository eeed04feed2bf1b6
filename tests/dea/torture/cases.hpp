#pragma once
#include <string>

namespace greenfront::torture {

/// Scores the programs of a file of reference cases with rival, kernel and (every 16th) arbiter, and prints
/// what differs from the expected scores. 0: nothing does; 77: there is no such file.
[[nodiscard]] int judge_cases(const std::string& path);

}  // namespace greenfront::torture

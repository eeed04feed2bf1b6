#pragma once
#include <string>

namespace greenfront::torture {

/// Scores the programs of a file of reference cases with rival and arbiter, and with the kernel on request. Prints what
/// differs from the expected scores; 0 when nothing does.
[[nodiscard]] int judge_cases(const std::string& path, bool with_kernel);

}  // namespace greenfront::torture

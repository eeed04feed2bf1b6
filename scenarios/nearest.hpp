#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace greenfront {

/// " (did you mean WORD?)" with the candidate that nearest() finds (scenarios/panel.hpp), to stand behind
/// what is not known; empty when none is near. Every message about a word of the user's has it.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace greenfront

#pragma once
#include <string>
#include <vector>

#include "engine/app/command_tree.hpp"

namespace greenfront::app {

/// Scripts that complete the program's command lines in a shell. Each is whole: nothing of the program runs
/// when a key is pressed.
[[nodiscard]] std::string bash_completion(const std::vector<CommandFacts>& tree);
[[nodiscard]] std::string zsh_completion(const std::vector<CommandFacts>& tree);
[[nodiscard]] std::string fish_completion(const std::vector<CommandFacts>& tree);

/// The first sentence or clause of a help text, for a list of choices.
[[nodiscard]] std::string brief(const std::string& help);

}  // namespace greenfront::app

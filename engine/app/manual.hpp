#pragma once
#include <string>
#include <vector>

#include "engine/app/command_tree.hpp"

namespace greenfront::app {

/// The man page greenfront(1), in the language of man(7).
[[nodiscard]] std::string man_page(const std::vector<CommandFacts>& tree);

/// Every command with its options, for the terminal.
[[nodiscard]] std::string overview(const std::vector<CommandFacts>& tree);

/// "greenfront dea PANEL --unit COLUMN ... [options]": the line with what must be there.
[[nodiscard]] std::string synopsis(const CommandFacts& command);

}  // namespace greenfront::app

#pragma once
#include <string>
#include <vector>

#include "engine/published.hpp"

namespace greenfront::io {

/// Figures of a CSV file as docs/formats/input.md says, or of one that is part of the program
/// ("embedded:huang2025"). Throws Error with every problem of the file, a line each.
[[nodiscard]] std::vector<PublishedFigure> read_published(const std::string& file);

/// Whether `file` names figures that are part of the program.
[[nodiscard]] bool embedded_figures(const std::string& file);
/// Hash of their content, wherever they stand.
[[nodiscard]] std::string published_hash(const std::string& file);

}  // namespace greenfront::io

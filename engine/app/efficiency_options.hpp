#pragma once
#include <string>
#include <vector>

#include "engine/scoring.hpp"
#include "engine/study.hpp"

/// What the one-shots on efficiencies have in common.
namespace greenfront::app {

/// "observed", or "1,2.5": numbers when every part between commas is one.
[[nodiscard]] WordOrNumbers word_or_numbers(const std::string& text);

/// "sj", or "0.1": a number when the whole text is one.
[[nodiscard]] WordOrNumber word_or_number(const std::string& text);

/// names() of an option that may be absent.
[[nodiscard]] std::vector<std::string> list(const std::string& text, const char* option);

/// Throws Error(usage) where a column of the analysis also names units or periods.
void check_columns(const std::string& unit, const std::string& time, const DeaVariables& variables);

/// Panel rows in the order of the file.
[[nodiscard]] std::vector<std::size_t> file_order(const Panel& panel);

}  // namespace greenfront::app

#pragma once
#include <string>
#include <vector>

#include "kernels/error.hpp"
#include "scenarios/panel.hpp"

/// From a user's expression to arithmetic. muParser evaluates numbers only: so every column, text comparison,
/// group statistic and lag becomes a numeric column v0, v1, ..., and the words and, or, not become symbols
/// (not is written ~ and binds less than comparisons).
namespace greenfront::expression {

struct Program {
    std::string text;                          ///< for muParser
    std::vector<std::size_t> origin;           // of each byte of text
    std::vector<std::vector<double>> operand;  // v0, v1, ...
};

/// Group statistics are those of `statistics`, a panel of the same rows and columns.
[[nodiscard]] Program rewrite(const std::string& source, const Panel& panel, const Panel& statistics,
                              Fault fault);

/// The column names in an expression, in order of first use; they need not exist in the panel.
[[nodiscard]] std::vector<std::string> column_names(const std::string& source, const Panel& panel);

}  // namespace greenfront::expression

#pragma once
#include <string>
#include <vector>

#include "engine/results.hpp"

namespace greenfront::io {

/// A group of a result file as one long table with full precision: a row for each combination of its key
/// dimensions (unit and time, term, indicator, scenario, replicate, peer_entry), a column for each
/// variable over them. A variable with one more dimension of at most 64 entries becomes a column for each
/// entry, "slack[capital]"; larger ones are left out and named. A group without arrays, such as
/// provenance, gives its attributes.
struct LongTable {
    std::vector<std::string> header;
    std::vector<Values> columns;  ///< same length each; categories are spelled out
    std::vector<std::string>
        left_out{};                     ///< variables over these keys that did not fit, with their dimensions
    std::vector<std::string> labels{};  ///< a description of each column, with its unit; empty: its name
    std::vector<std::vector<std::string>>
        meanings{};  ///< words of each category column in order of their codes
    [[nodiscard]] std::size_t rows() const;
};

/// `name` is a group ("dea/eff", "panel", "sweep/policy") or a group and a dimension whose variables are
/// wanted ("dea/eff/peer_entry", "bootstrap/main/replicate"), or a group and the word "attributes". Throws
/// Error(usage), naming what there is.
[[nodiscard]] LongTable long_table(const Results& results, const std::string& name);

/// A cell: numbers in the shortest form that reads back to the same value, missing ones empty.
[[nodiscard]] std::string cell(const Values& column, std::size_t row);
[[nodiscard]] std::string csv(const LongTable& table);

}  // namespace greenfront::io

#pragma once
#include <string>
#include <utility>
#include <vector>

#include "io/table_access.hpp"

/// What stands below the coefficients of a regression: weights, joint tests, variance inflation, the tests of
/// instruments. io/table_regression.cpp puts them into its tables.
namespace greenfront::io {

/// Rows of the table of several regressions, "label, a cell for each regression". A row is left out where no
/// regression has its figure. p values stand in [ ], Stock and Yogo's critical value for a size of 10 % in {
/// }.
[[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> check_rows(
    const std::vector<const ResultGroup*>& groups);

/// Blocks of rows (seven columns) and notes of the table of one regression.
void add_check_blocks(const ResultGroup& group, Table& table);
/// The tests of instruments among them.
void add_instrument_blocks(const ResultGroup& group, Table& table);

}  // namespace greenfront::io

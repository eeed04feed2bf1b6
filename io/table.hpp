#pragma once
#include <string>
#include <vector>

#include "engine/results.hpp"

namespace greenfront::io {

/// A rendered table: cells are text already, numbers are formatted by the view that made it.
struct Table {
    std::string title;
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;
    std::vector<std::size_t> rules;  ///< a line is drawn before these rows
    std::vector<std::string> notes;  ///< below the table
    std::vector<bool> left;          ///< columns aligned left; default: the first
};
/// Width-aware rendering for terminals (UTF-8 display width, East Asian wide characters count two).
/// A table wider than `max_width` is printed in blocks of columns that repeat the first one.
[[nodiscard]] std::string text(const Table& table, std::size_t max_width = 150);
[[nodiscard]] std::string csv(const Table& table);
/// A pipe table, as GitHub and Pandoc read it; the notes are paragraphs below.
[[nodiscard]] std::string markdown(const Table& table);
/// A table float with booktabs and threeparttable, cells escaped, stars raised, the notes as tablenotes.
[[nodiscard]] std::string latex(const Table& table);

// Views: tables of a result file, for `show` and `compare`.
[[nodiscard]] Table regression_table(const Results& results);  ///< all regressions side by side
[[nodiscard]] Table regression_detail(const Results& results,
                                      const std::string& name);  ///< one, with intervals and dof table
[[nodiscard]] Table efficiency_table(const Results& results);    ///< a summary row a dea stage and year
[[nodiscard]] Table index_table(const Results& results);         ///< weights of each index
[[nodiscard]] Table difference_table(const Results& results);    ///< coefficients by group and their tests
[[nodiscard]] Table mediation_table(const Results& results);     ///< paths and indirect effects
[[nodiscard]] Table bootstrap_table(const Results& results);
[[nodiscard]] Table placebo_table(const Results& results);
[[nodiscard]] Table descriptives_table(const Results& results);  ///< n, mean, sd, min, max of /panel
[[nodiscard]] Table ranking_table(const Results& results, const std::string& sweep, const std::string& by);
[[nodiscard]] Table contents_table(const Results& results);  ///< groups and what they hold

/// Stage names available for `show`: "regression", "regression/baseline", "dea", ...
[[nodiscard]] std::vector<std::string> table_names(const Results& results);
/// One of table_names; throws Error(usage) with the nearest name.
[[nodiscard]] Table table(const Results& results, const std::string& name);

}  // namespace greenfront::io

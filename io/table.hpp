#pragma once
#include <cstdint>
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
/// How coefficients are marked and what stands below them in the tables of regressions.
struct Style {
    enum class Below : std::int8_t { std_error, statistic, p_value };
    std::vector<double> stars{0.1, 0.05, 0.01};  ///< a star for each level that p is below; falling
    Below below = Below::std_error;
    int decimals = -1;  ///< of coefficients, what stands below them and R2s; -1: four significant digits
};
/// "0.1,0.05,0.01" (at most four levels, falling, between 0 and 1) or "none"; throws Error(usage).
[[nodiscard]] std::vector<double> parse_stars(const std::string& text);

/// Width-aware rendering for terminals (UTF-8 display width, East Asian wide characters count two).
/// A table wider than `max_width` is printed in blocks of columns that repeat the first one.
[[nodiscard]] std::string text(const Table& table, std::size_t max_width = 150);
[[nodiscard]] std::string csv(const Table& table);
/// A pipe table, as GitHub and Pandoc read it; the notes are paragraphs below.
[[nodiscard]] std::string markdown(const Table& table);
/// A table float with booktabs and threeparttable, cells escaped, stars raised, the notes as tablenotes. A
/// table of more columns than a page takes becomes several floats that repeat the first columns.
[[nodiscard]] std::string latex(const Table& table);
/// A <table> with caption, everything escaped; the notes as paragraphs in a <div>. A table wider than a page
/// becomes several that repeat the first columns.
[[nodiscard]] std::string html(const Table& table, std::size_t most_characters = 142);
/// Blocks of at most `most` columns of numbers, each with the columns that name the rows; rows that say
/// nothing in a block are left out, the notes stand below the last one.
[[nodiscard]] std::vector<Table> split_columns(const Table& table, std::size_t most);
/// The same, as many columns in a block as `characters` hold, gaps between columns counted as three.
[[nodiscard]] std::vector<Table> split_to_width(const Table& table, std::size_t characters);
/// The groups below `kind` that `names` lists, in that order; Error(usage) that names what there is.
void keep_only(Results& results, const std::string& kind, const std::vector<std::string>& names);

// Views: tables of a result file, for `show` and `compare`.
/// All groups of `kind` (regression, first_stage) side by side.
[[nodiscard]] Table regression_table(const Results& results, const std::string& kind = "regression",
                                     const Style& style = {});
/// One, KIND/NAME, with intervals and the table of degrees of freedom.
[[nodiscard]] Table regression_detail(const Results& results, const std::string& path,
                                      const Style& style = {});
[[nodiscard]] Table efficiency_table(const Results& results);  ///< a summary row a dea stage and year
[[nodiscard]] Table scores_table(const Results& results,
                                 const std::string& name);  ///< of one dea stage, unit by period
/// A summary row a boot_dea stage and technology; of one stage, a row a unit and period.
[[nodiscard]] Table boot_dea_table(const Results& results);
[[nodiscard]] Table corrected_table(const Results& results, const std::string& name);
/// Tests of returns to scale, a row a technology.
[[nodiscard]] Table returns_test_table(const Results& results);
/// Tests of separability, likewise.
[[nodiscard]] Table separability_test_table(const Results& results);
/// Coefficients of all two-stage analyses; of one, its scores by unit and period.
[[nodiscard]] Table two_stage_table(const Results& results);
[[nodiscard]] Table delta_table(const Results& results, const std::string& name);
/// A summary row a productivity stage and later period; of one stage, unit by period.
[[nodiscard]] Table productivity_table(const Results& results);
[[nodiscard]] Table changes_table(const Results& results, const std::string& name);
[[nodiscard]] Table index_table(const Results& results);  ///< weights of each index
/// Coefficients by group and their tests; of one stage, or of all where `name` is empty.
[[nodiscard]] Table difference_table(const Results& results, const std::string& name = "");
/// Paths and indirect effects, likewise.
[[nodiscard]] Table mediation_table(const Results& results, const std::string& name = "",
                                    const Style& style = {});
[[nodiscard]] Table bootstrap_table(const Results& results);
[[nodiscard]] Table placebo_table(const Results& results);
[[nodiscard]] Table descriptives_table(const Results& results);  ///< n, mean, sd, min, max of /panel
/// Scenarios of a sweep, best first, of many the first `most` (0: all), or compared by one of comparisons().
[[nodiscard]] Table ranking_table(const Results& results, const std::string& sweep, const std::string& by,
                                  std::size_t most = 0);
[[nodiscard]] const std::vector<std::string>& comparisons();
/// Published figures beside those of the results; of one table of the publication, or of all.
[[nodiscard]] Table published_table(const Results& results, const std::string& name = "",
                                    const Style& style = {});
/// Takes out the dea, index and regression groups that curves made; returns their number.
std::size_t leave_out_curves(Results& results);
/// Takes out the regressions that are equations of mediations, which have a table of their own.
std::size_t leave_out_mediations(Results& results);
/// A coefficient under the choices of one curve, or of all; without curves, in all regressions with `term`.
[[nodiscard]] Table curve_table(const Results& results, const std::string& name = "",
                                const std::string& term = "", const Style& style = {});
[[nodiscard]] Table contents_table(const Results& results);  ///< groups and what they hold

/// Stage names available for `show`: "regression", "regression/baseline", "dea", ...
[[nodiscard]] std::vector<std::string> table_names(const Results& results);
/// One of table_names; throws Error(usage) with the nearest name.
[[nodiscard]] Table table(const Results& results, const std::string& name, const Style& style = {});

}  // namespace greenfront::io

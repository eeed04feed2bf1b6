#pragma once
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/results.hpp"
#include "io/table.hpp"

/// What the views of io/table.hpp share: reading groups of a result file and writing numbers.
namespace greenfront::io {

/// The group; Error(usage) that names what the file has when there is none.
[[nodiscard]] const ResultGroup& require_group(const Results& results, const std::string& path);
/// The groups below `kind` ("dea", ...); Error(usage) that names what the file has when there is none.
[[nodiscard]] std::vector<const ResultGroup*> require_groups(const Results& results, const std::string& kind);
/// "baseline" of "regression/baseline".
[[nodiscard]] std::string last_name(const ResultGroup& group);

// Datasets. A missing one, or one of another type, is Error(data): the file is damaged or foreign.
[[nodiscard]] const std::vector<double>& numbers(const ResultGroup& group, const std::string& name);
[[nodiscard]] const std::vector<std::string>& texts(const ResultGroup& group, const std::string& name);
/// Integers or int8 categories.
[[nodiscard]] std::vector<std::int64_t> integers(const ResultGroup& group, const std::string& name);
/// Labels of a scale of the group or of the root, numbers as text.
[[nodiscard]] std::vector<std::string> labels(const Results& results, const ResultGroup& group,
                                              const std::string& scale);

// Attributes. Absent: NaN, an empty text, an empty list.
[[nodiscard]] double number_attribute(const ResultGroup& group, const std::string& name);
[[nodiscard]] std::string text_attribute(const ResultGroup& group, const std::string& name);
[[nodiscard]] std::vector<std::string> list_attribute(const ResultGroup& group, const std::string& name);
[[nodiscard]] std::vector<double> numbers_attribute(const ResultGroup& group, const std::string& name);

/// A cell without the blanks that line it up.
[[nodiscard]] std::string trimmed(const std::string& cell);

// Numbers as text; what has no value is ".".
[[nodiscard]] std::string significant(double value);  ///< at least four significant digits
[[nodiscard]] std::string count(double value);        ///< an integer
[[nodiscard]] std::string p_value(double value);      ///< four decimals
[[nodiscard]] std::string percent(double share);      ///< a share as percent, two decimals
/// One star for each level that p is below.
[[nodiscard]] std::string stars(double p, const std::vector<double>& levels);
/// A coefficient as the style wants it.
[[nodiscard]] std::string in_style(double value, const Style& style);
/// A cell of digits taken apart: what is aligned, and what hangs over: stars, or the bracket that closes.
struct HungCell {
    std::string body, overhang;
};
[[nodiscard]] HungCell hang(const std::string& cell);
/// "Adjusted R2" and its like: labels of ours whose 2 is an exponent.
[[nodiscard]] bool is_r_squared(const std::string& label);
/// Whether a column's cells leave room for stars.
[[nodiscard]] bool has_overhang(const Table& table, std::size_t column);
/// The estimate with its stars, padded so that the digits of a column stand below each other.
[[nodiscard]] std::string starred(double estimate, double p, const Style& style);
/// What stands below the estimate: its standard error or statistic in parentheses, or p in brackets.
[[nodiscard]] std::string below(double std_error, double statistic, double p, const Style& style);
/// "Standard errors in parentheses. * p < 0.1, ..."
[[nodiscard]] std::string note_of(const Style& style);
[[nodiscard]] std::string stars_note(const Style& style);  ///< "* p < 0.1, ** ..."; empty without stars
/// The groups below `kind`, or the one of this name; Error(usage) that names what the file has.
[[nodiscard]] std::vector<const ResultGroup*> chosen_groups(const Results& results, const std::string& kind,
                                                            const std::string& name);

/// The tables that the published figures come from, in their order.
[[nodiscard]] std::vector<std::string> published_tables(const Results& results);
/// "later stages use it winsorised at 1 % and 99 % (...)"; empty where the stage does not clip.
[[nodiscard]] std::string winsorised(const ResultGroup& group);
/// The column that a dea or index stage leaves for later stages: the scores, winsorised where it says so.
[[nodiscard]] const std::vector<double>& stage_column(const ResultGroup& group);

/// n, mean, standard deviation (n - 1), minimum, median and maximum of the values that are not NaN.
struct Moments {
    double n = 0, mean = NAN, sd = NAN, min = NAN, median = NAN, max = NAN;
};
[[nodiscard]] Moments moments(std::vector<double> values);
/// NaN as soon as one value is.
[[nodiscard]] double mean_of_all(const std::vector<double>& values);

}  // namespace greenfront::io

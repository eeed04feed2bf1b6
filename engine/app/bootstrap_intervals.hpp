#pragma once
#include <string>
#include <vector>

#include "engine/app/commands.hpp"
#include "kernels/resample/intervals.hpp"

/// Numbers and intervals of a bootstrapped term, as `greenfront bootstrap` prints them.
namespace greenfront::app {

/// Six significant digits for people ("." where there is no number), all digits for CSV (empty).
[[nodiscard]] std::string shown(double value);
[[nodiscard]] std::string exact(double value);
[[nodiscard]] Json pair(double low, double high);

/// Normal, bias-corrected and BCa intervals of one term, beside what pairs_report prints.
void add_intervals(Json& term, const resample::Intervals& intervals);
/// The same as cells of a CSV row, and their headers.
[[nodiscard]] std::vector<std::string> interval_cells(const resample::Intervals& intervals);
[[nodiscard]] std::vector<std::string> interval_headers();
/// A table of its own for people: one row a term.
struct IntervalRow {
    std::string term;
    resample::Intervals intervals;
};
/// `bca`: the replicates have BCa intervals.
[[nodiscard]] io::Table interval_table(const std::vector<IntervalRow>& rows, double confidence, bool bca);

}  // namespace greenfront::app

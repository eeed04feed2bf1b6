#pragma once
#include "engine/app/bootstrap_output.hpp"
#include "kernels/resample/leave_out.hpp"

/// What `greenfront bootstrap` prints of the relatives of the pairs bootstrap.
namespace greenfront::app {

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
[[nodiscard]] io::Table interval_table(const std::vector<IntervalRow>& rows, double confidence);

[[nodiscard]] BootstrapReport jackknife_report(const BootstrapOptions& options,
                                               const resample::ClusterJackknife& jackknife,
                                               double confidence);

/// Methods residual and moving-block. The cluster variable of moving-block is the column of time.
[[nodiscard]] BootstrapReport residual_report(const BootstrapOptions& options,
                                              const LoadedRegression& loaded);
[[nodiscard]] BootstrapReport moving_block_report(const BootstrapOptions& options,
                                                  const LoadedRegression& loaded);
/// What --method, --cluster, --block and --time must be to each other; throws Error(Fault::usage).
void check_method(const BootstrapOptions& options, const CLI::App& command);

}  // namespace greenfront::app

#pragma once
#include "engine/app/bootstrap_output.hpp"
#include "kernels/resample/leave_out.hpp"

/// The relatives of the pairs bootstrap in `greenfront bootstrap`: jackknife, residual, moving-block.
namespace greenfront::app {

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

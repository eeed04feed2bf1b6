#pragma once
#include "engine/app/bootstrap_output.hpp"
#include "kernels/resample/leave_out.hpp"

/// The relatives of the pairs bootstrap in `greenfront bootstrap`: jackknife, residual, moving-block.
namespace greenfront::app {

[[nodiscard]] BootstrapReport jackknife_report(const BootstrapOptions& options,
                                               const resample::ClusterJackknife& jackknife,
                                               double confidence);

/// Methods residual and moving-block; options.cluster of the latter is the column of time.
[[nodiscard]] BootstrapReport residual_report(const BootstrapOptions& options,
                                              const resample::PairsDraws& draws, double confidence);
[[nodiscard]] BootstrapReport moving_block_report(const BootstrapOptions& options,
                                                  const resample::PairsDraws& draws, double confidence);

}  // namespace greenfront::app

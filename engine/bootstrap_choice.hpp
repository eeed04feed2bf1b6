#pragma once
#include <string>
#include <vector>

#include "engine/study.hpp"
#include "kernels/error.hpp"
#include "kernels/panel/regression.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/resample/wild.hpp"

/// What the bootstraps of a study and of the command line share: which words go together, and what they are
/// to the kernels.
namespace greenfront {

/// wild-cluster, and wre, which names it for regressions with instruments.
[[nodiscard]] bool is_wild(const BootstrapStage& stage);
/// joint-cluster: engine/joint/joint_bootstrap.hpp.
[[nodiscard]] bool is_joint(const BootstrapStage& stage);
/// Replicates of all coefficients: pairs-cluster, joint-cluster, residual, moving-block.
[[nodiscard]] bool draws_coefficients(const BootstrapStage& stage);

/// Keys that differ from their defaults.
[[nodiscard]] std::vector<std::string> given_keys(const BootstrapStage& stage);
/// Throws Error(fault) where a key that is given belongs to another method, or one is missing. `given`: keys
/// as a study writes them.
void check_bootstrap(const BootstrapStage& stage, const std::vector<std::string>& given, Fault fault);

/// The cluster variables of the design: none (residual), that of time (moving-block), or those named, the one
/// that weights are drawn for first. Throws Error(fault).
[[nodiscard]] std::vector<std::string> bootstrap_clusters(const BootstrapStage& stage,
                                                          const std::string& time, Fault fault);

/// Without term, seed and stream. Throws Error(fault) where the settings do not go together.
[[nodiscard]] resample::WildOptions wild_options(const BootstrapStage& stage, Fault fault);
/// What to know where weights of G clusters have so few vectors that no p value is worth `confidence`; empty
/// elsewhere. Vectors whose elements are alike repeat the sample: with the null imposed their |t*| is |t| (of
/// 2SLS only with all weights 1), else t* is 0. Their share is the least p of a test that counts the sample
/// as one of its arrangements: 2^(1-G) for signs, 6^(1-G) for Webb's six values, ((5 + sqrt 5)/10)^G +
/// ((5 - sqrt 5)/10)^G for Mammen's two; of 2SLS 2^-G and 6^-G.
[[nodiscard]] std::string few_vectors(const BootstrapStage& stage, std::int64_t clusters, bool instruments,
                                      double confidence, Fault fault);
/// pairs-cluster, residual, moving-block; without seed and stream.
[[nodiscard]] resample::PairsOptions pairs_options(const BootstrapStage& stage);
/// Replicates of pairs-cluster, residual or moving-block.
[[nodiscard]] resample::PairsDraws coefficient_draws(const BootstrapStage& stage, const panel::Design& design,
                                                     const panel::Options& options,
                                                     const resample::PairsOptions& pairs);

}  // namespace greenfront

#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/joint/first_stages.hpp"
#include "engine/workspace.hpp"
#include "kernels/resample/resample.hpp"

/// Cluster bootstrap of a regression whose outcome or regressors are estimates themselves.
///
/// A regression of efficiency scores on an index takes both as data, though both were estimated from the same
/// cities: the frontier, the extremes and weights of the index, the percentiles of winsorising. A bootstrap
/// of the second stage alone leaves that out. Here replicate b = 1..B
///   1. draws G of the G clusters with replacement (the numbers of resample::pairs_cluster: with the same
///      seed, stream and clusters the same resample, so that differences to it are paired);
///   2. estimates every first stage behind the regression from the drawn rows alone (first_stages.hpp);
///   3. selects the rows by `where` and estimates the regression: every copy of a cluster is a cluster, fixed
///      effects nested in clusters get fresh levels in every copy; clustered standard error for bootstrap-t.
/// With every cluster drawn once the replicate is the estimate of the run.
///
/// Steps of the preparation are not repeated: their columns are data.
///
/// What is known of it. For an index (smooth means, extremes of a bounded indicator aside) it is the ordinary
/// pairs bootstrap of a two-step estimator. A frontier is an extreme: resampling the rows is not consistent
/// for the score of a single row at the frontier (Simar and Wilson 1998), whereas a second-stage coefficient
/// averages over all rows; there is no theorem for it, and the bias that a frontier's estimation leaves in
/// the scores is not removed. The interval says how far the coefficient moves when other cities are sampled.
///
/// Population: clusters with a row that the regression or a first stage uses. A resample without an estimate
/// has status `undefined`, one with a program that no method could certify `failed`; both are NaN.
///
/// Cost: a replicate solves a program for each different row of each dea stage behind the regression, and
/// fits one regression.
namespace greenfront::joint {

/// One estimation of the chain.
struct Replicate {
    Eigen::VectorXd beta, std_error;  ///< of all regressors, endogenous ones last; NaN where omitted
    Status status = Status::optimal;
    std::string problem;  ///< of `undefined`
    std::int64_t programs = 0;
    std::vector<FailedUnit> failures;  ///< of `failed`
};

class Chain {
  public:
    /// `regression` and the stages behind it have run. Refers to the workspace.
    Chain(const Workspace& workspace, const std::string& regression, const std::string& cluster);

    [[nodiscard]] const FirstStages& stages() const { return stages_; }
    [[nodiscard]] std::int32_t clusters() const { return static_cast<std::int32_t>(rows_.size()); }
    [[nodiscard]] const std::vector<std::string>& cluster_names() const { return level_; }
    /// Names of the regressors, endogenous ones last.
    [[nodiscard]] const std::vector<std::string>& terms() const { return term_; }
    /// ols or 2sls
    [[nodiscard]] const std::string& estimator() const { return regression_.fit.estimator; }
    /// The chain on the resample with count[c] copies of cluster c.
    [[nodiscard]] Replicate estimate(const std::vector<std::int32_t>& count) const;

  private:
    [[nodiscard]] panel::Design design_of(const ResampledPanel& resample) const;

    const Workspace& workspace_;
    const RegressionStage& words_;
    const RegressionOutcome& regression_;
    std::string cluster_;
    FirstStages stages_;
    panel::Options options_;
    std::vector<std::vector<std::size_t>> rows_;  ///< of each cluster, panel rows
    std::vector<std::string> level_, term_;
    std::vector<char> nested_;  ///< of each fixed effect: every level lies in one cluster
};

struct JointDraws {
    resample::PairsDraws draws;
    std::int64_t programs = 0;          ///< solved in all replicates
    std::vector<std::string> problems;  ///< of `undefined` replicates, each once
    std::vector<FailedUnit> failures;   ///< programs of `failed` replicates, the first `most_failures`
};

/// `advance` is called with the number of replicates that have been finished since the last call. Throws
/// Error(Fault::data) with fewer than two clusters.
[[nodiscard]] JointDraws joint_bootstrap(const Chain& chain, const resample::PairsOptions& pairs,
                                         const std::function<void(std::int64_t)>& advance);

}  // namespace greenfront::joint

#pragma once
#include <functional>
#include <string>
#include <vector>

#include "engine/workspace.hpp"

/// The checks of a study against its panel, before anything runs: check.cpp, check_frontier.cpp,
/// check_resampling.cpp, check_sweep.cpp and check_published.cpp, which alone include this.
namespace greenfront {

/// Collects the problems of all stages, so that a user mends them in one go.
class Checker {
  public:
    explicit Checker(const Workspace& workspace) : workspace_(workspace), panel_(workspace.panel()) {}
    /// Throws Error(Fault::study) with every problem, a line each.
    void run();

  private:
    /// Runs one check and keeps what it complains about.
    void attempt(const std::string& key, const std::function<void()>& work);
    void complain(const std::string& key, const std::string& text);
    /// Stages become columns; so a name is used once, and by no column of the panel.
    void names();
    void placeholder(const std::string& name);
    void numeric(const std::string& key, const std::vector<std::string>& columns);
    void where(const std::string& key, const std::string& expression);
    void dea(const std::string& name, const DeaStage& stage);
    /// The stage that a bootstrap of scores or a two-stage analysis names, or nullptr and a complaint.
    const DeaStage* named_dea(const std::string& key, const std::string& name);
    void boot_dea(const std::string& name, const BootDeaStage& stage);
    void two_stage(const std::string& name, const TwoStageStage& stage);
    void productivity(const std::string& name, const ProductivityStage& stage);
    void index(const std::string& name, const IndexStage& stage);
    void regression(const std::string& name, const RegressionStage& stage);
    void weights(const std::string& key, const RegressionStage& stage);
    static void check_test(const Formula& formula, const std::string& test);
    /// Stacked scores are written for these alone; interactions take every variance and weight.
    static void stacked_scores(const RegressionStage& stage);
    /// A permutation of the labels of groups.
    void permutation(const std::string& key, const RegressionStage& stage);
    /// Resampling of weighted regressions is not part of this version.
    void no_weights(const std::string& key, const RegressionStage& regression, const char* what);
    /// What uses the coefficients of a linear model cannot use those of a limited outcome.
    void only_linear(const std::string& key, const RegressionStage& regression, const char* what);
    void mediation(const std::string& name, const MediationStage& stage);
    void is_regressor(const std::string& key, const RegressionStage& regression, const std::string& name,
                      const std::string& treatment);
    /// Resampling of regressions with instruments is not part of this version.
    void no_instruments(const std::string& key, const RegressionStage& regression, const char* what);
    /// What the wild bootstrap knows of regressions with instruments: kernels/resample/wre.hpp.
    void restricted_efficient(const std::string& key, const RegressionStage& regression,
                              const BootstrapStage& stage);
    const RegressionStage* named_regression(const std::string& key, const std::string& name);
    void unknown(const std::string& key, const std::string& name, const std::vector<std::string>& known,
                 const char* kind);
    void replicates(const std::string& key, std::int64_t count);
    /// `draws` names a bootstrap that stands before this one and draws the same clusters.
    void shared_draws(const std::string& key, const std::string& name, const BootstrapStage& stage);
    void bootstrap(const std::string& name, const BootstrapStage& stage);
    /// A joint bootstrap has a first stage to estimate again.
    void first_stages(const std::string& key, const BootstrapStage& stage);
    /// Its terms are among those of the regression.
    void known_terms(const std::string& key, const BootstrapStage& stage);
    /// What a placebo test permutes is a regressor, of 2SLS the one that is endogenous.
    void instrumented_treatment(const std::string& key, const RegressionStage& regression,
                                const PlaceboStage& stage);
    void placebo(const std::string& name, const PlaceboStage& stage);
    /// The levers of a package are there.
    void levers_of(const Package& package) const;
    void sweep(const std::string& name, const SweepStage& stage);
    /// The stages that published figures are compared with exist.
    void published();
    /// The frontier channel needs a score of at most 1 that is the better the larger it is.
    static void frontier(const SweepStage& stage, const DeaStage& dea);
    void sweep_equations(const std::string& key, const SweepStage& stage);
    void sweep_mediation(const std::string& key, const SweepStage& stage);
    /// A bootstrap whose draws of coefficients a sweep can use, or nullptr and a complaint.
    const BootstrapStage* sweep_bootstrap(const std::string& key, const std::string& name,
                                          const std::string& regression);
    /// Tries the levers on the completed panel: every scenario, of many the extreme ones. A selector may read
    /// columns that only the run will have, then the lever is tried on all rows.
    void try_levers(const SweepStage& stage);

    const Workspace& workspace_;
    Panel panel_;  ///< a copy, with stages' columns as placeholders
    std::vector<std::string> problems_;
};

}  // namespace greenfront

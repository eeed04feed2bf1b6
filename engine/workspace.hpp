#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/progress.hpp"
#include "engine/published.hpp"
#include "engine/reference_sets.hpp"
#include "engine/results.hpp"
#include "engine/scoring.hpp"
#include "engine/settings.hpp"
#include "engine/study.hpp"
#include "kernels/index/fit.hpp"
#include "kernels/resample/resample.hpp"
#include "scenarios/formula.hpp"

namespace greenfront {

/// What a dea stage leaves for the sweep.
struct DeaOutcome {
    DeaVariables variables;
    dea::Settings settings;
    std::vector<ReferenceGroup> groups;
    std::vector<double> score;   ///< panel rows; NaN where not scored
    std::vector<double> column;  ///< the scores as later stages use them: winsorised where the stage says so
    std::vector<Status> status;  ///< panel rows; `undefined` where the row is incomplete
    std::vector<char> usable;    ///< panel rows in the reference sets
};
struct IndexOutcome {
    std::vector<std::string> indicators;
    index::Fit fit;
    std::optional<ClipBounds> bounds;  ///< of the column that later stages use
};
struct RegressionOutcome {
    Formula formula;
    std::vector<std::string> clusters;
    std::vector<char> keep;  ///< panel rows selected by `where`
    panel::Design design;
    panel::Options options;
    panel::Fit fit;
};

/// The equations of a mediation, and their replicates where it was bootstrapped.
struct MediationOutcome {
    std::string treatment, mediator;
    panel::Design design;    ///< the total equation, on the rows where the mediator is known
    panel::Fit first, full;  ///< of the mediator; of the outcome given the mediator
    resample::PairsDraws first_draws, full_draws;  ///< the same resamples; empty without a bootstrap
};

/// The state of a run: what earlier stages leave for later ones, and the results so far.
struct Workspace {
    const Study& study;
    const Named<Lever>& catalogue;
    Named<Package> packages;  ///< of the catalogue
    Progress& progress;
    Prepared prepared;        ///< stage columns (scores, indices) are added to its panel
    Named<Panel> references;  ///< reference panels, by dea stage
    Named<DeaOutcome> dea;
    Named<IndexOutcome> index;
    Named<RegressionOutcome> regression;
    Named<MediationOutcome> mediation;
    Named<resample::PairsDraws> bootstrap;
    std::vector<PublishedFigure> published;
    Named<std::string> not_estimated;  ///< regressions of curves without an estimate, and why
    Results results;
    std::int64_t failed = 0;          ///< units of work that ended as Status::failed
    FailureSink* failures = nullptr;  ///< where their programs are kept; null: nowhere

    [[nodiscard]] const Panel& panel() const { return prepared.panel; }
    /// Hands over the programs that failed; `where` names the stage, and scenario and replicate if any.
    void keep(std::vector<FailedUnit>&& units, const FailedUnit& where) const;
};

}  // namespace greenfront

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/bootstrap_choice.hpp"
#include "engine/checker.hpp"
#include "engine/dea_choice.hpp"
#include "engine/scoring.hpp"
#include "engine/sweep/design.hpp"
#include "scenarios/expression.hpp"

namespace greenfront {
namespace {

/// Scenarios that are tried one by one before a run; of more, the least and the greatest intensities are.
constexpr std::size_t most_tried = 256;

void never_negative(const DeaVariables& variables, const Panel& completed, const LeverProgram& program,
                    const LeverProgram::Outcome& outcome, const std::string& scenario) {
    const auto& moved = program.columns();
    for (const auto& name : variables.columns()) {
        for (std::size_t c = 0; c < moved.size(); ++c) {
            if (completed.columns()[moved[c]].name != name) continue;
            for (const double value : outcome.value[c]) {
                if (!(value < 0)) continue;
                throw Error(Fault::study,
                            fmt::format("{} makes {} negative; efficiency needs amounts >= 0, choose a "
                                        "smaller intensity or per_unit, or give the operation a minimum",
                                        scenario, name));
            }
        }
    }
}

}  // namespace

void Checker::sweep(const std::string& name, const SweepStage& stage) {
    const std::string key = "sweep." + name;
    const Study& study = workspace_.study;
    if (stage.dea.empty() && stage.regression.empty())
        complain(key, "no channel; name a dea stage, a regression, or both");
    if (!stage.dea.empty() && study.dea.find(stage.dea) == nullptr)
        unknown(key + ".dea", stage.dea, study.dea.names(), "dea");
    if (const auto* dea = study.dea.find(stage.dea)) attempt(key + ".dea", [&] { frontier(stage, *dea); });
    if (stage.dea.empty() && stage.frontier == "moving")
        complain(key + ".frontier", "moving belongs to the frontier channel; name a dea stage");
    sweep_equations(key, stage);
    if (stage.replicates < 0 || stage.frontier_replicates < 0)
        complain(key + ".replicates", "a number of replicates is not negative");
    if (!(stage.confidence > 0 && stage.confidence < 1))
        complain(key + ".confidence", fmt::format("{} is not between 0 and 1", stage.confidence));
    if (!stage.group.empty()) attempt(key + ".group", [&] { (void)make_factor(stage.group, panel_); });
    numeric(key + ".outcomes", stage.outcomes);
    attempt(key + ".levers", [&] { try_levers(stage); });
}

/// Regression, bootstrap, mediation and types go together.
void Checker::sweep_equations(const std::string& key, const SweepStage& stage) {
    if (!stage.regression.empty()) {
        if (const auto* regression = named_regression(key, stage.regression))
            only_linear(key, *regression, "a sweep");
    }
    const auto needs_regression = [&](const char* what, bool given) {
        if (given && stage.regression.empty())
            complain(key + "." + what, "belongs to the econometric channel; name a regression");
    };
    needs_regression("bootstrap", !stage.bootstrap.empty());
    needs_regression("mediation", !stage.mediation.empty());
    needs_regression("types", !stage.types.empty());
    if (!stage.mediation.empty()) sweep_mediation(key + ".mediation", stage);
    if (stage.replicates > 0 && stage.bootstrap.empty() && stage.mediation.empty())
        complain(key + ".replicates", "needs draws of the coefficients; name a bootstrap");
    if (stage.frontier_replicates > 0 && stage.dea.empty())
        complain(key + ".frontier_replicates", "belongs to the frontier channel; name a dea stage");
    std::int64_t replicates = 0;
    if (!stage.bootstrap.empty()) {
        if (const auto* found = sweep_bootstrap(key + ".bootstrap", stage.bootstrap, stage.regression))
            replicates = found->replicates;
        if (stage.replicates > replicates && replicates > 0) {
            complain(key + ".replicates",
                     fmt::format("is {}, but bootstrap.{} has {}; ask for fewer or give it more",
                                 stage.replicates, stage.bootstrap, replicates));
        }
    }
    for (const auto& type : stage.types) {
        const std::string place = key + ".types (" + type.name + ")";
        where(place + ".where", type.where);
        if (type.where.empty())
            complain(place + ".where", "is empty; rows of no type are left to regression");
        if (const auto* regression = named_regression(place, type.regression)) {
            only_linear(place, *regression, "a sweep");
            if (!regression->group.empty())
                complain(place,
                         fmt::format("regression.{} is made for each group of {}; name one regression a "
                                     "type",
                                     type.regression, regression->group));
        }
        if (type.bootstrap.empty() != stage.bootstrap.empty()) {
            complain(place + ".bootstrap", stage.bootstrap.empty()
                                               ? "the sweep has no bootstrap; name one there, too"
                                               : "is missing; the sweep's other rows have replicates");
            continue;
        }
        if (type.bootstrap.empty()) continue;
        const auto* found = sweep_bootstrap(place + ".bootstrap", type.bootstrap, type.regression);
        const std::int64_t wanted = stage.replicates > 0 ? stage.replicates : replicates;
        if (found != nullptr && found->replicates < wanted) {
            complain(place + ".bootstrap",
                     fmt::format("has {} replicates, fewer than the sweep's {}", found->replicates, wanted));
        }
    }
}

void Checker::sweep_mediation(const std::string& key, const SweepStage& stage) {
    const auto* mediation = workspace_.study.mediation.find(stage.mediation);
    if (mediation == nullptr) {
        unknown(key, stage.mediation, workspace_.study.mediation.names(), "mediation");
        return;
    }
    if (mediation->regression != stage.regression) {
        complain(key, fmt::format("mediation.{} belongs to regression.{}, but the sweep uses regression.{}",
                                  stage.mediation, mediation->regression, stage.regression));
    }
    if (!stage.bootstrap.empty()) complain(key, "has its own replicates; leave bootstrap out");
    if (!stage.types.empty()) complain(key, "cannot be combined with types; leave one of the two out");
    const std::int64_t available = mediation->cluster.empty() ? 0 : mediation->replicates;
    if (stage.replicates > available) {
        complain(key, fmt::format("has {} replicates, fewer than the {} of the sweep{}", available,
                                  stage.replicates,
                                  mediation->cluster.empty() ? "; give the mediation a cluster" : ""));
    }
}

const BootstrapStage* Checker::sweep_bootstrap(const std::string& key, const std::string& name,
                                               const std::string& regression) {
    const auto* bootstrap = workspace_.study.bootstrap.find(name);
    if (bootstrap == nullptr) {
        unknown(key, name, workspace_.study.bootstrap.names(), "bootstrap");
    } else if (bootstrap->regression != regression) {
        complain(key, fmt::format("bootstrap.{} resamples regression.{}, but the sweep uses regression.{}",
                                  name, bootstrap->regression, regression));
    } else if (!draws_coefficients(*bootstrap)) {
        complain(key, fmt::format(
                          "bootstrap.{} tests coefficients and draws none ({}); a sweep needs one with "
                          "method = \"pairs-cluster\", \"joint-cluster\", \"residual\" or \"moving-block\"",
                          name, bootstrap->method));
    } else if (bootstrap->keep != "draws") {
        complain(key, fmt::format("bootstrap.{} keeps quantiles only; a sweep carries every replicate on, so "
                                  "that it needs keep = \"draws\"",
                                  name));
    } else {
        return bootstrap;
    }
    return nullptr;
}

void Checker::frontier(const SweepStage& stage, const DeaStage& dea) {
    const auto settings = choose_dea(dea, Fault::study).settings;
    using enum dea::Model;
    const bool ratio = settings.model == radial || settings.model == sbm || settings.model == fdh ||
                       settings.model == cost || settings.model == revenue;
    const bool above_one = (settings.model == radial || settings.model == fdh) &&
                           settings.orientation == dea::Orientation::output;
    const bool own = dea.reference_panel.empty();
    if (ratio && !above_one && !settings.super && own) return;
    throw Error(Fault::study,
                fmt::format("dea.{} has scores that a sweep cannot compare (model {}, orientation {}{}{}); "
                            "it can use radial and fdh with orientation input, sbm, cost and revenue, "
                            "without super-efficiency and without a reference panel",
                            stage.dea, name(settings.model), name(settings.orientation),
                            settings.super ? ", super" : "", own ? "" : ", reference panel"));
}

void Checker::try_levers(const SweepStage& stage) {
    auto design = sweep::design(workspace_, stage, 0);
    for (auto& applied : design.levers) {
        if (applied.where.empty()) continue;
        (void)select(applied.where, panel_, Fault::study);
        for (const auto& column : columns_read(applied.where, panel_)) {
            // Only the run will know the values of stages' columns; until then the lever acts on all rows.
            if (!workspace_.panel().has(column)) applied.where.clear();
        }
    }
    const Panel& completed = workspace_.prepared.completed;
    const LeverProgram program(completed, panel_, design.levers);
    if (stage.frontier_replicates > 0 && !(program.uncertain() && stage.parameters == "drawn")) {
        throw Error(Fault::study,
                    "frontier_replicates draws uncertain parameters of levers; the sweep's levers "
                    "have none, or parameters is \"point\"");
    }
    LeverProgram::Outcome outcome;
    const auto* dea = workspace_.study.dea.find(stage.dea);
    const auto attempt_point = [&](const std::vector<double>& intensity, const std::string& scenario) {
        try {
            program.check(intensity);
            program.apply(intensity, program.point(), outcome);
        } catch (const Error& error) {
            throw Error(error.fault(), fmt::format("{}: {}", scenario, error.what()));
        }
        if (dea != nullptr)
            never_negative(choose_dea(*dea, Fault::study).variables, completed, program, outcome, scenario);
    };
    if (design.scenarios() <= most_tried) {
        for (std::size_t s = 0; s < design.scenarios(); ++s)
            attempt_point(design.intensities(s), design.scenario[s]);
        return;
    }
    const Eigen::VectorXd low = design.intensity.colwise().minCoeff(),
                          high = design.intensity.colwise().maxCoeff();
    attempt_point({low.begin(), low.end()}, "the least intensities of all levers");
    attempt_point({high.begin(), high.end()}, "the greatest intensities of all levers");
}

}  // namespace greenfront

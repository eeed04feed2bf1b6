#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/bootstrap_choice.hpp"
#include "engine/checker.hpp"
#include "engine/joint/first_stages.hpp"
#include "engine/placebo_terms.hpp"
#include "engine/replicates.hpp"
#include "engine/stages/stages.hpp"
#include "scenarios/expression.hpp"

namespace greenfront {
namespace {

constexpr double most_permutations = 1e7;  // that a placebo test enumerates

}  // namespace

void Checker::mediation(const std::string& name, const MediationStage& stage) {
    const std::string key = "mediation." + name;
    const auto* regression = named_regression(key, stage.regression);
    if (regression == nullptr) return;
    no_instruments(key, *regression, "a mediation analysis");
    only_linear(key, *regression, "a mediation analysis");
    is_regressor(key, *regression, stage.regression, stage.treatment);
    attempt(key + ".mediator", [&] {
        Formula formula = parse_formula(regression->formula, Fault::study);
        const auto is_mediator = [&](const auto& term) { return term.text == stage.mediator; };
        if (std::any_of(formula.x.begin(), formula.x.end(), is_mediator) ||
            formula.y.text == stage.mediator) {
            throw Error(
                Fault::study,
                fmt::format("\"{}\" is already in regression.{}; name a regression of the total effect, "
                            "without the mediator",
                            stage.mediator, stage.regression));
        }
        formula.x.push_back({stage.mediator});
        (void)build_design(formula, panel_, {}, {});
    });
    if (stage.cluster.empty()) {
        if (stage.replicates != MediationStage().replicates)
            complain(key + ".replicates", "a bootstrap needs cluster = \"COLUMN\", which is absent");
        return;
    }
    no_weights(key, *regression, "a bootstrap");
    replicates(key, stage.replicates);
    attempt(key + ".cluster", [&] { (void)make_factor(stage.cluster, panel_); });
    if (!(stage.confidence > 0 && stage.confidence < 1))
        complain(key + ".confidence", "must lie between 0 and 1, e.g. 0.95");
}

void Checker::restricted_efficient(const std::string& key, const RegressionStage& regression,
                                   const BootstrapStage& stage) {
    attempt(key, [&] {
        if (parse_formula(regression.formula, Fault::study).endogenous.empty()) {
            if (stage.method != "wre") return;
            throw Error(Fault::study,
                        "method wre is for a regression with \"| endogenous ~ instruments\"; without them "
                        "use wild-cluster");
        }
        const bool tsls = regression.estimator.empty() || regression.estimator == "2sls";
        if (tsls && stage.type == "11" && !stage.unrestricted &&
            bootstrap_clusters(stage, {}, Fault::study).size() == 1)
            return;
        throw Error(Fault::study,
                    "the wild bootstrap of a regression with instruments (WRE) is for 2SLS, type 11, with "
                    "the null imposed and one cluster variable");
    });
}

void Checker::replicates(const std::string& key, std::int64_t count) {
    if (count < 2) complain(key + ".replicates", fmt::format("{} replicates; at least 2 are needed", count));
    if (count > 100'000'000)
        complain(key + ".replicates", fmt::format("{} replicates; at most 100000000 are possible", count));
}

void Checker::permutation(const std::string& key, const RegressionStage& stage) {
    no_instruments(key + ".difference", stage, "a permutation of groups");
    no_weights(key + ".difference", stage, "a permutation of groups");
    replicates(key, stage.replicates);
    if (stage.split == "tercile")
        complain(key + ".difference",
                 "a permutation compares two groups, and terciles are three; use interaction or suest");
}

void Checker::shared_draws(const std::string& key, const std::string& name, const BootstrapStage& stage) {
    std::vector<std::string> earlier;
    const BootstrapStage* other = nullptr;
    for (const auto& [before, candidate] : workspace_.study.bootstrap) {
        if (before == name) break;
        earlier.push_back(before);
        if (before == stage.draws) other = &candidate;
    }
    if (stage.draws == name || (other == nullptr && workspace_.study.bootstrap.find(stage.draws)))
        return complain(key + ".draws", fmt::format("bootstrap.{} must stand before this one", stage.draws));
    if (other == nullptr) return unknown(key + ".draws", stage.draws, earlier, "bootstrap");
    const auto draws_clusters = [](const BootstrapStage& one) {
        return one.method == "pairs-cluster" || is_joint(one);
    };
    if (!draws_clusters(stage) || !draws_clusters(*other)) {
        return complain(key + ".draws",
                        "only bootstraps with method = \"pairs-cluster\" or \"joint-cluster\" share draws");
    }
    if (stage.keep != "draws" || other->keep != "draws")
        complain(key + ".draws",
                 "shared draws pair the replicates of two bootstraps, and keep = \"quantiles\" keeps none; "
                 "leave one of them out");
    if (stage.cluster != other->cluster)
        complain(key + ".draws", fmt::format("bootstrap.{} draws clusters of {}, this one of {}", stage.draws,
                                             other->cluster, stage.cluster));
}

void Checker::bootstrap(const std::string& name, const BootstrapStage& stage) {
    const std::string key = "bootstrap." + name;
    if (const auto* regression = named_regression(key, stage.regression)) {
        if (is_wild(stage)) {
            restricted_efficient(key, *regression, stage);
        } else if (stage.method == "residual") {
            no_instruments(key, *regression, "a residual bootstrap");
        } else if (regression->estimator == "liml" || regression->estimator == "gmm") {
            complain(key, fmt::format("regression.{} is estimated by {}; a bootstrap knows 2sls only",
                                      stage.regression, regression->estimator));
        }
        only_linear(key, *regression, "a bootstrap");
        no_weights(key, *regression, "a bootstrap");
    }
    if (!stage.draws.empty()) shared_draws(key, name, stage);
    if (is_joint(stage)) first_stages(key, stage);
    replicates(key, stage.replicates);
    attempt(key, [&] {
        check_bootstrap(stage, given_keys(stage), Fault::study);
        if (is_wild(stage)) (void)wild_options(stage, Fault::study);
    });
    if (stage.method == "moving-block") {
        const auto periods = static_cast<std::int64_t>(panel_.time_value.size());
        if (stage.block >= periods)
            complain(key + ".block", fmt::format("blocks of {} periods, but the panel has {}; a block has "
                                                 "fewer than all",
                                                 stage.block, periods));
    } else if (!stage.cluster.empty()) {
        attempt(key + ".cluster", [&] {
            for (const auto& column : bootstrap_clusters(stage, {}, Fault::study))
                (void)make_factor(column, panel_);
        });
    }
    known_terms(key, stage);
    if (!(stage.confidence > 0 && stage.confidence < 1))
        complain(key + ".confidence", "must lie between 0 and 1, e.g. 0.95");
}

void Checker::first_stages(const std::string& key, const BootstrapStage& stage) {
    const RegressionStage* regression = workspace_.study.regression.find(stage.regression);
    if (regression == nullptr || stage.cluster.empty()) return;
    attempt(key, [&] {
        if (!joint::first_stages(workspace_.study, *regression, stage.cluster, panel_).empty()) return;
        throw Error(Fault::study,
                    fmt::format("regression.{} reads no score and no index of this study, so that there is "
                                "nothing to estimate again; use method = \"pairs-cluster\"",
                                stage.regression));
    });
}

void Checker::known_terms(const std::string& key, const BootstrapStage& stage) {
    const RegressionStage* regression = workspace_.study.regression.find(stage.regression);
    if (stage.terms.empty() || regression == nullptr) return;
    attempt(key + ".terms", [&] {
        const auto design = build_design(parse_formula(regression->formula, Fault::study), panel_, {}, {});
        auto known = design.x_name;
        known.insert(known.end(), design.endogenous_name.begin(), design.endogenous_name.end());
        for (const auto& term : stage.terms) {
            if (std::find(known.begin(), known.end(), term) != known.end()) continue;
            throw Error(Fault::study, fmt::format("regression.{} has no coefficient of \"{}\"; it has {}",
                                                  stage.regression, term, fmt::join(known, ", ")));
        }
    });
}

void Checker::instrumented_treatment(const std::string& key, const RegressionStage& regression,
                                     const PlaceboStage& stage) {
    attempt(key, [&] {
        const auto endogenous = parse_formula(regression.formula, Fault::study).endogenous;
        if (endogenous.empty()) return is_regressor(key, regression, stage.regression, stage.treatment);
        const bool tsls = regression.estimator.empty() || regression.estimator == "2sls";
        if (!tsls || endogenous.size() != 1 || endogenous.front().text != stage.treatment) {
            throw Error(
                Fault::study,
                fmt::format("a placebo test of a regression with instruments is for 2SLS with one endogenous "
                            "regressor, which is the treatment and moves with its instruments; it has {}",
                            endogenous.front().text));
        }
        if (stages::placebo_choice(stage).method == "in-time")
            throw Error(Fault::study, "method in-time is for regressions without instruments");
    });
}

void Checker::placebo(const std::string& name, const PlaceboStage& stage) {
    const std::string key = "placebo." + name;
    replicates(key, stage.replicates);
    const auto* regression = named_regression(key, stage.regression);
    if (regression == nullptr) return;
    only_linear(key, *regression, "a placebo test");
    no_weights(key, *regression, "a placebo test");
    instrumented_treatment(key, *regression, stage);
    attempt(key, [&] {
        const auto choice = stages::placebo_choice(stage);
        if (choice.method == "in-time" && stage.keep != "draws")
            throw Error(Fault::study,
                        "method in-time has one draw a lead, and each says something; leave keep out");
    });
    if (!stage.within.empty()) attempt(key + ".within", [&] { (void)make_factor(stage.within, panel_); });
    attempt(key + ".enumerate", [&] {
        if (!stage.enumerate || stages::placebo_choice(stage).method == "in-time") return;
        const double all = permutations(stage, *regression, panel_);
        if (all > most_permutations) {
            throw Error(Fault::study,
                        fmt::format("there are {:.3g} different permutations, more than {:.0f}; leave "
                                    "enumerate out and give replicates",
                                    all, most_permutations));
        }
    });
    attempt(key + ".treatment", [&] {
        check_placebo_terms(parse_formula(regression->formula, Fault::study), stage.treatment, panel_,
                            workspace_.study.prepare, Fault::study);
    });
}

}  // namespace greenfront

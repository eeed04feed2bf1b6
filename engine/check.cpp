#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>

#include "engine/checker.hpp"
#include "engine/dea_choice.hpp"
#include "engine/index_columns.hpp"
#include "engine/productivity_bootstrap.hpp"
#include "engine/runner.hpp"
#include "engine/scoring.hpp"
#include "engine/stages/limited_stage.hpp"
#include "engine/stages/stages.hpp"
#include "engine/winsorized.hpp"
#include "scenarios/expression.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront {

void Checker::run() {
    const Study& study = workspace_.study;
    names();
    for (const auto& [name, stage] : study.dea) dea(name, stage);
    for (const auto& [name, stage] : study.dea) placeholder(name);
    for (const auto& [name, stage] : study.boot_dea) boot_dea(name, stage);
    for (const auto& [name, stage] : study.boot_dea) {
        if (stage.test.empty()) placeholder(name);
    }
    for (const auto& [name, stage] : study.productivity) productivity(name, stage);
    for (const auto& [name, stage] : study.productivity) placeholder(name);
    for (const auto& [name, stage] : study.index) index(name, stage);
    for (const auto& [name, stage] : study.index) placeholder(name);
    for (const auto& [name, stage] : study.two_stage) two_stage(name, stage);
    for (const auto& [name, stage] : study.regression) regression(name, stage);
    for (const auto& [name, stage] : study.mediation) mediation(name, stage);
    for (const auto& [name, stage] : study.bootstrap) bootstrap(name, stage);
    for (const auto& [name, stage] : study.placebo) placebo(name, stage);
    for (const auto& [name, lever] : study.lever) attempt("lever." + name, [&] { require_lever(lever); });
    for (const auto& [name, package] : study.package) attempt("package." + name, [&] { levers_of(package); });
    for (const auto& [name, stage] : study.sweep) sweep(name, stage);
    published();
    if (!problems_.empty()) throw Error(Fault::study, fmt::format("{}", fmt::join(problems_, "\n")));
}

void Checker::levers_of(const Package& package) const {
    (void)expand_package(package, [&](const std::string& name) {
        const Lever* own = workspace_.study.lever.find(name);
        return own != nullptr ? own : workspace_.catalogue.find(name);
    });
}

void Checker::attempt(const std::string& key, const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        problems_.push_back(fmt::format("{}: {}", key, error.what()));
    }
}

void Checker::complain(const std::string& key, const std::string& text) {
    problems_.push_back(key + ": " + text);
}

void Checker::names() {
    std::set<std::string> seen;
    const auto one = [&](const std::string& kind, const std::string& name) {
        if (panel_.has(name))
            complain(kind + "." + name,
                     "the panel has a column of this name; choose another name for the stage");
        if (!seen.insert(name).second)
            complain(kind + "." + name, "two stages of this name would make the same column");
    };
    for (const auto& [name, stage] : workspace_.study.dea) one("dea", name);
    for (const auto& [name, stage] : workspace_.study.boot_dea) {
        if (stage.test.empty()) one("boot_dea", name);
    }
    for (const auto& [name, stage] : workspace_.study.productivity) one("productivity", name);
    for (const auto& [name, stage] : workspace_.study.index) one("index", name);
}

void Checker::placeholder(const std::string& name) {
    if (!panel_.has(name))
        panel_.set_number(name, std::vector<double>(panel_.rows(), std::numeric_limits<double>::quiet_NaN()));
}

void Checker::numeric(const std::string& key, const std::vector<std::string>& columns) {
    for (const auto& column : columns) attempt(key, [&] { (void)panel_.number(column); });
}

void Checker::where(const std::string& key, const std::string& expression) {
    if (!expression.empty()) attempt(key + ".where", [&] { (void)select(expression, panel_, Fault::study); });
}

void Checker::dea(const std::string& name, const DeaStage& stage) {
    const std::string key = "dea." + name;
    for (const auto* columns :
         {&stage.inputs, &stage.good, &stage.bad, &stage.prices_inputs, &stage.prices_good})
        numeric(key, *columns);
    attempt(key, [&] { (void)choose_dea(stage, Fault::study); });
    attempt(key + ".winsorize", [&] { check_percentiles(stage.winsorize); });
    where(key, stage.where);
    if (!stage.groups.empty()) attempt(key + ".groups", [&] { (void)make_factor(stage.groups, panel_); });
    if (stage.reference_panel.empty()) return;
    const Panel* other = workspace_.references.find(name);
    if (other == nullptr) return complain(key + ".reference_panel", "was not read with the study");
    for (const auto* columns : {&stage.inputs, &stage.good, &stage.bad}) {
        for (const auto& column : *columns)
            attempt(key + ".reference_panel", [&] { (void)other->number(column); });
    }
}

void Checker::productivity(const std::string& name, const ProductivityStage& stage) {
    const std::string key = "productivity." + name;
    for (const auto* columns : {&stage.inputs, &stage.good, &stage.bad}) numeric(key, *columns);
    attempt(key, [&] {
        const ProductivityChoice choice = choose_productivity(stage, Fault::study);
        if (!malmquist_settings(stage, choice, 0, Fault::study)) return;
        // Columns that other stages will make are without values here, and then there are no pairs.
        const auto selected = select(stage.where, panel_, Fault::study);
        const auto usable = usable_rows(panel_, choice.dea.variables, selected);
        check_partners(panel_, usable, productivity_pairs(panel_, selected, usable));
    });
    attempt(key + ".winsorize", [&] { check_percentiles(stage.winsorize); });
    where(key, stage.where);
}

void Checker::index(const std::string& name, const IndexStage& stage) {
    const std::string key = "index." + name;
    if (stage.positive.empty() && stage.negative.empty())
        complain(key, "no indicator; name them in positive or negative");
    numeric(key + ".positive", stage.positive);
    numeric(key + ".negative", stage.negative);
    attempt(key, [&] {
        (void)parse_weighting(stage.method, stage.shift, stage.weights, Fault::study);
        const std::size_t indicators = stage.positive.size() + stage.negative.size();
        if (stage.weights.empty() || stage.weights.size() == indicators) return;
        throw Error(Fault::study, fmt::format("weights: {} numbers for {} indicators; give one for each, "
                                              "positive ones first",
                                              stage.weights.size(), indicators));
    });
    attempt(key + ".winsorize", [&] { check_percentiles(stage.winsorize); });
}

void Checker::regression(const std::string& name, const RegressionStage& stage) {
    const std::string key = "regression." + name;
    std::optional<Formula> formula;
    attempt(key + ".formula", [&] {
        formula = parse_formula(stage.formula, Fault::study);
        // Building the design reads every name of the formula, with stages' columns as placeholders.
        (void)build_design(*formula, panel_, {}, {});
    });
    attempt(key + ".vcov", [&] {
        const auto variance = parse_variance(stage.vcov, Fault::study);
        for (const auto& cluster : variance.clusters) (void)make_factor(cluster, panel_);
        for (const auto* column : {&variance.latitude, &variance.longitude}) {
            if (!column->empty()) (void)panel_.number(*column);
        }
    });
    weights(key, stage);
    attempt(key + ".ssc", [&] { (void)parse_small_sample(stage.ssc, Fault::study); });
    if (formula) {
        attempt(key, [&] { (void)stages::choose_limited(stage, *formula); });
        attempt(key + ".estimator",
                [&] { (void)parse_estimator(stage.estimator, !formula->endogenous.empty(), Fault::study); });
        for (const auto& test : stage.tests) attempt(key + ".tests", [&] { check_test(*formula, test); });
    }
    if (!stage.group.empty()) {
        only_linear(key + ".group", stage, "a comparison of groups");
        attempt(key + ".group", [&] { stages::check_groups(stage, panel_); });
        if (stage.difference == "suest") {
            no_instruments(key + ".difference", stage, "a suest-type comparison");
            attempt(key + ".difference", [&] { stacked_scores(stage); });
        }
        if (stage.difference == "permutation") permutation(key, stage);
        if (stage.estimator == "liml" || stage.estimator == "gmm")
            complain(key + ".estimator", "groups are compared by 2sls only");
    }
    if (stage.difference != "permutation" &&
        (stage.replicates != RegressionStage().replicates || stage.enumerate))
        complain(key, "replicates and enumerate belong to difference = \"permutation\"");
    if (stage.group.empty() &&
        (stage.split != RegressionStage().split || stage.difference != RegressionStage().difference))
        complain(key, "split and difference belong to group = \"COLUMN\", which is absent");
    where(key, stage.where);
}

void Checker::weights(const std::string& key, const RegressionStage& stage) {
    attempt(key, [&] { (void)design_columns({}, stage.aweights, stage.fweights, Fault::study); });
    if (!stage.aweights.empty()) numeric(key + ".aweights", {stage.aweights});
    if (!stage.fweights.empty()) numeric(key + ".fweights", {stage.fweights});
}

void Checker::check_test(const Formula& formula, const std::string& test) {
    for (const auto& name : parse_test(test, Fault::study)) {
        const auto named = [&](const FormulaTerm& term) { return term.text == name; };
        if (std::any_of(formula.x.begin(), formula.x.end(), named) ||
            std::any_of(formula.endogenous.begin(), formula.endogenous.end(), named)) {
            continue;
        }
        throw Error(Fault::study, fmt::format("\"{}\" is no term of the formula", name));
    }
}

void Checker::stacked_scores(const RegressionStage& stage) {
    if (stage.aweights.empty() && stage.fweights.empty() &&
        parse_variance(stage.vcov, Fault::study).resampled())
        return;
    const bool weighted = !stage.aweights.empty() || !stage.fweights.empty();
    throw Error(Fault::study,
                fmt::format("suest takes {}; use difference = \"interaction\"",
                            weighted ? std::string("no weights")
                                     : fmt::format("the variances iid, robust and cluster:NAME, not vcov {}",
                                                   stage.vcov)));
}

void Checker::no_weights(const std::string& key, const RegressionStage& regression, const char* what) {
    if (regression.aweights.empty() && regression.fweights.empty()) return;
    complain(key, fmt::format("{} of a regression with weights is not available in this version; name a "
                              "regression without aweights and fweights",
                              what));
}

void Checker::only_linear(const std::string& key, const RegressionStage& regression, const char* what) {
    if (regression.model == "ols") return;
    complain(key, fmt::format("{} needs a linear regression, model ols; this one has model {}", what,
                              regression.model));
}

void Checker::is_regressor(const std::string& key, const RegressionStage& regression, const std::string& name,
                           const std::string& treatment) {
    attempt(key, [&] {
        std::vector<std::string> terms;
        for (const auto& term : parse_formula(regression.formula, Fault::study).x) terms.push_back(term.text);
        if (std::find(terms.begin(), terms.end(), treatment) == terms.end()) {
            throw Error(Fault::study,
                        fmt::format("treatment \"{}\" is not a regressor of regression.{}{}; it has {}",
                                    treatment, name, did_you_mean(treatment, terms), fmt::join(terms, ", ")));
        }
    });
}

void Checker::no_instruments(const std::string& key, const RegressionStage& regression, const char* what) {
    attempt(key, [&] {
        if (!parse_formula(regression.formula, Fault::study).endogenous.empty()) {
            throw Error(Fault::study,
                        fmt::format("{} of a regression with instruments is not available in this version; "
                                    "name a regression without the part \"endogenous ~ instruments\"",
                                    what));
        }
    });
}

const RegressionStage* Checker::named_regression(const std::string& key, const std::string& name) {
    const auto* stage = workspace_.study.regression.find(name);
    if (stage == nullptr)
        unknown(key + ".regression", name, workspace_.study.regression.names(), "regression");
    if (stage == nullptr || stage->group.empty()) return stage;
    complain(key + ".regression",
             fmt::format("regression.{} is one for each group of {}; name a regression without groups", name,
                         stage->group));
    return nullptr;
}

void Checker::unknown(const std::string& key, const std::string& name, const std::vector<std::string>& known,
                      const char* kind) {
    complain(key, fmt::format("there is no [{}.{}] in this study{}", kind, name, did_you_mean(name, known)));
}

void check(const Workspace& workspace) {
    Checker(workspace).run();
}

}  // namespace greenfront

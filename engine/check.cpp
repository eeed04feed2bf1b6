#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>

#include "engine/dea_choice.hpp"
#include "engine/runner.hpp"
#include "engine/scoring.hpp"
#include "engine/stages/limited_stage.hpp"
#include "engine/placebo_terms.hpp"
#include "engine/stages/stages.hpp"
#include "scenarios/expression.hpp"

namespace greenfront {
namespace {

/// Collects the problems of all stages, so that a user mends them in one go.
class Checker {
  public:
    explicit Checker(const Workspace& workspace) : workspace_(workspace), panel_(workspace.panel()) {}

    void run() {
        const Study& study = workspace_.study;
        names();
        for (const auto& [name, stage] : study.dea) dea(name, stage);
        for (const auto& [name, stage] : study.dea) placeholder(name);
        for (const auto& [name, stage] : study.index) index(name, stage);
        for (const auto& [name, stage] : study.index) placeholder(name);
        for (const auto& [name, stage] : study.regression) regression(name, stage);
        for (const auto& [name, stage] : study.mediation) mediation(name, stage);
        for (const auto& [name, stage] : study.bootstrap) bootstrap(name, stage);
        for (const auto& [name, stage] : study.placebo) placebo(name, stage);
        for (const auto& [name, stage] : study.sweep) sweep(name, stage);
        if (!problems_.empty()) throw Error(Fault::study, fmt::format("{}", fmt::join(problems_, "\n")));
    }

  private:
    /// Runs one check and keeps what it complains about.
    void attempt(const std::string& key, const std::function<void()>& work) {
        try {
            work();
        } catch (const Error& error) {
            problems_.push_back(fmt::format("{}: {}", key, error.what()));
        }
    }
    void complain(const std::string& key, const std::string& text) { problems_.push_back(key + ": " + text); }

    /// Stages become columns; so a name is used once, and by no column of the panel.
    void names() {
        std::set<std::string> seen;
        const auto one = [&](const std::string& kind, const std::string& name) {
            if (panel_.has(name))
                complain(kind + "." + name,
                         "the panel has a column of this name; choose another name for the stage");
            if (!seen.insert(name).second)
                complain(kind + "." + name, "two stages of this name would make the same column");
        };
        for (const auto& [name, stage] : workspace_.study.dea) one("dea", name);
        for (const auto& [name, stage] : workspace_.study.index) one("index", name);
    }

    void placeholder(const std::string& name) {
        if (!panel_.has(name))
            panel_.set_number(name,
                              std::vector<double>(panel_.rows(), std::numeric_limits<double>::quiet_NaN()));
    }

    void numeric(const std::string& key, const std::vector<std::string>& columns) {
        for (const auto& column : columns) attempt(key, [&] { (void)panel_.number(column); });
    }

    void where(const std::string& key, const std::string& expression) {
        if (!expression.empty())
            attempt(key + ".where", [&] { (void)select(expression, panel_, Fault::study); });
    }

    void dea(const std::string& name, const DeaStage& stage) {
        const std::string key = "dea." + name;
        for (const auto* columns :
             {&stage.inputs, &stage.good, &stage.bad, &stage.prices_inputs, &stage.prices_good})
            numeric(key, *columns);
        attempt(key, [&] { (void)choose_dea(stage, Fault::study); });
        where(key, stage.where);
        if (stage.reference_panel.empty()) return;
        const Panel* other = workspace_.references.find(name);
        if (other == nullptr) return complain(key + ".reference_panel", "was not read with the study");
        for (const auto* columns : {&stage.inputs, &stage.good, &stage.bad}) {
            for (const auto& column : *columns)
                attempt(key + ".reference_panel", [&] { (void)other->number(column); });
        }
    }

    void index(const std::string& name, const IndexStage& stage) {
        const std::string key = "index." + name;
        if (stage.positive.empty() && stage.negative.empty())
            complain(key, "no indicator; name them in positive or negative");
        numeric(key + ".positive", stage.positive);
        numeric(key + ".negative", stage.negative);
    }

    void regression(const std::string& name, const RegressionStage& stage) {
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
            attempt(key + ".estimator", [&] {
                (void)parse_estimator(stage.estimator, !formula->endogenous.empty(), Fault::study);
            });
            for (const auto& test : stage.tests) attempt(key + ".tests", [&] { check_test(*formula, test); });
        }
        if (!stage.group.empty()) {
            only_linear(key + ".group", stage, "a comparison of groups");
            attempt(key + ".group", [&] { stages::check_groups(stage, panel_); });
            if (stage.difference == "suest") {
                no_instruments(key + ".difference", stage, "a suest-type comparison");
                attempt(key + ".difference", [&] { stacked_scores(stage); });
            }
            if (stage.estimator == "liml" || stage.estimator == "gmm")
                complain(key + ".estimator", "groups are compared by 2sls only");
        }
        if (stage.group.empty() &&
            (stage.split != RegressionStage().split || stage.difference != RegressionStage().difference))
            complain(key, "split and difference belong to group = \"COLUMN\", which is absent");
        where(key, stage.where);
    }

    void weights(const std::string& key, const RegressionStage& stage) {
        attempt(key, [&] { (void)design_columns({}, stage.aweights, stage.fweights, Fault::study); });
        if (!stage.aweights.empty()) numeric(key + ".aweights", {stage.aweights});
        if (!stage.fweights.empty()) numeric(key + ".fweights", {stage.fweights});
    }

    static void check_test(const Formula& formula, const std::string& test) {
        for (const auto& name : parse_test(test, Fault::study)) {
            const auto named = [&](const FormulaTerm& term) { return term.text == name; };
            if (std::any_of(formula.x.begin(), formula.x.end(), named) ||
                std::any_of(formula.endogenous.begin(), formula.endogenous.end(), named)) {
                continue;
            }
            throw Error(Fault::study, fmt::format("\"{}\" is no term of the formula", name));
        }
    }

    /// Stacked scores are written for these alone; interactions take every variance and weight.
    static void stacked_scores(const RegressionStage& stage) {
        if (stage.aweights.empty() && stage.fweights.empty() &&
            parse_variance(stage.vcov, Fault::study).resampled())
            return;
        const bool weighted = !stage.aweights.empty() || !stage.fweights.empty();
        throw Error(
            Fault::study,
            fmt::format("suest takes {}; use difference = \"interaction\"",
                        weighted ? std::string("no weights")
                                 : fmt::format("the variances iid, robust and cluster:NAME, not vcov {}",
                                               stage.vcov)));
    }

    /// Resampling of weighted regressions is not part of this version.
    void no_weights(const std::string& key, const RegressionStage& regression, const char* what) {
        if (regression.aweights.empty() && regression.fweights.empty()) return;
        complain(key, fmt::format("{} of a regression with weights is not available in this version; name a "
                                  "regression without aweights and fweights",
                                  what));
    }

    /// What uses the coefficients of a linear model cannot use those of a limited outcome.
    void only_linear(const std::string& key, const RegressionStage& regression, const char* what) {
        if (regression.model == "ols") return;
        complain(key, fmt::format("{} needs a linear regression, model ols; this one has model {}", what,
                                  regression.model));
    }

    void mediation(const std::string& name, const MediationStage& stage) {
        const std::string key = "mediation." + name;
        const auto* regression = named_regression(key, stage.regression);
        if (regression == nullptr) return;
        no_instruments(key, *regression, "a mediation analysis");
        only_linear(key, *regression, "a mediation analysis");
        is_regressor(key, *regression, stage.regression, stage.treatment);
        attempt(key + ".mediator", [&] {
            Formula formula = parse_formula(regression->formula, Fault::study);
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

    void is_regressor(const std::string& key, const RegressionStage& regression, const std::string& name,
                      const std::string& treatment) {
        attempt(key, [&] {
            std::vector<std::string> terms;
            for (const auto& term : parse_formula(regression.formula, Fault::study).x)
                terms.push_back(term.text);
            if (std::find(terms.begin(), terms.end(), treatment) == terms.end()) {
                throw Error(Fault::study,
                            fmt::format("treatment \"{}\" is not a regressor of regression.{}; it has {}",
                                        treatment, name, fmt::join(terms, ", ")));
            }
        });
    }

    /// Resampling of regressions with instruments is not part of this version.
    void no_instruments(const std::string& key, const RegressionStage& regression, const char* what) {
        attempt(key, [&] {
            if (!parse_formula(regression.formula, Fault::study).endogenous.empty()) {
                throw Error(
                    Fault::study,
                    fmt::format("{} of a regression with instruments is not available in this version; "
                                "name a regression without the part \"endogenous ~ instruments\"",
                                what));
            }
        });
    }

    /// What the wild bootstrap knows of regressions with instruments: kernels/resample/wre.hpp.
    void restricted_efficient(const std::string& key, const RegressionStage& regression,
                              const BootstrapStage& stage) {
        attempt(key, [&] {
            if (parse_formula(regression.formula, Fault::study).endogenous.empty()) return;
            const bool tsls = regression.estimator.empty() || regression.estimator == "2sls";
            if (tsls && stage.type == "11" && !stage.unrestricted && stages::wild_clusters(stage).size() == 1)
                return;
            throw Error(
                Fault::study,
                "the wild bootstrap of a regression with instruments (WRE) is for 2SLS, type 11, with "
                "the null imposed and one cluster variable");
        });
    }

    const RegressionStage* named_regression(const std::string& key, const std::string& name) {
        const auto* stage = workspace_.study.regression.find(name);
        if (stage == nullptr)
            unknown(key + ".regression", name, workspace_.study.regression.names(), "regression");
        if (stage == nullptr || stage->group.empty()) return stage;
        complain(key + ".regression",
                 fmt::format("regression.{} is one for each group of {}; name a regression without groups",
                             name, stage->group));
        return nullptr;
    }

    void unknown(const std::string& key, const std::string& name, const std::vector<std::string>& known,
                 const char* kind) {
        const auto near = nearest(name, known);
        complain(key, fmt::format("there is no [{}.{}] in this study{}", kind, name,
                                  near.empty() ? "" : fmt::format(" (did you mean {}?)", near)));
    }

    void replicates(const std::string& key, std::int64_t count) {
        if (count < 2)
            complain(key + ".replicates", fmt::format("{} replicates; at least 2 are needed", count));
        if (count > 100'000'000)
            complain(key + ".replicates",
                     fmt::format("{} replicates; at most 100000000 are possible", count));
    }

    /// `draws` names a bootstrap that stands before this one and draws the same clusters.
    void shared_draws(const std::string& key, const std::string& name, const BootstrapStage& stage) {
        std::vector<std::string> earlier;
        const BootstrapStage* other = nullptr;
        for (const auto& [before, candidate] : workspace_.study.bootstrap) {
            if (before == name) break;
            earlier.push_back(before);
            if (before == stage.draws) other = &candidate;
        }
        if (stage.draws == name || (other == nullptr && workspace_.study.bootstrap.find(stage.draws)))
            return complain(key + ".draws",
                            fmt::format("bootstrap.{} must stand before this one", stage.draws));
        if (other == nullptr) return unknown(key + ".draws", stage.draws, earlier, "bootstrap");
        if (stage.method != "pairs-cluster" || other->method != "pairs-cluster")
            return complain(key + ".draws", "only bootstraps with method = \"pairs-cluster\" share draws");
        if (stage.cluster != other->cluster)
            complain(key + ".draws", fmt::format("bootstrap.{} draws clusters of {}, this one of {}",
                                                 stage.draws, other->cluster, stage.cluster));
    }

    void bootstrap(const std::string& name, const BootstrapStage& stage) {
        const std::string key = "bootstrap." + name;
        const bool wild = stage.method == "wild-cluster";
        if (const auto* regression = named_regression(key, stage.regression)) {
            if (wild) {
                restricted_efficient(key, *regression, stage);
            } else if (regression->estimator == "liml" || regression->estimator == "gmm") {
                complain(key, fmt::format("regression.{} is estimated by {}; a bootstrap knows 2sls only",
                                          stage.regression, regression->estimator));
            }
            only_linear(key, *regression, "a bootstrap");
            no_weights(key, *regression, "a bootstrap");
        }
        if (!stage.draws.empty()) shared_draws(key, name, stage);
        replicates(key, stage.replicates);
        attempt(key + ".cluster", [&] {
            for (const auto& column : wild ? stages::wild_clusters(stage) : std::vector{stage.cluster})
                (void)make_factor(column, panel_);
        });
        if (!wild && (!stage.terms.empty() || stage.null != 0 || stage.type != "11" || stage.unrestricted ||
                      stage.weights != "rademacher"))
            complain(key, "terms, null, type, weights and unrestricted belong to method = \"wild-cluster\"");
        if (wild) attempt(key, [&] { (void)stages::wild_options(stage); });
        if (!(stage.confidence > 0 && stage.confidence < 1))
            complain(key + ".confidence", "must lie between 0 and 1, e.g. 0.95");
    }

    void placebo(const std::string& name, const PlaceboStage& stage) {
        const std::string key = "placebo." + name;
        replicates(key, stage.replicates);
        const auto* regression = named_regression(key, stage.regression);
        if (regression == nullptr) return;
        no_instruments(key, *regression, "a placebo test");
        only_linear(key, *regression, "a placebo test");
        no_weights(key, *regression, "a placebo test");
        is_regressor(key, *regression, stage.regression, stage.treatment);
        attempt(key, [&] { (void)stages::placebo_choice(stage); });
        if (!stage.within.empty())
            attempt(key + ".within", [&] { (void)make_factor(stage.within, panel_); });
        attempt(key + ".treatment", [&] {
            check_placebo_terms(parse_formula(regression->formula, Fault::study), stage.treatment, panel_,
                                workspace_.study.prepare, Fault::study);
        });
    }

    void sweep(const std::string& name, const SweepStage& stage) {
        const std::string key = "sweep." + name;
        const Study& study = workspace_.study;
        if (stage.dea.empty() && stage.regression.empty())
            complain(key, "no channel; name a dea stage, a regression, or both");
        if (!stage.dea.empty() && study.dea.find(stage.dea) == nullptr)
            unknown(key + ".dea", stage.dea, study.dea.names(), "dea");
        if (const auto* dea = study.dea.find(stage.dea))
            attempt(key + ".dea", [&] { frontier(stage, *dea); });
        if (!stage.regression.empty()) {
            if (const auto* regression = named_regression(key, stage.regression))
                only_linear(key, *regression, "a sweep");
        }
        if (!stage.bootstrap.empty()) {
            const auto* bootstrap = study.bootstrap.find(stage.bootstrap);
            if (bootstrap == nullptr) {
                unknown(key + ".bootstrap", stage.bootstrap, study.bootstrap.names(), "bootstrap");
            } else if (bootstrap->regression != stage.regression) {
                complain(key + ".bootstrap",
                         fmt::format("bootstrap.{} resamples regression.{}, but the sweep uses regression.{}",
                                     stage.bootstrap, bootstrap->regression, stage.regression));
            } else if (bootstrap->method == "wild-cluster") {
                complain(key + ".bootstrap",
                         fmt::format(
                             "bootstrap.{} tests coefficients and draws none (wild-cluster); a sweep needs "
                             "one with method = \"pairs-cluster\"",
                             stage.bootstrap));
            }
        }
        if (!stage.group.empty()) attempt(key + ".group", [&] { (void)make_factor(stage.group, panel_); });
        attempt(key + ".levers", [&] {
            const auto design = stages::sweep_design(workspace_, stage);
            for (std::size_t l = 0; l < design.levers.size(); ++l) lever(key, stage, l, design.levers[l]);
        });
    }

    /// The frontier channel needs a score of at most 1 that is the better the larger it is.
    static void frontier(const SweepStage& stage, const DeaStage& dea) {
        const auto settings = choose_dea(dea, Fault::study).settings;
        using enum dea::Model;
        const bool ratio = settings.model == radial || settings.model == sbm || settings.model == fdh ||
                           settings.model == cost || settings.model == revenue;
        const bool above_one = (settings.model == radial || settings.model == fdh) &&
                               settings.orientation == dea::Orientation::output;
        const bool own = dea.reference_panel.empty();
        if (ratio && !above_one && !settings.super && own) return;
        throw Error(
            Fault::study,
            fmt::format("dea.{} has scores that a sweep cannot compare (model {}, orientation {}{}{}); "
                        "it can use radial and fdh with orientation input, sbm, cost and revenue, "
                        "without super-efficiency and without a reference panel",
                        stage.dea, name(settings.model), name(settings.orientation),
                        settings.super ? ", super" : "", own ? "" : ", reference panel"));
    }

    /// Tries a lever at each of its intensities on the completed panel; the selector may read columns that
    /// only the run will have, then the lever is tried on all rows.
    void lever(const std::string& sweep_key, const SweepStage& stage, std::size_t position,
               AppliedLever lever) {
        const std::string key = fmt::format("{}.levers.{} ({})", sweep_key, position, lever.lever.name);
        where(key, lever.where);
        for (const auto& column : columns_read(lever.where, panel_)) {
            if (!workspace_.panel().has(column)) lever.where.clear();
        }
        attempt(key, [&] {
            for (const double intensity : stage.levers[position].intensities) {
                lever.intensity = intensity;
                const Panel changed =
                    apply_levers(workspace_.prepared.completed, workspace_.panel(), {lever}, nullptr);
                const auto* dea = workspace_.study.dea.find(stage.dea);
                if (dea != nullptr)
                    never_negative(choose_dea(*dea, Fault::study).variables, changed, intensity);
            }
        });
    }

    static void never_negative(const DeaVariables& variables, const Panel& changed, double intensity) {
        for (const auto& name : variables.columns()) {
            if (!changed.has(name)) continue;
            for (const double value : changed.number(name)) {
                if (value < 0) {
                    throw Error(Fault::study,
                                fmt::format("intensity {} makes {} negative; efficiency needs amounts >= 0, "
                                            "choose a smaller intensity or per_unit",
                                            intensity, name));
                }
            }
        }
    }

    const Workspace& workspace_;
    Panel panel_;  ///< a copy, with stages' columns as placeholders
    std::vector<std::string> problems_;
};

}  // namespace

void check(const Workspace& workspace) {
    Checker(workspace).run();
}

}  // namespace greenfront

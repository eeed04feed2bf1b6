#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/study_levers.hpp"
#include "engine/study_outlook.hpp"
#include "engine/study_productivity.hpp"
#include "engine/study_sweep.hpp"
#include "scenarios/levers.hpp"
#include "scenarios/prepare.hpp"

/// A study as its TOML file says it, defaults filled in. Text values keep the words of the file; the
/// checks of engine/check.hpp turn them into the kernels' settings.
///
/// describe(object, visitor) names every field once; the TOML reader, the TOML writer, --set and the
/// reference page of the documentation all go through it. A visitor offers
///   field(key, value, help)       any of bool, int, int64, double, string, vectors of these,
///                                 optional<double>, WordOrNumbers, Uncertain, GapTarget
///   required(key, value, help)    the same, and the key must be there
///   list(key, vector<T>&, help)   an array of tables  [[...key]]
///   table(key, T&, help)          a single sub-table
///   named(key, Named<T>&, help)   tables  [key.NAME] in the order of the file, T has its own describe
namespace greenfront {

/// Tables by name in the order of the study file (columns of a table of regressions come in that order).
template <class T>
class Named {
  public:
    std::vector<std::pair<std::string, T>> items;
    [[nodiscard]] T* find(const std::string& name) {
        for (auto& item : items) {
            if (item.first == name) return &item.second;
        }
        return nullptr;
    }
    [[nodiscard]] const T* find(const std::string& name) const {
        return const_cast<Named*>(this)->find(name);
    }
    T& add(const std::string& name) { return items.emplace_back(name, T{}).second; }
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> result;
        for (const auto& item : items) result.push_back(item.first);
        return result;
    }
    [[nodiscard]] bool empty() const { return items.empty(); }
    [[nodiscard]] auto begin() const { return items.begin(); }
    [[nodiscard]] auto end() const { return items.end(); }
};

struct StudyPanel {
    std::string file, unit, time;
    std::string where;  ///< rows to keep, an expression
};
/// Words of an efficiency analysis, of a study as of the command line; engine/dea_choice.hpp checks them
/// and knows the defaults of what is empty here.
struct DeaStage {
    std::vector<std::string> inputs, good, bad;
    std::string model = "sbm", orientation, returns, disposability, reference = "contemporaneous", where;
    bool super = false, combine = false;
    std::string super_bads, super_leave;
    bool slacks = true;  ///< radial, ddf: solve stage two
    std::string slack_weights;
    WordOrNumbers direction_inputs, direction_good, direction_bad;
    WordOrNumbers weights;
    std::vector<double> weights_inputs, weights_outputs;  ///< SBM: `weights` in two lists
    std::vector<std::string> prices_inputs, prices_good;
    std::string zeros;
    std::int64_t digits = 100;
    std::string groups;           ///< column: technologies of groups below the common one
    std::string reference_panel;  ///< file with the reference rows; empty: the study's panel
    bool bads_as_inputs = false, scale_efficiency = false;
    std::vector<double> winsorize;  ///< percentiles low, high of the column that later stages use
};
struct IndexStage {
    std::vector<std::string> positive, negative;
    std::string method = "entropy";
    std::vector<double> weights;  ///< fixed: one an indicator
    double shift = 0;
    std::vector<double> winsorize;  ///< as in DeaStage
};
struct RegressionStage {
    std::string formula, where, model = "ols", vcov = "iid", ssc, title, aweights, fweights;
    std::optional<double> lower, upper;
    std::vector<std::string> tests;
    bool keep_singletons = false;
    std::string estimator;                                              ///< 2sls, liml, gmm
    std::string group, split = "category", difference = "interaction";  ///< a column for each group
    std::int64_t replicates = 999;                                      ///< difference permutation
    bool enumerate = false;
};
struct MediationStage {
    std::string regression, treatment, mediator;
    std::string cluster;  ///< of the bootstrap of the indirect effect; empty: none
    std::int64_t replicates = 999;
    double confidence = 0.95;
};
struct BootstrapStage {
    std::string regression, method = "pairs-cluster", cluster;
    std::string draws;               ///< pairs-cluster: an earlier bootstrap whose resamples are used again
    std::vector<std::string> terms;  ///< wild-cluster, wre; empty: all
    double null = 0;
    std::string type = "11", weights = "rademacher", boot_cluster;
    bool unrestricted = false, enumerate = false;
    std::int64_t block = 0;  ///< moving-block: periods in a block
    std::int64_t replicates = 999;
    double confidence = 0.95;
    std::string keep = "draws";  ///< or quantiles
};
struct PlaceboStage {
    std::string regression, method, treatment;
    std::int64_t replicates = 999;
    std::string within;  ///< column: nothing leaves its group
    std::string statistic, compat;
    bool enumerate = false;
    std::string keep = "draws";  ///< or quantiles
};
struct Study {
    std::string name, title, description;
    std::uint64_t seed = 1;
    StudyPanel panel;
    Preparation prepare;
    Named<DeaStage> dea;
    Named<ProductivityStage> productivity;
    Named<IndexStage> index;
    Named<RegressionStage> regression;
    Named<MediationStage> mediation;
    Named<BootstrapStage> bootstrap;
    Named<PlaceboStage> placebo;
    Named<Lever> lever;
    Named<Package> package;
    Named<SweepStage> sweep;
    Named<CurveStage> curve;
    PublishedStage published;
};

template <class V>
void describe(StudyPanel& p, V& v) {
    v.required("file", p.file, "panel file, relative to the study file");
    v.required("unit", p.unit, "column that names the unit");
    v.required("time", p.time, "column with the integer period");
    v.field("where", p.where, "expression: rows to keep");
}
template <class V>
void describe(Interpolate& s, V& v) {
    v.required("columns", s.columns, "columns to fill inside each unit's series");
    v.field("extrapolate", s.extrapolate, "also beyond the first and last known value");
}
template <class V>
void describe(Winsorize& s, V& v) {
    v.required("columns", s.columns, "columns to clip");
    v.field("low", s.low, "lower percentile");
    v.field("high", s.high, "upper percentile");
    std::string rule = s.rule == PercentileRule::stata ? "stata" : "type7";
    v.choice("rule", rule, {"stata", "type7"},
             "percentile rule: stata (_pctile, winsor2) or type7 (R, NumPy)");
    s.rule = rule == "stata" ? PercentileRule::stata : PercentileRule::type7;
    v.field("by", s.by, "column: percentiles within its groups");
}
template <class V>
void describe(PerpetualInventory& s, V& v) {
    v.required("name", s.name, "capital column to make");
    v.required("investment", s.investment, "column of investment");
    v.field("deflator", s.deflator, "price index to divide investment by");
    v.field("depreciation", s.depreciation, "depreciation rate");
    v.field("depreciation_column", s.depreciation_column, "column of depreciation rates");
    v.field("growth", s.growth, "growth rate of the first-year rule; absent: mean growth of investment");
    v.field("initial_multiple", s.initial_multiple, "first stock as a multiple of first investment");
}
template <class V>
void describe(Derive& s, V& v) {
    v.required("name", s.name, "column to make");
    v.required("expression", s.expression, "its formula");
    v.field("unit", s.unit_of_measure, "unit of measure");
}
template <class V>
void describe(GroupStatistic& s, V& v) {
    v.required("name", s.name, "column to make");
    v.required("column", s.column, "column to summarise");
    v.choice("statistic", s.statistic, {"mean", "median", "sum", "min", "max", "sd", "count", "above_median"},
             "mean, median, sum, min, max, sd, count or above_median");
    v.field("by", s.by, "grouping column; absent: all rows");
}
template <class V>
void describe(Lag& s, V& v) {
    v.required("name", s.name, "column to make");
    v.required("column", s.column, "column to lag within the unit");
    v.field("periods", s.periods, "periods back; negative: a lead");
}
template <class V>
void describe(Preparation& p, V& v) {
    v.field("order", p.order, "order of the kinds of steps");
    v.list("interpolate", p.interpolate, "linear interpolation over time");
    v.list("perpetual_inventory", p.perpetual_inventory, "capital stock from investment");
    v.list("derive", p.derive, "new variables from expressions");
    v.list("group", p.group, "group statistics as columns");
    v.list("lag", p.lag, "lags and leads");
    v.list("winsorize", p.winsorize, "clipping at percentiles");
}
inline constexpr const char* winsorize_help =
    "two percentiles, [1, 99]: later stages use the scores clipped there (Stata's rule, all rows with a "
    "score); the scores themselves stay; absent: not clipped";
template <class V>
void describe(DeaStage& s, V& v) {
    v.required("inputs", s.inputs, "input columns");
    v.required("good", s.good, "good output columns");
    v.field("bad", s.bad, "bad output columns");
    v.choice("model", s.model, {"sbm", "radial", "additive", "ddf", "nddf", "fdh", "cost", "revenue"},
             "sbm, radial, additive, ddf, nddf, fdh, cost or revenue");
    v.choice("orientation", s.orientation, {"", "none", "input", "output"},
             "none, input or output; default none, radial and fdh: input");
    v.choice("returns", s.returns, {"", "crs", "vrs", "nirs", "ndrs"},
             "returns to scale; default crs, fdh: vrs");
    v.choice("disposability", s.disposability, {"", "strong", "weak", "weak-naive"},
             "of bad outputs; default strong, ddf and nddf: weak (Kuosmanen's under vrs)");
    v.field("reference", s.reference,
            "contemporaneous, global, sequential, window:H, trailing:H or biennial");
    v.field("reference_panel", s.reference_panel,
            "another file whose complete rows span the frontiers as they are, relative to the study file");
    v.field("groups", s.groups,
            "column (or a^b): also the score among the rows of the same group, and the technology gap ratio");
    v.field("where", s.where, "expression: rows to score and to span the frontier");
    v.field("super", s.super, "super-efficiency: score each row against the others (radial, sbm, ddf, nddf)");
    v.choice("super_bads", s.super_bads, {"", "denominator", "numerator"},
             "super sbm: where expansions of bad outputs stand; default denominator");
    v.choice("super_leave", s.super_leave, {"", "row", "unit"},
             "super: leave out the scored row (default) or all rows of its unit");
    v.field("combine", s.combine,
            "super sbm: the plain score where it is below 1, the super score elsewhere");
    v.field("slacks", s.slacks, "radial and ddf: solve stage two; the other models have slacks of their own");
    v.choice("slack_weights", s.slack_weights, {"", "mean", "raw"},
             "stage two of radial and ddf: slacks over the means of the reference set (default) or raw");
    v.field("direction_inputs", s.direction_inputs,
            "ddf and nddf: zeros (default), observed, mean, ones, or numbers");
    v.field("direction_good", s.direction_good,
            "ddf and nddf: zeros, observed (default), mean, ones, or numbers");
    v.field("direction_bad", s.direction_bad,
            "ddf and nddf: zeros, observed (default), mean, ones, or numbers");
    v.field("weights", s.weights,
            "nddf: thirds (default), halves, ones; additive: ones (default), mip, ram, bam, normalized; sbm: "
            "items (default), groups; or numbers for inputs, good, bad");
    v.field("weights_inputs", s.weights_inputs, "sbm: numbers for the inputs alone");
    v.field("weights_outputs", s.weights_outputs, "sbm: numbers for good, bad alone");
    v.field("prices_inputs", s.prices_inputs, "cost: columns of the inputs' prices");
    v.field("prices_good", s.prices_good, "revenue: columns of the good outputs' prices");
    v.choice("zeros", s.zeros, {"", "drop"},
             "sbm: drop leaves the term of a zero good output out; default: such a score is undefined");
    v.field("bads_as_inputs", s.bads_as_inputs, "bad outputs count as inputs");
    v.field(
        "digits", s.digits,
        "16, 34 or 100: most digits of the arithmetic; a program that needs more to be certified is failed");
    v.field("scale_efficiency", s.scale_efficiency,
            "radial and sbm: also crs over vrs score, and the direction of returns");
    v.field("winsorize", s.winsorize, winsorize_help);
}
template <class V>
void describe(IndexStage& s, V& v) {
    v.field("positive", s.positive, "indicators where more is better");
    v.field("negative", s.negative, "indicators where less is better");
    v.choice(
        "method", s.method, {"entropy", "equal", "critic", "fixed"},
        "weights by entropy, equal ones, by CRITIC (contrast and conflict), or the numbers of `weights`");
    v.field("weights", s.weights,
            "fixed: one number an indicator, positive ones first; rescaled to add up to 1");
    v.field("shift", s.shift, "added to the standardised values");
    v.field("winsorize", s.winsorize, winsorize_help);
}
template <class V>
void describe(RegressionStage& s, V& v) {
    v.required("formula", s.formula, "y ~ x | effects | endogenous ~ instruments");
    v.field("where", s.where, "expression: rows to use");
    v.choice("model", s.model, {"ols", "truncated", "tobit", "fractional-logit"},
             "ols; for efficiency scores truncated, tobit or fractional-logit");
    v.field("lower", s.lower, "truncated, tobit: lower limit of the outcome");
    v.field("upper", s.upper, "truncated, tobit: upper limit of the outcome");
    v.field("vcov", s.vcov,
            "iid, robust (hc1), hc2, hc3, cluster:A[+B], jackknife:A, dk:LAGS, nw:LAGS or conley:LAT,LON,KM");
    v.field("aweights", s.aweights, "column of analytic weights");
    v.field("fweights", s.fweights, "column of frequency weights, whole numbers");
    v.field("tests", s.tests, "joint tests that terms are all zero, each \"x1,x2\"");
    v.choice("ssc", s.ssc, {"", "reghdfe", "ivreghdfe", "fixest", "exact-rank"}, "small-sample convention");
    v.field("keep_singletons", s.keep_singletons, "keep singleton groups");
    v.field("title", s.title, "heading of the column in tables");
    v.choice("estimator", s.estimator, {"", "2sls", "liml", "gmm"},
             "with instruments: 2sls (default), liml or gmm (two-step efficient)");
    v.field("group", s.group,
            "column, columns joined by ^, or expression: a regression for each of its groups, and a test of "
            "their "
            "differences");
    v.choice("split", s.split, {"category", "median", "tercile"},
             "a group for each value; strictly above the median (high) and the rest (low); or terciles");
    v.choice("difference", s.difference, {"interaction", "suest", "permutation"},
             "test between groups: everything interacted (F, Chow), stacked scores (chi-squared), or Fisher "
             "permutation of whole units between two groups");
    v.field("replicates", s.replicates,
            "permutation: number of assignments; all are taken when there are no more");
    v.field("enumerate", s.enumerate, "permutation: all assignments, nothing random");
}
template <class V>
void describe(MediationStage& s, V& v) {
    v.required("regression", s.regression, "the regression of the total effect, without the mediator");
    v.required("treatment", s.treatment, "the regressor whose effect is divided");
    v.required("mediator", s.mediator, "column or expression through which it may act");
    v.field("cluster", s.cluster,
            "column of the clusters for a pairs bootstrap of the indirect effect; absent: none");
    v.field("replicates", s.replicates, "number of replicates of that bootstrap");
    v.field("confidence", s.confidence, "confidence level of its interval");
}
template <class V>
void describe(BootstrapStage& s, V& v) {
    v.required("regression", s.regression, "the regression to resample");
    v.choice(
        "method", s.method,
        {"pairs-cluster", "joint-cluster", "wild-cluster", "wre", "jackknife", "residual", "moving-block"},
        "clusters are drawn; joint: and the scores and indices that the regression reads are estimated "
        "again from them; or their residuals change signs (wre: the same of a regression with "
        "instruments); clusters are left out one by one; residuals of rows are drawn; or blocks of "
        "periods");
    v.field("cluster", s.cluster,
            "column of the clusters to draw or leave out; needed but by residual and moving-block; "
            "wild-cluster: A[+B], a two-way variance");
    v.field("block", s.block, "moving-block: periods in a block");
    v.field("draws", s.draws,
            "pairs-cluster, joint-cluster: an earlier bootstrap whose resamples are used again, so that "
            "differences between "
            "the two come paired; absent: resamples of its own");
    v.field("terms", s.terms, "wild-cluster, wre: regressors to test; none: all");
    v.field("null", s.null, "value that the coefficients are tested against");
    v.choice("type", s.type, {"11", "13", "31", "33"},
             "wild-cluster: residuals, then variance; 1 as estimated, 3 without the cluster");
    v.choice("weights", s.weights, {"rademacher", "mammen", "webb", "normal"},
             "wild-cluster, wre: their distribution");
    v.field("boot_cluster", s.boot_cluster,
            "wild-cluster: the one of A+B that weights are drawn for; absent: the first");
    v.field("unrestricted", s.unrestricted, "wild-cluster: do not impose the null on the residuals");
    v.field("enumerate", s.enumerate,
            "pairs-cluster: all G^G resamples; wild-cluster, wre: all 2^G vectors of signs; nothing random");
    v.field("replicates", s.replicates, "number of replicates");
    v.field("confidence", s.confidence, "confidence level");
    v.choice("keep", s.keep, {"draws", "quantiles"},
             "what the file holds of the replicates: all of them, or percentiles; quantiles needs the same "
             "memory for any number of replicates");
}
template <class V>
void describe(PlaceboStage& s, V& v) {
    v.required("regression", s.regression, "the regression to permute");
    v.required("treatment", s.treatment, "the regressor that is permuted");
    v.choice("method", s.method, {"", "trajectory", "within-time", "within-unit", "cell", "in-time"},
             "what changes places: trajectories of units (default), rows of a period, rows of a unit, all "
             "rows (default with compat); in-time: fake adoptions on earlier rows");
    v.field("within", s.within, "column, a^b too: nothing leaves its group");
    v.choice("statistic", s.statistic, {"", "t", "coefficient"},
             "what is compared; default t, with compat coefficient");
    v.choice("compat", s.compat, {"", "permute", "ritest"}, "the Stata command whose p value is repeated");
    v.field("enumerate", s.enumerate, "every different permutation once, nothing random");
    v.field("replicates", s.replicates, "number of draws");
    v.choice("keep", s.keep, {"draws", "quantiles"},
             "what the file holds of the draws: all of them, or percentiles; quantiles needs the same memory "
             "for any number of draws");
}
template <class V>
void describe(Study& s, V& v) {
    v.required("name", s.name, "short name");
    v.field("title", s.title, "title for reports");
    v.field("description", s.description, "what the study asks");
    v.field("seed", s.seed, "seed of all random numbers");
    v.table("panel", s.panel, "the data");
    v.table("prepare", s.prepare, "preparation of the panel");
    v.named("dea", s.dea, "efficiency scores");
    v.named("productivity", s.productivity, "productivity change");
    v.named("index", s.index, "composite indices");
    v.named("regression", s.regression, "regressions");
    v.named("mediation", s.mediation, "mediation analyses");
    v.named("bootstrap", s.bootstrap, "bootstraps");
    v.named("placebo", s.placebo, "placebo tests");
    v.named("lever", s.lever, "levers of this study");
    v.named("package", s.package, "packages of levers");
    v.named("sweep", s.sweep, "scenario sweeps");
    v.named("curve", s.curve, "specification curves");
    v.table("published", s.published, "figures to compare with");
}

}  // namespace greenfront

#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a study says of the uncertainty of a frontier: bootstraps of efficiency scores, and two-stage
/// analyses. Part of engine/study.hpp, which names the visitors.
namespace greenfront {

/// A word such as "sj", or a number; neither is the default.
struct WordOrNumber {
    std::string word;
    std::optional<double> number;
    [[nodiscard]] bool given() const { return !word.empty() || number.has_value(); }
    bool operator==(const WordOrNumber&) const = default;
};

/// Words of a bootstrap of efficiency scores, of a study as of the command line; engine/frontier_choice.hpp
/// checks them and knows the defaults of what is empty here.
struct BootDeaStage {
    std::string dea;  ///< of a study: the stage with variables, model and rows
    std::string method = "homogeneous", test, null, metric, order, smoothing, cluster;
    WordOrNumber bandwidth;  ///< sj, rot, or a number
    std::optional<double> kappa, rate;
    bool replacement = false;
    std::vector<std::string> environment;
    std::int64_t splits = 20;
    std::int64_t replicates = 2000;
    double confidence = 0.95;
    std::vector<double> winsorize;  ///< as in DeaStage
};

struct TwoStageStage {
    std::string dea;
    std::vector<std::string> environment;
    int algorithm = 2;
    std::int64_t replicates_bias = 100, replicates = 2000;
    double confidence = 0.95;
};

template <class V>
void describe(BootDeaStage& s, V& v) {
    v.required("dea", s.dea,
               "the dea stage whose scores are meant: its variables, model, reference and rows. Smoothed "
               "bootstraps and the test need model radial, reference contemporaneous or global");
    v.choice("method", s.method, {"homogeneous", "heterogeneous", "subsample"},
             "homogeneous: inefficiency alike for all; heterogeneous: it may depend on mix and size; "
             "subsample: any model, whole units drawn");
    v.choice(
        "test", s.test, {"", "returns", "separability"},
        "instead of scores: returns, a test of constant against variable returns to scale; separability, "
        "a test that the environment does not move the frontier (model radial or fdh)");
    v.choice("null", s.null, {"", "crs", "nirs"}, "test of returns: the hypothesis, default crs");
    v.field("bandwidth", s.bandwidth,
            "homogeneous, test of returns: sj (Sheather-Jones, default), rot (rule of thumb) or a number; "
            "heterogeneous, test of separability: a number in standard deviations");
    v.choice("metric", s.metric, {"", "inverse", "theta"},
             "homogeneous: where draws, correction and intervals are made: inverse (at least 1, default) or "
             "theta");
    v.choice("order", s.order, {"", "reflect-shrink", "shrink-reflect"},
             "homogeneous, test of returns: reflect-shrink (default, as in 1998) or shrink-reflect, which "
             "leaves no gap "
             "at the frontier");
    v.choice("smoothing", s.smoothing, {"", "levels", "logs"},
             "heterogeneous: amounts in levels (default) or logs");
    v.field("kappa", s.kappa, "subsample: floor(G^kappa) of G units are drawn; default 0.7");
    v.field("rate", s.rate, "subsample: rate of convergence r of n^-r; default that of the model");
    v.field("replacement", s.replacement, "subsample: draw with replacement");
    v.field("cluster", s.cluster, "subsample: column of what is drawn; default the unit");
    v.field("environment", s.environment,
            "test of separability: continuous columns that may move the frontier");
    v.field("splits", s.splits,
            "test of separability: random divisions of the rows; of several p is twice their median");
    v.field("replicates", s.replicates,
            "number of replicates; test of separability: halvings for the bias, in all splits together");
    v.field("confidence", s.confidence, "level of the intervals");
    v.field("winsorize", s.winsorize,
            "two percentiles, [1, 99]: later stages use the corrected scores clipped there; absent: not "
            "clipped");
}
template <class V>
void describe(TwoStageStage& s, V& v) {
    v.required("dea", s.dea,
               "the dea stage whose scores are explained: model radial, reference contemporaneous or global");
    v.required("environment", s.environment, "columns that explain efficiency");
    v.required("algorithm", s.algorithm, "1: the scores as they are; 2: corrected for their bias first");
    v.field("replicates_bias", s.replicates_bias, "algorithm 2: replicates for the bias");
    v.field("replicates", s.replicates, "replicates for the intervals");
    v.field("confidence", s.confidence, "level of the intervals");
}

}  // namespace greenfront

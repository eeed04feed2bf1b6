#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a study says of the change of productivity, and the type of values that may be a word or numbers.
/// Part of engine/study.hpp, which names the visitors.
namespace greenfront {

/// A word such as "observed", or a list of numbers; neither is the default.
struct WordOrNumbers {
    std::string word;
    std::vector<double> numbers;
    [[nodiscard]] bool given() const { return !word.empty() || !numbers.empty(); }
    bool operator==(const WordOrNumbers&) const = default;
};

/// Words of a productivity analysis, of a study as of the command line; engine/productivity_choice.hpp checks
/// them and knows the defaults of what is empty here.
struct ProductivityStage {
    std::vector<std::string> inputs, good, bad;
    std::string measure, frontier = "global", model, orientation, returns, disposability, where;
    std::string decomposition;
    bool super = false, bads_as_inputs = false;
    WordOrNumbers direction_inputs, direction_good, direction_bad;
    WordOrNumbers weights;
    std::string column = "index";   ///< what later stages use
    std::vector<double> winsorize;  ///< percentiles low, high of that column
    std::int64_t replicates = 0;    ///< of the bootstrap; 0: none
    std::optional<double> bandwidth;
    double confidence = 0.95;
};

template <class V>
void describe(ProductivityStage& s, V& v) {
    v.required("inputs", s.inputs, "input columns");
    v.required("good", s.good, "good output columns");
    v.field("bad", s.bad, "bad output columns");
    v.choice("measure", s.measure, {"malmquist", "malmquist-luenberger", "luenberger"},
             "malmquist, malmquist-luenberger or luenberger");
    v.choice(
        "frontier", s.frontier, {"global", "adjacent", "sequential", "biennial"},
        "what both periods are measured against: all periods, each of the two, each with all before it, or "
        "the two together");
    v.choice(
        "model", s.model, {"", "radial", "sbm", "ddf", "nddf"},
        "malmquist: radial (default) or sbm; malmquist-luenberger: ddf; luenberger: nddf (default) or ddf");
    v.choice("orientation", s.orientation, {"", "none", "input", "output"},
             "malmquist: output (default) or input, sbm none (default), input or output");
    v.choice("returns", s.returns, {"", "crs", "vrs", "nirs", "ndrs"},
             "of the index; default crs, malmquist then also has pure efficiency and scale change");
    v.choice("disposability", s.disposability, {"", "strong", "weak", "weak-naive"},
             "of bad outputs; default weak with ddf and nddf, else strong");
    v.choice("decomposition", s.decomposition, {"", "fgnz", "ray-desli"},
             "malmquist under crs: technical change of the crs (fgnz, default) or of the vrs frontier");
    v.field("super", s.super, "sbm: efficient rows have their super-efficiency, also in their own period");
    v.field("bads_as_inputs", s.bads_as_inputs, "bad outputs count as inputs");
    v.field("direction_inputs", s.direction_inputs,
            "ddf and nddf: zeros (default), observed, mean, ones, or numbers");
    v.field("direction_good", s.direction_good,
            "ddf and nddf: zeros, observed (default), mean, ones, or numbers");
    v.field("direction_bad", s.direction_bad,
            "ddf and nddf: zeros, observed (default), mean, ones, or numbers");
    v.field(
        "weights", s.weights,
        "nddf: thirds (default), halves, ones; sbm: items (default), groups; or numbers for inputs, good, "
        "bad");
    v.field("where", s.where, "expression: rows to measure and to span the frontiers");
    v.choice("column", s.column, {"index", "efficiency_change", "technical_change", "cumulative"},
             "what later stages use, at the later of the two periods; cumulative: the index since the unit's "
             "first pair, whose first period has 1 (luenberger: 0)");
    v.field("winsorize", s.winsorize,
            "two percentiles, [1, 99]: later stages use that column clipped there (Stata's rule, all rows "
            "with a value); the numbers of this stage stay; absent: not clipped");
    v.field(
        "replicates", s.replicates,
        "malmquist, model radial, frontier adjacent: bootstrap intervals from so many replicates; 0: none");
    v.field("bandwidth", s.bandwidth,
            "of the bootstrap, in standard deviations; default the normal reference rule");
    v.field("confidence", s.confidence, "level of the intervals");
}

}  // namespace greenfront

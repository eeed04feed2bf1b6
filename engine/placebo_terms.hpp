#pragma once
#include <string>

#include "engine/study.hpp"
#include "kernels/resample/placebo.hpp"
#include "scenarios/formula.hpp"

/// What the placebo tests of a study and of the command line share.
namespace greenfront {

/// Only the treatment's own column moves, so nothing else of the formula may be made from it: no interaction,
/// square, lag, slope or outcome. Columns that `steps` makes from others count as made from these (and so
/// on). Throws Error(fault) that names the term.
void check_placebo_terms(const Formula& formula, const std::string& treatment, const Panel& panel,
                         const Preparation& steps, Fault fault);

/// "trajectory", "within-time", "within-unit", "cell"; "in-time" is no permutation and false. Other words
/// throw Error(fault).
[[nodiscard]] bool parse_scheme(const std::string& method, resample::Scheme& scheme, Fault fault);
/// "", "permute", "ritest".
[[nodiscard]] resample::Compatibility parse_compatibility(const std::string& text, Fault fault);

/// The words of a placebo test, of a study as of the command line. Empty: the default, which is trajectory
/// and t, and cell and coefficient where a Stata command is repeated.
struct PlaceboChoice {
    std::string method, within, statistic, compatibility;
};
/// Fills in method and statistic, and checks that the settings go together. Throws Error(fault).
[[nodiscard]] PlaceboChoice resolved(PlaceboChoice choice, Fault fault);
/// The test of `placebo.treatment`: scheme, groups and statistic are set from the choice (resolved).
[[nodiscard]] resample::PlaceboDraws run_placebo(const PlaceboChoice& choice, const Panel& panel,
                                                 const panel::Design& design, const panel::Options& options,
                                                 resample::PlaceboOptions placebo);
/// What to know where the draws' coefficients lie around another value than 0, by more than half of their
/// spread; empty elsewhere. The permutations then keep something that goes with the outcome.
[[nodiscard]] std::string off_centre(double mean, double standard_deviation);
[[nodiscard]] std::string off_centre(const resample::PlaceboDraws& draws);
/// "absorbed by the fixed effects: 3; no standard error: 1 (draws 2, 7, 19, 30)"; empty without any.
[[nodiscard]] std::string infeasible_text(const resample::PlaceboDraws& draws);

}  // namespace greenfront

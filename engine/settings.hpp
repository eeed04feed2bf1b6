#pragma once
#include <string>
#include <vector>

#include "engine/study.hpp"
#include "kernels/dea/dea.hpp"
#include "kernels/error.hpp"
#include "kernels/panel/regression.hpp"
#include "scenarios/formula.hpp"

/// From the words of a study or a command line to the settings of the kernels.
namespace greenfront {

/// "iid", "robust", "hc2", "hc3", "cluster:A[+B]", "jackknife:A", "dk:L", "nw:L", "conley:LAT,LON,KM".
/// Throws Error(fault).
struct VarianceChoice {
    panel::Variance kind = panel::Variance::iid;
    std::vector<std::string> clusters = {};
    std::int64_t lags = 0;                      ///< dk, nw
    std::string latitude = {}, longitude = {};  ///< conley
    double radius_km = 0;
    /// dk and nw read the columns of unit and time.
    [[nodiscard]] bool needs_periods() const;
    /// The variances that bootstraps and placebo tests know.
    [[nodiscard]] bool resampled() const;
    void set(panel::Options& options) const;
};
[[nodiscard]] VarianceChoice parse_variance(const std::string& text, Fault fault);

/// The columns beside the formula. At most one of the weights is named. Throws Error(fault).
[[nodiscard]] DesignColumns design_columns(const VarianceChoice& variance, const std::string& aweights,
                                           const std::string& fweights, Fault fault);

/// "x1,x2" of a joint test: its terms, split at commas outside parentheses. Throws Error(fault).
[[nodiscard]] std::vector<std::string> parse_test(const std::string& text, Fault fault);

/// "", "reghdfe", "ivreghdfe", "fixest", "exact-rank". Throws Error(fault).
[[nodiscard]] std::optional<panel::SmallSample> parse_small_sample(const std::string& text, Fault fault);

/// "", "2sls", "liml", "gmm". Throws Error(fault), also for a formula without instruments.
[[nodiscard]] std::optional<panel::Estimator> parse_estimator(const std::string& text, bool instruments,
                                                              Fault fault);

/// The words of efficiency models. Throw Error(fault) for a word that is not known.
[[nodiscard]] dea::Model parse_model(const std::string& text, Fault fault);
[[nodiscard]] dea::Orientation parse_orientation(const std::string& text, Fault fault);
[[nodiscard]] dea::Returns parse_returns(const std::string& text, Fault fault);
[[nodiscard]] dea::Disposability parse_disposability(const std::string& text, Fault fault);

[[nodiscard]] std::string name(dea::Model model);
[[nodiscard]] std::string name(dea::Orientation orientation);
[[nodiscard]] std::string name(dea::Returns returns);
[[nodiscard]] std::string name(dea::Disposability disposability);
[[nodiscard]] std::string name(dea::AdditiveWeights weights);
[[nodiscard]] std::string name(dea::Direction::Kind kind);

/// The position of `word` in `known`; an unknown word is the user's fault.
[[nodiscard]] std::size_t choose(const std::string& what, const std::string& word,
                                 const std::vector<std::string>& known, Fault fault);
/// How the user writes an option: "--super-bads" on the command line, "super_bads" in a study.
[[nodiscard]] std::string option_name(const std::string& key, Fault fault);

}  // namespace greenfront

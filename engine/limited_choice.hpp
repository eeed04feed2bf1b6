#pragma once
#include <optional>
#include <string>

#include "engine/settings.hpp"
#include "kernels/limited/limited.hpp"
#include "scenarios/formula.hpp"
#include "scenarios/panel.hpp"

/// From the words of a study or a command line to a regression for a limited outcome.
namespace greenfront {

/// Words of a regression as written.
struct RegressionWords {
    std::string model = "ols", vcov = "iid", ssc;
    std::optional<double> lower, upper;
    bool keep_singletons = false;
    std::string aweights = {}, fweights = {};
};

/// The settings of a limited model; nothing for "ols". Throws Error(fault) for a word that is not known and
/// for options or parts of the formula that the model does not take.
[[nodiscard]] std::optional<limited::Settings> choose_limited(const RegressionWords& words,
                                                              const Formula& formula, Fault fault);

/// limited::fit, with an outcome beyond the limits named by its row of the file.
[[nodiscard]] limited::Fit fit_limited(const panel::Design& design, const Panel& panel,
                                       const limited::Settings& settings);

[[nodiscard]] std::string name(limited::Model model);

}  // namespace greenfront

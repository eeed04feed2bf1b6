#pragma once
#include <string>
#include <vector>

#include "engine/study.hpp"
#include "kernels/dea/dea.hpp"
#include "kernels/error.hpp"
#include "kernels/panel/regression.hpp"

/// From the words of a study or a command line to the settings of the kernels.
namespace greenfront {

/// "iid", "robust", "cluster:A[+B]". Throws Error(fault).
struct VarianceChoice {
    panel::Variance kind = panel::Variance::iid;
    std::vector<std::string> clusters;
};
[[nodiscard]] VarianceChoice parse_variance(const std::string& text, Fault fault);

/// "", "reghdfe", "ivreghdfe", "fixest", "exact-rank". Throws Error(fault).
[[nodiscard]] std::optional<panel::SmallSample> parse_small_sample(const std::string& text, Fault fault);

[[nodiscard]] dea::Model parse_model(const std::string& text, Fault fault);
[[nodiscard]] dea::Returns parse_returns(const std::string& text, Fault fault);
/// Empty: input for radial, none for SBM. Refuses radial without orientation.
[[nodiscard]] dea::Orientation parse_orientation(const std::string& text, dea::Model model, Fault fault);

[[nodiscard]] std::string name(dea::Model model);
[[nodiscard]] std::string name(dea::Returns returns);
[[nodiscard]] std::string name(dea::Orientation orientation);

}  // namespace greenfront

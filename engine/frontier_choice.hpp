#pragma once
#include <string>

#include "engine/dea_choice.hpp"
#include "engine/study.hpp"
#include "kernels/dea/heterogeneous_bootstrap.hpp"
#include "kernels/dea/returns_test.hpp"
#include "kernels/dea/separability.hpp"
#include "kernels/dea/smoothed_bootstrap.hpp"
#include "kernels/dea/subsampling.hpp"
#include "kernels/dea/two_stage.hpp"

/// From the words of a bootstrap of efficiency scores, and of a two-stage analysis, to the settings of the
/// kernels. All functions throw Error(fault) for a word that is not known, an option that the method does not
/// take, and an analysis that it is not for.
namespace greenfront {

enum class BootDeaKind : std::int8_t {
    homogeneous,
    heterogeneous,
    subsample,
    returns_test,
    separability_test
};

/// What the words ask for. Checks every option that needs no analysis.
[[nodiscard]] BootDeaKind boot_dea_kind(const BootDeaStage& words, Fault fault);

/// Whether this kind of bootstrap, and a two-stage analysis, is for such an analysis.
void check_analysis(BootDeaKind kind, const DeaChoice& choice, Fault fault);
void check_two_stage_analysis(const DeaChoice& choice, Fault fault);

/// `choice`: the analysis whose scores are meant; it is checked, too.
[[nodiscard]] dea::BootstrapSettings homogeneous_settings(const BootDeaStage& words, const DeaChoice& choice,
                                                          std::uint64_t seed, Fault fault);
[[nodiscard]] dea::HeterogeneousSettings heterogeneous_settings(const BootDeaStage& words,
                                                                const DeaChoice& choice, std::uint64_t seed,
                                                                Fault fault);
[[nodiscard]] dea::SubsampleSettings subsample_settings(const BootDeaStage& words, const DeaChoice& choice,
                                                        std::uint64_t seed, Fault fault);
[[nodiscard]] dea::ReturnsTestSettings returns_test_settings(const BootDeaStage& words,
                                                             const DeaChoice& choice, std::uint64_t seed,
                                                             Fault fault);
[[nodiscard]] dea::SeparabilitySettings separability_settings(const BootDeaStage& words,
                                                              const DeaChoice& choice, std::uint64_t seed,
                                                              Fault fault);
/// Whether subsampling is proven to be consistent at this rate.
[[nodiscard]] bool proven(const BootDeaStage& words, const DeaChoice& choice);

[[nodiscard]] dea::TwoStageSettings two_stage_settings(const TwoStageStage& words, const DeaChoice& choice,
                                                       std::uint64_t seed, Fault fault);

[[nodiscard]] std::string name(dea::Metric metric);
[[nodiscard]] std::string name(dea::SmoothingOrder order);
[[nodiscard]] std::string name(dea::JointScale scale);

}  // namespace greenfront

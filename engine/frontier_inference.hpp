#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/dea_choice.hpp"
#include "kernels/dea/heterogeneous_bootstrap.hpp"
#include "kernels/dea/partial_frontier.hpp"
#include "kernels/dea/returns_test.hpp"
#include "kernels/dea/separability.hpp"
#include "kernels/dea/smoothed_bootstrap.hpp"
#include "kernels/dea/subsampling.hpp"
#include "kernels/dea/two_stage.hpp"

/// Inference about the frontier of a panel: each technology is sampled on its own. Technologies are numbered
/// in order of time for the random numbers.
namespace greenfront {

/// Where the results of panel rows stand among those of several technologies.
struct Placement {
    std::vector<std::optional<std::int64_t>> time;  ///< of each technology; nothing: of all periods
    std::vector<std::size_t> part;                  ///< of each panel row
    std::vector<std::int64_t> position;             ///< of each panel row in its part; -1: not scored
    explicit Placement(std::size_t rows) : part(rows, 0), position(rows, -1) {}
    /// Values of the parts by panel row, `missing` where a row was not scored.
    template <class Part, class Value>
    [[nodiscard]] std::vector<Value> by_row(const std::vector<Part>& parts, std::vector<Value> Part::*values,
                                            Value missing) const {
        std::vector<Value> all(part.size(), missing);
        for (std::size_t r = 0; r < all.size(); ++r) {
            if (position[r] >= 0) all[r] = (parts[part[r]].*values)[static_cast<std::size_t>(position[r])];
        }
        return all;
    }
};

/// Parts without their replicates.
struct BootDea {
    Placement at;
    std::vector<dea::BootstrapScores> parts;
};

/// Smoothed bootstraps. `choice.reference`: contemporaneous (a technology for each period) or global.
[[nodiscard]] BootDea bootstrap_scores(const Panel& panel, const std::vector<char>& usable,
                                       const DeaChoice& choice, const dea::BootstrapSettings& settings);
[[nodiscard]] BootDea bootstrap_scores(const Panel& panel, const std::vector<char>& usable,
                                       const DeaChoice& choice, const dea::HeterogeneousSettings& settings);

struct ReturnsTests {
    std::vector<std::optional<std::int64_t>> time;
    std::vector<dea::ReturnsTest> parts;
};
[[nodiscard]] ReturnsTests test_returns(const Panel& panel, const std::vector<char>& usable,
                                        const DeaChoice& choice, const dea::ReturnsTestSettings& settings);

struct SeparabilityTests {
    std::vector<std::optional<std::int64_t>> time;
    std::vector<dea::Separability> parts;
};
/// Of the rows of `usable` that have a value of every environmental variable; the others span no frontier.
[[nodiscard]] SeparabilityTests test_separability(const Panel& panel, const std::vector<char>& usable,
                                                  const DeaChoice& choice,
                                                  const std::vector<std::string>& environment,
                                                  const dea::SeparabilitySettings& settings);

/// What to say where a corrected mean lies beyond the scores that there can be: few rows span the frontier,
/// and the bias is no power of their number. Else empty.
[[nodiscard]] std::string correction_warning(const SeparabilityTests& tests, const DeaChoice& choice);

struct SubsampledScores {
    Placement at;
    std::vector<dea::Subsample> parts;
};
/// `choice.reference` says what spans a technology. `cluster`: column of what is drawn, empty for the unit.
[[nodiscard]] SubsampledScores subsample_scores(const Panel& panel, const std::vector<char>& usable,
                                                const DeaChoice& choice, const std::string& cluster,
                                                const dea::SubsampleSettings& settings);

struct PartialFrontier {
    Placement at;
    std::vector<dea::PartialScores> parts;
    std::vector<std::int64_t> row_at;  ///< order alpha: the panel row at the quantile, or -1
};
[[nodiscard]] PartialFrontier partial_frontier(const Panel& panel, const std::vector<char>& usable,
                                               const DeaVariables& variables, const std::string& reference,
                                               const std::string& cluster,
                                               const dea::PartialSettings& settings);

struct TwoStageScores {
    dea::TwoStage result;
    std::vector<std::int64_t> position;  ///< of each panel row in the result; -1: not used
};
/// Uses the rows of `usable` that have a value of every environmental variable, by technology: rows without
/// one span no frontier. `choice.reference` as for smoothed bootstraps.
[[nodiscard]] TwoStageScores two_stage_scores(const Panel& panel, const std::vector<char>& usable,
                                              const DeaChoice& choice,
                                              const std::vector<std::string>& environment,
                                              const dea::TwoStageSettings& settings);

/// What to say where the rows of one unit in several periods span one technology as if they were
/// independent; else empty.
[[nodiscard]] std::string pooled_warning(const Panel& panel, const DeaChoice& choice);

}  // namespace greenfront

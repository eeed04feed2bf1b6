#pragma once
#include <string>
#include <vector>

#include "engine/scoring.hpp"
#include "kernels/dea/smoothed_bootstrap.hpp"

/// The smoothed bootstrap of a panel's radial efficiency scores, each period's technology on its own.
namespace greenfront {

struct BootDea {
    std::vector<dea::BootstrapScores> parts;  ///< by period of the sample, without the replicates
    std::vector<std::int64_t> time;           ///< of each part; 0 without a time column
    std::vector<std::size_t> part;            ///< of each panel row
    std::vector<std::int64_t> position;       ///< of each panel row in its part; -1: not scored
};

/// Periods (without a time column: the whole file) are numbered in order for the random numbers.
[[nodiscard]] BootDea bootstrap_scores(const Panel& panel, const std::vector<char>& usable,
                                       const DeaVariables& variables, const dea::BootstrapSettings& settings);

/// "sj", "rot" or a positive number. Throws Error(fault).
void parse_bandwidth(const std::string& text, dea::BootstrapSettings& settings, Fault fault);

}  // namespace greenfront

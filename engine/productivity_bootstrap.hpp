#pragma once
#include <array>
#include <optional>
#include <vector>

#include "engine/productivity.hpp"
#include "kernels/dea/malmquist_bootstrap.hpp"

/// Bootstrap intervals of the Malmquist index of a panel, one pair of periods at a time.
namespace greenfront {

/// One pair of consecutive periods.
struct BootstrappedPeriods {
    std::int64_t from = 0, to = 0;
    std::int64_t units = 0;
    double bandwidth = 0;
    dea::Counters counters;
};

struct ProductivityBootstrap {
    using Intervals = std::array<dea::MalmquistInterval, dea::change_parts.size()>;
    std::vector<Intervals> intervals;   ///< of each pair, in the order of change_parts; NaN without
    std::vector<std::int64_t> without;  ///< of each pair: replicates without an index
    std::vector<BootstrappedPeriods> periods;
};

/// The bootstrap that the words ask for; none without replicates. Throws Error(fault) when the measure is not
/// the adjacent Malmquist index of radial scores, or a number is out of range.
[[nodiscard]] std::optional<dea::MalmquistSettings> malmquist_settings(const ProductivityStage& words,
                                                                       const ProductivityChoice& choice,
                                                                       std::uint64_t seed, Fault fault);

/// Throws Error(Fault::data) when a usable row has no partner in the other period of a pair.
void check_partners(const Panel& panel, const std::vector<char>& usable,
                    const std::vector<ProductivityPair>& pairs);

/// `settings`: as malmquist_settings() has them; the rest is that of the choice. The pairs of
/// periods are numbered in order of time for the random numbers. Throws Error(Fault::data) when a usable row
/// has no partner in the other period: pseudo-points are drawn for both periods together.
[[nodiscard]] ProductivityBootstrap bootstrap_productivity(const Panel& panel,
                                                           const std::vector<char>& usable,
                                                           const ProductivityChoice& choice,
                                                           const std::vector<ProductivityPair>& pairs,
                                                           const dea::MalmquistSettings& settings);

}  // namespace greenfront

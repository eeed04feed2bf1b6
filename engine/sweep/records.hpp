#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/checkpoint.hpp"
#include "engine/sweep/model.hpp"

/// The scenarios of a sweep, evaluated in blocks on all threads and committed in their order.
namespace greenfront::sweep {

/// Scenarios in a block: the unit of commits and of checkpoints. No result depends on it, but the names of
/// blocks do: another size needs another plan_version (engine/runner.cpp).
inline constexpr std::size_t block_size = 64;
[[nodiscard]] inline std::size_t blocks_of(std::size_t scenarios) {
    return (scenarios + block_size - 1) / block_size;
}

struct Records {
    std::size_t width = 0;
    std::vector<double> row;           ///< S x width
    std::vector<double> best_share;    ///< S: share of replicates in which the scenario is the best
    std::int64_t best_used = 0;        ///< replicates in which every scenario has an effect
    std::vector<std::string> problem;  ///< S: why a scenario was refused, or empty
    [[nodiscard]] std::span<const double> of(std::size_t s) const {
        return std::span<const double>(row).subspan(s * width, width);
    }
};

/// Scenarios in the blocks that this process needs.
[[nodiscard]] std::size_t own_scenarios(std::size_t scenarios, const Checkpoint& checkpoint,
                                        std::int64_t sweep);

/// A scenario in its place in the order.
struct CommittedScenario {
    std::size_t number;
    std::span<const double> row;
    const std::string& problem;  ///< why it was refused, or empty
    bool loaded;                 ///< from the checkpoint, not computed now
};
/// Called once for each scenario, in their order, from one thread.
using Committed = std::function<void(const CommittedScenario&)>;

/// Blocks that the checkpoint has are loaded, the others evaluated and stored; `sweep` is the number of the
/// sweep in their names. Throws Stopped where the checkpoint asks for it, between two blocks. In a shard the
/// blocks of others are passed over and no records are kept: the result is empty.
[[nodiscard]] Records evaluate_all(const Model& model, Checkpoint& checkpoint, std::int64_t sweep,
                                   const Committed& committed);

/// The share of replicates in which each scenario has the largest effect, ties shared, from rows of draws
/// that come one scenario at a time: memory for the scenarios that lead somewhere only.
class BestTally {
  public:
    explicit BestTally(std::size_t replicates)
        : best_(replicates), leaders_(replicates), lost_(replicates, 0) {}
    void add(std::size_t scenario, std::span<const double> draw);
    [[nodiscard]] std::vector<double> shares(std::size_t scenarios) const;
    [[nodiscard]] std::int64_t used() const;

  private:
    std::vector<double> best_;
    std::vector<std::vector<std::size_t>> leaders_;
    std::vector<char> lost_;  ///< replicates where some scenario has no effect
};

}  // namespace greenfront::sweep

#pragma once
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/table_access.hpp"

/// A sweep of a result file as its tables read it; a channel that is off has no datasets.
namespace greenfront::io {

class Sweep {
  public:
    Sweep(const Results& results, const std::string& name);

    [[nodiscard]] const ResultGroup& group() const { return group_; }
    [[nodiscard]] const Results& results() const { return results_; }
    [[nodiscard]] const std::vector<std::string>& scenarios() const { return scenarios_; }
    /// Levers and packages that the design varies; none in a list of scenarios.
    [[nodiscard]] const std::vector<std::string>& dimensions() const { return dimensions_; }
    [[nodiscard]] const std::vector<std::size_t>& by_rank() const { return order_; }
    [[nodiscard]] const std::vector<std::int64_t>& rank() const { return rank_; }
    [[nodiscard]] bool has(const char* name) const { return group_.find(name) != nullptr; }
    [[nodiscard]] double value(const char* name, std::size_t scenario) const {
        return has(name) ? numbers(group_, name)[scenario] : NAN;
    }
    [[nodiscard]] double point(std::size_t scenario, std::size_t dimension) const {
        return numbers(group_, "point")[scenario * dimensions_.size() + dimension];
    }
    /// "talent 0.25, digital_finance 0.5": the levers of a scenario of a list.
    [[nodiscard]] std::string levers_of(std::size_t scenario) const;
    /// The dataset that ranks: econometric where there is one, else frontier.
    [[nodiscard]] const char* ranking() const {
        return has("econometric_effect") ? "econometric_effect" : "frontier_effect";
    }
    [[nodiscard]] double effect(std::size_t scenario) const { return value(ranking(), scenario); }
    [[nodiscard]] bool any_cost() const;
    /// The cheapest scenario with no less effect and no more cost, one of them strictly.
    [[nodiscard]] std::optional<std::size_t> dominator(std::size_t s) const;
    /// Bad outputs of the frontier channel: name and position on the scale `variable`.
    [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> bads() const;

  private:
    const Results& results_;
    const ResultGroup& group_;
    const std::vector<std::string>& scenarios_;
    std::vector<std::string> dimensions_;
    std::vector<std::int64_t> rank_;
    std::vector<std::size_t> order_;
};

// Comparisons that `compare --by` names; table_sweep_pairs.cpp.
[[nodiscard]] Table sweep_pairs(const Sweep& sweep);
[[nodiscard]] Table sweep_pareto(const Sweep& sweep);
[[nodiscard]] Table sweep_sensitivity(const Sweep& sweep);
[[nodiscard]] Table sweep_inequality(const Sweep& sweep);
[[nodiscard]] Table sweep_variables(const Sweep& sweep);

}  // namespace greenfront::io

#pragma once
#include <string>
#include <vector>

#include "scenarios/prepare.hpp"
#include "scenarios/prepare_runner.hpp"

namespace greenfront {

/// The part of a study's preparation that a sweep must repeat in every scenario.
///
/// A scenario changes a few columns of the completed panel. Steps that read none of them, at first or second
/// hand, make the same column as in the baseline, and steps whose column nobody wants need not run. What is
/// left gives, column by column, the bits of prepare_scenario().
class ScenarioPreparation {
  public:
    /// `changed`: columns of prepared.completed that scenarios change; `wanted`: columns that are read of the
    /// result. The first two must outlive this object.
    ScenarioPreparation(const Prepared& prepared, const Preparation& steps,
                        const std::vector<std::string>& changed, const std::vector<std::string>& wanted);

    /// A panel to be used again and again by one thread.
    [[nodiscard]] Panel start() const { return prepared_.panel; }
    /// Runs the steps on a panel from start() whose changed columns have been set, all of them, since the
    /// last run. Returns the cells that the baseline's winsorising bounds cut.
    std::int64_t run(Panel& panel) const;
    /// Wanted columns that may differ from the baseline's.
    [[nodiscard]] const std::vector<std::string>& moved() const { return moved_; }
    [[nodiscard]] std::size_t steps() const { return run_.size(); }

  private:
    const Prepared& prepared_;
    const Preparation& steps_;
    std::vector<PreparationStep> run_;
    std::vector<std::string> reset_;  ///< columns that every run begins with the completed values of
    std::vector<std::string> moved_;
};

}  // namespace greenfront

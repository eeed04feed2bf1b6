#pragma once
#include <cstdint>
#include <vector>

#include "engine/scoring.hpp"
#include "engine/workspace.hpp"

/// The frontier channel of a sweep: changed rows are scored again against the baseline technology.
///
/// A row that the levers carry beyond that technology has no SBM score there (the program is infeasible), and
/// a score above 1 in the other models; it counts with the score 1 of the frontier that it has passed, and is
/// counted. Where the frontier may move, all rows are also scored against the technology of the changed
/// panel, and the change is split:
///     S0(x1) - S0(x0)  =  [S1(x1) - S0(x0)]  +  [S0(x1) - S1(x1)]
///          change             catch-up           frontier shift
/// with S0 the score against the baseline, S1 against the changed technology.
///
/// Cost: one program a moved row. Under strong disposability units of baseline score below 1 span nothing
/// that the others do not (their combinations dominate them), so that only the others are priced (radial, SBM
/// and FDH, and where the reference set of a row is its own group's). With a moving frontier, one more
/// program for every row.
namespace greenfront::sweep {

struct FrontierChange {
    std::vector<double> change;           ///< panel rows; 0 where the row did not move, NaN where no score
    std::vector<double> catch_up, shift;  ///< empty unless the frontier may move
    std::int64_t rows_changed = 0, beyond = 0;
    std::int64_t unscored = 0;  ///< rows without a score: a negative or missing quantity, no optimum
    std::int64_t failed = 0;    ///< of these, programs that no method could certify
    dea::Counters counters;
    std::vector<FailedUnit> failures;  ///< their programs
};

class FrontierChannel {
  public:
    /// Refers to both.
    FrontierChannel(const Panel& baseline, const DeaOutcome& dea, bool moving);
    [[nodiscard]] std::vector<std::string> columns() const { return dea_.variables.columns(); }
    [[nodiscard]] const std::vector<double>& score() const { return dea_.score; }  ///< baseline, panel rows
    [[nodiscard]] bool moving() const { return moving_; }
    [[nodiscard]] FrontierChange evaluate(const Panel& scenario) const;
    /// Columns that span the baseline technology, over all groups, of how many.
    struct Size {
        std::size_t kept = 0, all = 0;
    };
    [[nodiscard]] Size size() const { return size_; }

  private:
    void score_moving(const Panel& scenario, const std::vector<char>& meaningless,
                      const std::vector<double>& against_baseline, FrontierChange& result) const;

    const Panel& baseline_;
    const DeaOutcome& dea_;
    bool moving_;
    std::vector<ReferenceGroup> groups_;  ///< reference rows reduced to those that span the technology
    Size size_;
};

}  // namespace greenfront::sweep

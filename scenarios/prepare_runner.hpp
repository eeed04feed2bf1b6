#pragma once
#include <string>
#include <vector>

#include "scenarios/groups.hpp"
#include "scenarios/prepare.hpp"

/// The single steps of a preparation, as prepare.cpp and scenario_preparation.cpp run them.
namespace greenfront {

/// The words of Preparation::order.
[[nodiscard]] const std::vector<std::string>& preparation_words();
/// Steps of a word, and of winsorize and interpolate the columns of one: what `run` does in one go.
struct PreparationStep {
    std::string word;
    std::size_t index = 0;  ///< in the word's list
    std::string column;     ///< interpolate, winsorize: the column; else empty
};
/// All steps in the order in which they run, from the first derive, group or lag step on or before it.
/// Throws Error(Fault::study) for an order with unknown, repeated or missing words.
struct PreparationOrder {
    std::vector<PreparationStep> completing, deriving;
};
[[nodiscard]] PreparationOrder preparation_order(const Preparation& steps);

/// Columns that a step reads (its own `column` of interpolate and winsorize among them), and the one it
/// writes.
[[nodiscard]] std::vector<std::string> columns_read(const PreparationStep& step, const Preparation& steps,
                                                    const Panel& panel);
[[nodiscard]] std::string column_written(const PreparationStep& step, const Preparation& steps);

/// Runs steps on a panel. With `frozen` bounds winsorising uses them; else it records its own. Throws
/// Error(Fault::study) for what the study asks wrongly, Error(Fault::data) for data that a step cannot use.
class PreparationRunner {
  public:
    PreparationRunner(Panel& panel, const Preparation& steps, const FrozenBounds* frozen)
        : panel_(panel), steps_(steps), frozen_(frozen) {}
    void run(const PreparationStep& step);

    std::vector<PreparationNote> notes;
    FrozenBounds bounds;       ///< recorded where none were given
    std::int64_t clipped = 0;  ///< cells that winsorising moved

  private:
    void interpolate(const PreparationStep& step);
    void perpetual_inventory(const PreparationStep& step);
    void derive(const PreparationStep& step);
    void group(const PreparationStep& step);
    void lag(const PreparationStep& step);
    void winsorize(const PreparationStep& step);
    /// Medians by the panel's groups: its own, which are recorded, or the baseline's.
    [[nodiscard]] std::vector<double> medians(const PreparationStep& step, const Groups& groups);
    [[nodiscard]] FrozenBounds::Entry own_bounds(const PreparationStep& step, const Groups& groups) const;
    [[nodiscard]] FrozenBounds::Entry frozen_bounds(const PreparationStep& step, const Groups& groups) const;
    void note(const char* kind, const std::string& column, std::int64_t cells, std::string detail) {
        notes.push_back({kind, column, cells, std::move(detail)});
    }

    Panel& panel_;
    const Preparation& steps_;
    const FrozenBounds* frozen_;
};

}  // namespace greenfront

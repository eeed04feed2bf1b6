#include "scenarios/scenario_preparation.hpp"

#include <algorithm>
#include <set>

namespace greenfront {
namespace {

using Names = std::set<std::string>;

struct Access {
    std::vector<std::string> reads;
    std::string writes;
};

/// Which of the steps run, given the columns that start otherwise than in the baseline.
struct Selection {
    std::vector<char> runs;
    Names dirty;  ///< columns that may end otherwise
};
Selection select_steps(const std::vector<Access>& steps, const Names& begin,
                       const std::vector<std::string>& wanted) {
    Selection selection{std::vector<char>(steps.size(), 0), begin};
    auto& [runs, dirty] = selection;
    for (std::size_t s = 0; s < steps.size(); ++s) {  // forward: what the changes reach
        const auto reached = [&](const std::string& column) { return dirty.contains(column); };
        runs[s] =
            reached(steps[s].writes) || std::any_of(steps[s].reads.begin(), steps[s].reads.end(), reached);
        if (runs[s]) dirty.insert(steps[s].writes);
    }
    Names needed(wanted.begin(), wanted.end());
    for (std::size_t s = steps.size(); s-- > 0;) {  // backward: what somebody reads
        runs[s] = runs[s] && needed.contains(steps[s].writes);
        if (runs[s]) needed.insert(steps[s].reads.begin(), steps[s].reads.end());
    }
    return selection;
}

/// Where a running step finds the version of a column that it reads.
enum class Source : std::int8_t { earlier_step, baseline_end, completed, nowhere };
Source source(const std::vector<Access>& steps, const std::vector<char>& runs, std::size_t reader,
              const std::string& column) {
    bool written_before = false, by_running = false, written_later = false;
    for (std::size_t s = 0; s < steps.size(); ++s) {
        if (steps[s].writes != column) continue;
        if (s >= reader) {
            written_later = true;
        } else {
            written_before = true;
            by_running = runs[s] != 0;  // the last writer before the reader decides
        }
    }
    if (by_running) return Source::earlier_step;
    if (!written_later) return Source::baseline_end;
    return written_before ? Source::nowhere : Source::completed;
}

}  // namespace

ScenarioPreparation::ScenarioPreparation(const Prepared& prepared, const Preparation& steps,
                                         const std::vector<std::string>& changed,
                                         const std::vector<std::string>& wanted)
    : prepared_(prepared), steps_(steps) {
    const auto deriving = preparation_order(steps).deriving;
    std::vector<Access> access;
    for (const auto& step : deriving)
        access.push_back({columns_read(step, steps, prepared.panel), column_written(step, steps)});
    // A version of a column that is not kept anywhere is made again, with all steps that write the column.
    Names begin(changed.begin(), changed.end()), reset;
    Selection selection;
    for (bool complete = false; !complete;) {
        complete = true;
        reset.clear();
        selection = select_steps(access, begin, wanted);
        for (std::size_t s = 0; s < access.size(); ++s) {
            if (!selection.runs[s]) continue;
            for (const auto& column : access[s].reads) {
                const Source where = source(access, selection.runs, s, column);
                if (where == Source::completed) reset.insert(column);
                // A column that starts anew must be brought to its end again, too.
                const bool remade = where == Source::nowhere ||
                                    (where == Source::completed && !selection.dirty.contains(column));
                if (remade && begin.insert(column).second) complete = false;
            }
        }
    }
    for (std::size_t s = 0; s < deriving.size(); ++s) {
        if (selection.runs[s]) run_.push_back(deriving[s]);
    }
    for (const auto& column : reset) {
        const bool set_by_caller = std::find(changed.begin(), changed.end(), column) != changed.end();
        if (!set_by_caller) reset_.push_back(column);
    }
    for (const auto& column : wanted) {
        if (selection.dirty.contains(column)) moved_.push_back(column);
    }
}

std::int64_t ScenarioPreparation::run(Panel& panel) const {
    for (const auto& name : reset_) {
        const Column& column = prepared_.completed.column(name);
        if (column.text) continue;  // no step changes text
        panel.set_number(name, column.number);
    }
    PreparationRunner runner(panel, steps_, &prepared_.bounds);
    for (const auto& step : run_) runner.run(step);
    return runner.clipped;
}

}  // namespace greenfront

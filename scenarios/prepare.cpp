#include "scenarios/prepare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "scenarios/expression.hpp"
#include "scenarios/groups.hpp"

namespace greenfront {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void fail(const std::string& where, const std::string& what) {
    throw Error(Fault::study, fmt::format("prepare.{}: {}", where, what));
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
    const std::string near = nearest(word, known);
    return near.empty() ? fmt::format("; known are {}", fmt::join(known, ", "))
                        : fmt::format("; did you mean \"{}\"?", near);
}

/// The column exists (the study's fault if not) and, where asked, holds numbers.
void require_column(const Panel& panel, const std::string& name, const std::string& where,
                    bool numeric = true) {
    if (!panel.has(name)) {
        std::vector<std::string> all;
        for (const auto& column : panel.columns()) all.push_back(column.name);
        fail(where,
             fmt::format("no column \"{}\" in {} at this step{}", name, panel.source, suggestion(name, all)));
    }
    if (numeric && panel.column(name).text)
        fail(where, fmt::format("column \"{}\" holds text, not numbers", name));
}

/// A step may replace a column, but not the ones that name the rows.
void require_free_name(const Panel& panel, const std::string& name, const std::string& where) {
    if (name.empty()) fail(where, "name is empty");
    if (name == panel.unit_column || name == panel.time_column) {
        fail(where, fmt::format("\"{}\" names the panel's rows and cannot be overwritten", name));
    }
}

std::string step(const char* kind, std::size_t index) {
    return fmt::format("{}.{}", kind, index);
}

const std::vector<std::string>& step_words() {
    static const std::vector<std::string> words{
        "interpolate", "perpetual_inventory", "derive", "group", "lag", "winsorize"};
    return words;
}

std::size_t count_of(const Preparation& steps, const std::string& word) {
    if (word == "interpolate") return steps.interpolate.size();
    if (word == "perpetual_inventory") return steps.perpetual_inventory.size();
    if (word == "derive") return steps.derive.size();
    if (word == "group") return steps.group.size();
    if (word == "lag") return steps.lag.size();
    return steps.winsorize.size();
}

void require_order(const Preparation& steps) {
    const auto& known = step_words();
    for (std::size_t i = 0; i < steps.order.size(); ++i) {
        const std::string& word = steps.order[i];
        if (std::find(known.begin(), known.end(), word) == known.end()) {
            fail("order", fmt::format("unknown step \"{}\"{}", word, suggestion(word, known)));
        }
        if (std::find(steps.order.begin(), steps.order.begin() + static_cast<std::ptrdiff_t>(i), word) !=
            steps.order.begin() + static_cast<std::ptrdiff_t>(i)) {
            fail("order", fmt::format("\"{}\" stands twice", word));
        }
    }
    for (const auto& word : known) {
        const bool listed = std::find(steps.order.begin(), steps.order.end(), word) != steps.order.end();
        if (!listed && count_of(steps, word) > 0) {
            fail("order",
                 fmt::format("the study has {} steps, but order does not name \"{}\"; add it", word, word));
        }
    }
}

/// Position of the first derive, group or lag step; the number of steps when order names none of them.
std::size_t first_derived(const Preparation& steps) {
    const auto found = std::find_if(steps.order.begin(), steps.order.end(), [](const std::string& word) {
        return word == "derive" || word == "group" || word == "lag";
    });
    return static_cast<std::size_t>(found - steps.order.begin());
}

std::int64_t count_missing(const std::vector<double>& values) {
    return std::count_if(values.begin(), values.end(), [](double v) { return std::isnan(v); });
}

/// Runs steps on a panel. With `frozen` bounds winsorising uses them; else it records its own.
class Runner {
  public:
    Runner(Panel panel, const Preparation& steps) : panel_(std::move(panel)), steps_(steps) {}

    void run(const std::string& word) {
        if (word == "interpolate") {
            run_interpolate();
        } else if (word == "perpetual_inventory") {
            run_perpetual_inventory();
        } else if (word == "derive") {
            run_derive();
        } else if (word == "group") {
            run_group();
        } else if (word == "lag") {
            run_lag();
        } else {
            run_winsorize();
        }
    }

    Panel panel_;
    const Preparation& steps_;
    const FrozenBounds* frozen_ = nullptr;
    FrozenBounds bounds_;
    std::vector<PreparationNote> notes_;
    std::int64_t clipped_ = 0;

  private:
    void run_interpolate();
    void run_perpetual_inventory();
    void run_derive();
    void run_group();
    void run_lag();
    void run_winsorize();
    FrozenBounds::Entry own_bounds(std::size_t index, const std::string& column, const Groups& groups) const;
    FrozenBounds::Entry frozen_bounds(std::size_t index, const std::string& column,
                                      const Groups& groups) const;
    void note(const char* kind, const std::string& column, std::int64_t cells, std::string detail) {
        notes_.push_back({kind, column, cells, std::move(detail)});
    }
};

void Runner::run_interpolate() {
    for (std::size_t i = 0; i < steps_.interpolate.size(); ++i) {
        const auto& spec = steps_.interpolate[i];
        const std::string where = step("interpolate", i);
        if (spec.columns.empty()) fail(where, "columns is empty");
        for (const auto& name : spec.columns) {
            require_column(panel_, name, where);
            require_free_name(panel_, name, where);
            const auto before = count_missing(panel_.number(name));
            panel_.set_number(name, interpolate(panel_, panel_.number(name), spec.extrapolate));
            const auto after = count_missing(panel_.number(name));
            note("interpolate", name, before - after, fmt::format("filled; {} still missing", after));
        }
    }
}

void Runner::run_perpetual_inventory() {
    for (std::size_t i = 0; i < steps_.perpetual_inventory.size(); ++i) {
        const auto& spec = steps_.perpetual_inventory[i];
        const std::string where = step("perpetual_inventory", i);
        require_free_name(panel_, spec.name, where);
        require_column(panel_, spec.investment, where);
        if (!spec.deflator.empty()) require_column(panel_, spec.deflator, where);
        if (!spec.depreciation_column.empty()) require_column(panel_, spec.depreciation_column, where);
        auto capital = perpetual_inventory(panel_, spec);
        note("perpetual_inventory", spec.name, static_cast<std::int64_t>(capital.size()), "stocks made");
        panel_.set_number(spec.name, std::move(capital), panel_.column(spec.investment).unit_of_measure);
    }
}

void Runner::run_derive() {
    for (std::size_t i = 0; i < steps_.derive.size(); ++i) {
        const auto& spec = steps_.derive[i];
        const std::string where = step("derive", i);
        require_free_name(panel_, spec.name, where);
        Evaluated made;
        try {
            made = evaluate(spec.expression, panel_, Fault::study);
        } catch (const Error& error) {
            if (error.fault() != Fault::study) throw;
            fail(where, fmt::format("{}: {}", spec.name, error.what()));
        }
        note("derive", spec.name, made.not_finite,
             fmt::format("results not finite, now missing; {} missing in all", count_missing(made.value)));
        panel_.set_number(spec.name, std::move(made.value), spec.unit_of_measure);
    }
}

void Runner::run_group() {
    std::vector<std::string> known = group_statistics();
    known.emplace_back("above_median");
    for (std::size_t i = 0; i < steps_.group.size(); ++i) {
        const auto& spec = steps_.group[i];
        const std::string where = step("group", i);
        require_free_name(panel_, spec.name, where);
        require_column(panel_, spec.column, where);
        if (!spec.by.empty()) require_column(panel_, spec.by, where, false);
        if (std::find(known.begin(), known.end(), spec.statistic) == known.end()) {
            fail(where, fmt::format("unknown statistic \"{}\"{}", spec.statistic,
                                    suggestion(spec.statistic, known)));
        }
        const Groups groups = groups_of(panel_, spec.by);
        const auto& values = panel_.number(spec.column);
        const bool split = spec.statistic == "above_median";
        auto made = spread(group_value(values, groups, split ? "median" : spec.statistic), groups);
        if (split) {
            for (std::size_t r = 0; r < made.size(); ++r) {
                const bool missing = std::isnan(values[r]) || std::isnan(made[r]);
                made[r] = missing ? nan : (values[r] > made[r] ? 1 : 0);  // ties are low, as Stata's xtile
            }
        }
        note("group", spec.name, static_cast<std::int64_t>(groups.label.size()), "groups");
        panel_.set_number(spec.name, std::move(made));
    }
}

void Runner::run_lag() {
    for (std::size_t i = 0; i < steps_.lag.size(); ++i) {
        const auto& spec = steps_.lag[i];
        const std::string where = step("lag", i);
        require_free_name(panel_, spec.name, where);
        require_column(panel_, spec.column, where);
        if (spec.periods == 0) fail(where, "periods is 0; give 1 for a lag, -1 for a lead");
        auto made = lag(panel_, panel_.number(spec.column), spec.periods);
        note("lag", spec.name, count_missing(made), "missing, the unit has no such period");
        panel_.set_number(spec.name, std::move(made), panel_.column(spec.column).unit_of_measure);
    }
}

FrozenBounds::Entry Runner::own_bounds(std::size_t index, const std::string& column,
                                       const Groups& groups) const {
    const auto& spec = steps_.winsorize[index];
    std::vector<std::vector<double>> members(groups.label.size());
    const auto& values = panel_.number(column);
    for (std::size_t r = 0; r < values.size(); ++r) {
        if (groups.code[r] >= 0) members[static_cast<std::size_t>(groups.code[r])].push_back(values[r]);
    }
    FrozenBounds::Entry entry{index, column, {}, {}, groups.label};
    for (const auto& group : members) {
        const ClipBounds bounds = clip_bounds(group, spec.low, spec.high, spec.rule);
        entry.low.push_back(bounds.low);
        entry.high.push_back(bounds.high);
    }
    return entry;
}

/// The baseline's bounds in the order of this panel's groups.
FrozenBounds::Entry Runner::frozen_bounds(std::size_t index, const std::string& column,
                                          const Groups& groups) const {
    const std::string where = step("winsorize", index);
    const auto found = std::find_if(frozen_->entries.begin(), frozen_->entries.end(), [&](const auto& entry) {
        return entry.step == index && entry.column == column;
    });
    if (found == frozen_->entries.end())
        fail(where, fmt::format("no baseline bounds of column \"{}\"", column));
    FrozenBounds::Entry entry{index, column, {}, {}, groups.label};
    for (const auto& label : groups.label) {
        const auto at = std::find(found->group.begin(), found->group.end(), label);
        if (at == found->group.end()) {
            fail(where, fmt::format(
                            "group \"{}\" of column \"{}\" does not exist in the baseline, so that it has no "
                            "bounds; winsorise by a column that no lever changes",
                            label, steps_.winsorize[index].by));
        }
        const auto g = static_cast<std::size_t>(at - found->group.begin());
        entry.low.push_back(found->low[g]);
        entry.high.push_back(found->high[g]);
    }
    return entry;
}

void Runner::run_winsorize() {
    for (std::size_t i = 0; i < steps_.winsorize.size(); ++i) {
        const auto& spec = steps_.winsorize[i];
        const std::string where = step("winsorize", i);
        if (spec.columns.empty()) fail(where, "columns is empty");
        if (!(spec.low >= 0 && spec.low < spec.high && spec.high <= 100)) {
            fail(where,
                 fmt::format("percentiles {} and {}: 0 <= low < high <= 100 is needed", spec.low, spec.high));
        }
        if (!spec.by.empty()) require_column(panel_, spec.by, where, false);
        const Groups groups = groups_of(panel_, spec.by);
        for (const auto& name : spec.columns) {
            require_column(panel_, name, where);
            require_free_name(panel_, name, where);
            const auto entry =
                frozen_ != nullptr ? frozen_bounds(i, name, groups) : own_bounds(i, name, groups);
            auto values = panel_.number(name);
            std::int64_t clipped = 0;
            for (std::size_t r = 0; r < values.size(); ++r) {
                if (std::isnan(values[r]) || groups.code[r] < 0) continue;
                const auto g = static_cast<std::size_t>(groups.code[r]);
                if (std::isnan(entry.low[g])) continue;  // the baseline's group had no value at all
                const double inside = std::clamp(values[r], entry.low[g], entry.high[g]);
                clipped += inside != values[r] ? 1 : 0;
                values[r] = inside;
            }
            panel_.set_number(name, std::move(values));
            clipped_ += clipped;
            note("winsorize", name, clipped,
                 groups.label.size() == 1
                     ? fmt::format("clipped to {:.6g} .. {:.6g}", entry.low[0], entry.high[0])
                     : fmt::format("clipped within {} groups of {}", groups.label.size(), spec.by));
            if (frozen_ == nullptr) bounds_.entries.push_back(entry);
        }
    }
}

}  // namespace

Prepared prepare(const Panel& panel, const Preparation& steps) {
    require_order(steps);
    Runner runner(panel, steps);
    const std::size_t derived = first_derived(steps);
    Prepared result;
    for (std::size_t i = 0; i < steps.order.size(); ++i) {
        if (i == derived) result.completed = runner.panel_;
        runner.run(steps.order[i]);
    }
    if (derived == steps.order.size()) result.completed = runner.panel_;
    result.panel = std::move(runner.panel_);
    result.bounds = std::move(runner.bounds_);
    result.notes = std::move(runner.notes_);
    return result;
}

Panel prepare_scenario(const Panel& changed, const Preparation& steps, const FrozenBounds& bounds,
                       std::int64_t& clipped) {
    require_order(steps);
    Runner runner(changed, steps);
    runner.frozen_ = &bounds;
    for (std::size_t i = first_derived(steps); i < steps.order.size(); ++i) runner.run(steps.order[i]);
    clipped = runner.clipped_;
    return std::move(runner.panel_);
}

}  // namespace greenfront

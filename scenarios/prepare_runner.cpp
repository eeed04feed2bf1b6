#include "scenarios/prepare_runner.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "scenarios/expression.hpp"

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
        fail(where, fmt::format("column \"{}\" holds text, not numbers ({})", name,
                                panel.texts_in(panel.column(name))));
}

/// A step may replace a column, but not the ones that name the rows.
void require_free_name(const Panel& panel, const std::string& name, const std::string& where) {
    if (name.empty()) fail(where, "name is empty");
    if (name == panel.unit_column || name == panel.time_column) {
        fail(where, fmt::format("\"{}\" names the panel's rows and cannot be overwritten", name));
    }
}

std::string place(const PreparationStep& step) {
    return fmt::format("{}.{}", step.word, step.index);
}

std::int64_t count_missing(const std::vector<double>& values) {
    return std::count_if(values.begin(), values.end(), [](double v) { return std::isnan(v); });
}

void require_order(const Preparation& steps) {
    const auto& known = preparation_words();
    for (std::size_t i = 0; i < steps.order.size(); ++i) {
        const std::string& word = steps.order[i];
        if (std::find(known.begin(), known.end(), word) == known.end())
            fail("order", fmt::format("unknown step \"{}\"{}", word, suggestion(word, known)));
        const auto here = steps.order.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(steps.order.begin(), here, word) != here)
            fail("order", fmt::format("\"{}\" stands twice", word));
    }
}

/// The steps of one word in the order of the study.
std::vector<PreparationStep> steps_of(const std::string& word, const Preparation& steps) {
    std::vector<PreparationStep> result;
    const auto plain = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) result.push_back({word, i, {}});
    };
    const auto by_column = [&](const auto& list) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (list[i].columns.empty()) fail(fmt::format("{}.{}", word, i), "columns is empty");
            for (const auto& column : list[i].columns) result.push_back({word, i, column});
        }
    };
    if (word == "interpolate") by_column(steps.interpolate);
    if (word == "perpetual_inventory") plain(steps.perpetual_inventory.size());
    if (word == "derive") plain(steps.derive.size());
    if (word == "group") plain(steps.group.size());
    if (word == "lag") plain(steps.lag.size());
    if (word == "winsorize") by_column(steps.winsorize);
    return result;
}

}  // namespace

const std::vector<std::string>& preparation_words() {
    static const std::vector<std::string> words{
        "interpolate", "perpetual_inventory", "derive", "group", "lag", "winsorize"};
    return words;
}

PreparationOrder preparation_order(const Preparation& steps) {
    require_order(steps);
    for (const auto& word : preparation_words()) {
        const bool listed = std::find(steps.order.begin(), steps.order.end(), word) != steps.order.end();
        if (!listed && !steps_of(word, steps).empty()) {
            fail("order",
                 fmt::format("the study has {} steps, but order does not name \"{}\"; add it", word, word));
        }
    }
    PreparationOrder order;
    bool deriving = false;
    for (const auto& word : steps.order) {
        deriving = deriving || word == "derive" || word == "group" || word == "lag";
        auto& list = deriving ? order.deriving : order.completing;
        for (auto& step : steps_of(word, steps)) list.push_back(std::move(step));
    }
    return order;
}

std::vector<std::string> columns_read(const PreparationStep& step, const Preparation& steps,
                                      const Panel& panel) {
    const std::size_t i = step.index;
    std::vector<std::string> names;
    if (step.word == "interpolate") {
        names = {step.column};
    } else if (step.word == "perpetual_inventory") {
        const auto& spec = steps.perpetual_inventory[i];
        names = {spec.investment, spec.deflator, spec.depreciation_column};
    } else if (step.word == "derive") {
        names = columns_read(steps.derive[i].expression, panel);
    } else if (step.word == "group") {
        names = {steps.group[i].column, steps.group[i].by};
    } else if (step.word == "lag") {
        names = {steps.lag[i].column};
    } else {
        names = {step.column, steps.winsorize[i].by};
    }
    std::erase(names, std::string());
    return names;
}

std::string column_written(const PreparationStep& step, const Preparation& steps) {
    if (step.word == "perpetual_inventory") return steps.perpetual_inventory[step.index].name;
    if (step.word == "derive") return steps.derive[step.index].name;
    if (step.word == "group") return steps.group[step.index].name;
    if (step.word == "lag") return steps.lag[step.index].name;
    return step.column;
}

void PreparationRunner::run(const PreparationStep& step) {
    if (step.word == "interpolate") {
        interpolate(step);
    } else if (step.word == "perpetual_inventory") {
        perpetual_inventory(step);
    } else if (step.word == "derive") {
        derive(step);
    } else if (step.word == "group") {
        group(step);
    } else if (step.word == "lag") {
        lag(step);
    } else {
        winsorize(step);
    }
}

void PreparationRunner::interpolate(const PreparationStep& step) {
    require_column(panel_, step.column, place(step));
    require_free_name(panel_, step.column, place(step));
    const auto before = count_missing(panel_.number(step.column));
    panel_.set_number(step.column, greenfront::interpolate(panel_, panel_.number(step.column),
                                                           steps_.interpolate[step.index].extrapolate));
    const auto after = count_missing(panel_.number(step.column));
    note("interpolate", step.column, before - after, fmt::format("filled; {} still missing", after));
}

void PreparationRunner::perpetual_inventory(const PreparationStep& step) {
    const auto& spec = steps_.perpetual_inventory[step.index];
    const std::string where = place(step);
    require_free_name(panel_, spec.name, where);
    require_column(panel_, spec.investment, where);
    if (!spec.deflator.empty()) require_column(panel_, spec.deflator, where);
    if (!spec.depreciation_column.empty()) require_column(panel_, spec.depreciation_column, where);
    auto capital = greenfront::perpetual_inventory(panel_, spec);
    note("perpetual_inventory", spec.name, static_cast<std::int64_t>(capital.size()), "stocks made");
    panel_.set_number(spec.name, std::move(capital), panel_.column(spec.investment).unit_of_measure);
}

void PreparationRunner::derive(const PreparationStep& step) {
    const auto& spec = steps_.derive[step.index];
    require_free_name(panel_, spec.name, place(step));
    Evaluated made;
    try {
        made = evaluate(spec.expression, panel_, Fault::study);
    } catch (const Error& error) {
        if (error.fault() != Fault::study) throw;
        fail(place(step), fmt::format("{}: {}", spec.name, error.what()));
    }
    note("derive", spec.name, made.not_finite,
         fmt::format("results not finite, now missing; {} missing in all", count_missing(made.value)));
    panel_.set_number(spec.name, std::move(made.value), spec.unit_of_measure);
}

void PreparationRunner::group(const PreparationStep& step) {
    const auto& spec = steps_.group[step.index];
    const std::string where = place(step);
    std::vector<std::string> known = group_statistics();
    known.emplace_back("above_median");
    require_free_name(panel_, spec.name, where);
    require_column(panel_, spec.column, where);
    if (!spec.by.empty()) require_column(panel_, spec.by, where, false);
    if (std::find(known.begin(), known.end(), spec.statistic) == known.end()) {
        fail(where,
             fmt::format("unknown statistic \"{}\"{}", spec.statistic, suggestion(spec.statistic, known)));
    }
    const Groups groups = groups_of(panel_, spec.by);
    const auto& values = panel_.number(spec.column);
    const bool split = spec.statistic == "above_median";
    auto made = spread(split ? medians(step, groups) : group_value(values, groups, spec.statistic), groups);
    if (split) {
        for (std::size_t r = 0; r < made.size(); ++r) {
            const bool missing = std::isnan(values[r]) || std::isnan(made[r]);
            made[r] = missing ? nan : (values[r] > made[r] ? 1 : 0);  // ties are low, as Stata's xtile
        }
    }
    note("group", spec.name, static_cast<std::int64_t>(groups.label.size()), "groups");
    panel_.set_number(spec.name, std::move(made));
}

std::vector<double> PreparationRunner::medians(const PreparationStep& step, const Groups& groups) {
    const auto& spec = steps_.group[step.index];
    if (frozen_ == nullptr) {
        auto own = group_value(panel_.number(spec.column), groups, "median");
        bounds.medians.push_back({step.index, own, groups.label});
        return own;
    }
    const auto found = std::find_if(frozen_->medians.begin(), frozen_->medians.end(),
                                    [&](const auto& entry) { return entry.step == step.index; });
    if (found == frozen_->medians.end())
        fail(place(step), fmt::format("no baseline median of column \"{}\"", spec.column));
    std::vector<double> value;
    for (const auto& label : groups.label) {
        const auto at = std::find(found->group.begin(), found->group.end(), label);
        if (at == found->group.end()) {
            fail(place(step), fmt::format("group \"{}\" of column \"{}\" does not exist in the baseline, so "
                                          "that it has no median; group by a column that no lever changes",
                                          label, spec.by));
        }
        value.push_back(found->value[static_cast<std::size_t>(at - found->group.begin())]);
    }
    return value;
}

void PreparationRunner::lag(const PreparationStep& step) {
    const auto& spec = steps_.lag[step.index];
    require_free_name(panel_, spec.name, place(step));
    require_column(panel_, spec.column, place(step));
    if (spec.periods == 0) fail(place(step), "periods is 0; give 1 for a lag, -1 for a lead");
    auto made = greenfront::lag(panel_, panel_.number(spec.column), spec.periods);
    note("lag", spec.name, count_missing(made), "missing, the unit has no such period");
    panel_.set_number(spec.name, std::move(made), panel_.column(spec.column).unit_of_measure);
}

FrozenBounds::Entry PreparationRunner::own_bounds(const PreparationStep& step, const Groups& groups) const {
    const auto& spec = steps_.winsorize[step.index];
    std::vector<std::vector<double>> members(groups.label.size());
    const auto& values = panel_.number(step.column);
    for (std::size_t r = 0; r < values.size(); ++r) {
        if (groups.code[r] >= 0) members[static_cast<std::size_t>(groups.code[r])].push_back(values[r]);
    }
    FrozenBounds::Entry entry{step.index, step.column, {}, {}, groups.label};
    for (const auto& member : members) {
        const ClipBounds own = clip_bounds(member, spec.low, spec.high, spec.rule);
        entry.low.push_back(own.low);
        entry.high.push_back(own.high);
    }
    return entry;
}

/// The baseline's bounds in the order of this panel's groups.
FrozenBounds::Entry PreparationRunner::frozen_bounds(const PreparationStep& step,
                                                     const Groups& groups) const {
    const auto found = std::find_if(frozen_->entries.begin(), frozen_->entries.end(), [&](const auto& entry) {
        return entry.step == step.index && entry.column == step.column;
    });
    if (found == frozen_->entries.end())
        fail(place(step), fmt::format("no baseline bounds of column \"{}\"", step.column));
    FrozenBounds::Entry entry{step.index, step.column, {}, {}, groups.label};
    for (const auto& label : groups.label) {
        const auto at = std::find(found->group.begin(), found->group.end(), label);
        if (at == found->group.end()) {
            fail(place(step),
                 fmt::format("group \"{}\" of column \"{}\" does not exist in the baseline, so "
                             "that it has no bounds; winsorise by a column that no lever changes",
                             label, steps_.winsorize[step.index].by));
        }
        const auto g = static_cast<std::size_t>(at - found->group.begin());
        entry.low.push_back(found->low[g]);
        entry.high.push_back(found->high[g]);
    }
    return entry;
}

void PreparationRunner::winsorize(const PreparationStep& step) {
    const auto& spec = steps_.winsorize[step.index];
    const std::string where = place(step);
    if (!(spec.low >= 0 && spec.low < spec.high && spec.high <= 100)) {
        fail(where,
             fmt::format("percentiles {} and {}: 0 <= low < high <= 100 is needed", spec.low, spec.high));
    }
    if (!spec.by.empty()) require_column(panel_, spec.by, where, false);
    require_column(panel_, step.column, where);
    require_free_name(panel_, step.column, where);
    const Groups groups = groups_of(panel_, spec.by);
    const auto entry = frozen_ != nullptr ? frozen_bounds(step, groups) : own_bounds(step, groups);
    auto values = panel_.number(step.column);
    std::int64_t moved = 0;
    for (std::size_t r = 0; r < values.size(); ++r) {
        if (std::isnan(values[r]) || groups.code[r] < 0) continue;
        const auto g = static_cast<std::size_t>(groups.code[r]);
        if (std::isnan(entry.low[g])) continue;  // the baseline's group had no value at all
        const double inside = std::clamp(values[r], entry.low[g], entry.high[g]);
        moved += inside != values[r] ? 1 : 0;
        values[r] = inside;
    }
    panel_.set_number(step.column, std::move(values));
    clipped += moved;
    note("winsorize", step.column, moved,
         groups.label.size() == 1
             ? fmt::format("clipped to {:.6g} .. {:.6g}", entry.low[0], entry.high[0])
             : fmt::format("clipped within {} groups of {}", groups.label.size(), spec.by));
    if (frozen_ == nullptr) bounds.entries.push_back(entry);
}

}  // namespace greenfront

// Makes levers ready for a panel.
#include "scenarios/lever_program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "kernels/error.hpp"
#include "scenarios/expression.hpp"
#include "scenarios/groups.hpp"

namespace greenfront {
namespace levers {
namespace {

void require_path(const std::string& where, const Path& path, const Panel& panel) {
    const std::vector<std::string> shapes{"step", "linear", "logistic"};
    if (std::find(shapes.begin(), shapes.end(), path.shape) == shapes.end()) {
        const std::string near = nearest(path.shape, shapes);
        fail(where, fmt::format("unknown path shape \"{}\"{}", path.shape,
                                near.empty() ? "; use step, linear or logistic"
                                             : fmt::format("; did you mean \"{}\"?", near)));
    }
    if (path.shape == "step" && path.length != 0) {
        fail(where,
             fmt::format("a step has no length, but length is {}; use linear or logistic for a build-up",
                         path.length));
    }
    if (path.shape != "step" && path.length < 1)
        fail(where, fmt::format("a {} path needs a length of at least 1 period", path.shape));
    if (path.shape != "step" && !panel.has_time())
        fail(where, fmt::format("a {} path needs a time column", path.shape));
    if (panel.has_time() && !panel.time_value.empty() && path.start > panel.time_value.back()) {
        fail(where, fmt::format("the path starts in {}, and the panel ends in {}: no row would change",
                                path.start, panel.time_value.back()));
    }
}

/// The rows where the lever acts, and its path there.
void place(Acting& acting, const Panel& baseline) {
    const AppliedLever& applied = acting.applied;
    const std::string where = "lever " + applied.lever.name;
    require_path(where, applied.path, baseline);
    std::vector<char> chosen;
    try {
        chosen = select(applied.where, baseline, Fault::study);
    } catch (const Error& error) {
        fail(where, fmt::format("where: {}", error.what()));
    }
    if (std::find(chosen.begin(), chosen.end(), char{1}) == chosen.end())
        fail(where, fmt::format("the selector \"{}\" selects no row; see the values with \"greenfront "
                                "prepare\"",
                                applied.where));
    for (const auto time : baseline.time_value) acting.built_up.push_back(applied.path.at(time));
    if (!baseline.has_time()) acting.built_up = {1};
    for (std::size_t r = 0; r < chosen.size(); ++r) {
        const auto period = static_cast<std::uint32_t>(baseline.time[r]);
        if (!chosen[r] || !(acting.built_up[period] > 0)) continue;
        acting.row.push_back(static_cast<std::uint32_t>(r));
        acting.period.push_back(period);
        acting.path_sum += acting.built_up[period];
    }
    if (acting.row.empty())
        fail(where, fmt::format("the path starts in {}, after the last period of every row that \"{}\" "
                                "selects; start earlier or select more",
                                applied.path.start, applied.where));
}

[[noreturn]] void no_column(const std::string& where, const std::string& what, const std::string& column,
                            const Panel& panel) {
    std::vector<std::string> known;
    for (const auto& one : panel.columns()) known.push_back(one.name);
    const std::string near = nearest(column, known);
    fail(where, fmt::format("{} \"{}\", and {} has no such column{}", what, column, panel.source,
                            near.empty() ? "; choose one of its columns or add it to the file"
                                         : fmt::format("; did you mean \"{}\"?", near)));
}

std::size_t index_of(const Panel& panel, const std::string& name) {
    const auto& columns = panel.columns();
    return static_cast<std::size_t>(
        std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; }) -
        columns.begin());
}

/// The index of a column that an operation may move.
std::size_t moved_column(const std::string& where, const std::string& variable, const Panel& completed,
                         const Panel& baseline) {
    if (!completed.has(variable)) {
        if (baseline.has(variable)) {
            fail(where,
                 fmt::format("\"{}\" is derived by the study and follows from other columns; move those "
                             "instead",
                             variable));
        }
        no_column(where, "it moves", variable, completed);
    }
    if (completed.column(variable).text || variable == completed.unit_column ||
        variable == completed.time_column) {
        fail(where, fmt::format("\"{}\" is no measured quantity and cannot move; name a column of amounts",
                                variable));
    }
    return index_of(completed, variable);
}

/// Rows of the same period and the same value of `within`.
Groups scopes(const std::string& where, const std::string& within, const Panel& completed,
              const Panel& baseline) {
    Groups years =
        completed.has_time() ? groups_of(completed, completed.time_column) : groups_of(completed, "");
    if (within.empty()) return years;
    if (!baseline.has(within)) no_column(where, "within =", within, baseline);
    const Groups by = groups_of(baseline, within);
    const auto periods = static_cast<std::int32_t>(years.label.size());
    Groups both;
    both.label.resize(years.label.size() * by.label.size());
    for (std::size_t r = 0; r < by.code.size(); ++r)
        both.code.push_back(by.code[r] < 0 || years.code[r] < 0 ? -1 : by.code[r] * periods + years.code[r]);
    return both;
}

std::vector<double> targets(const std::string& where, const Operation& o, const Panel& completed,
                            const Panel& baseline) {
    const Groups groups = scopes(where, o.within, completed, baseline);
    const auto& values = completed.number(o.variable);
    if (o.target.word == "mean") return spread(group_value(values, groups, "mean"), groups);
    if (o.target.word == "leader")
        return spread(group_value(values, groups, o.from_above ? "min" : "max"), groups);
    return spread(group_percentile(values, groups, o.target.percentile), groups);
}

std::vector<double> at_rows(const std::vector<double>& values, const std::vector<std::uint32_t>& rows) {
    std::vector<double> result;
    result.reserve(rows.size());
    for (const auto r : rows) result.push_back(values[r]);
    return result;
}

std::vector<double> weights(const std::string& where, const Operation& o, const Panel& baseline) {
    try {
        return evaluate(o.weight, baseline, Fault::study).value;
    } catch (const Error& error) {
        fail(where, fmt::format("weight: {}", error.what()));
    }
}

Move ready(const Acting& acting, std::size_t position, const Panel& completed, const Panel& baseline) {
    const Operation& o = acting.applied.lever.operations[position];
    const std::string where = name_of(acting.applied.lever, position);
    Move move;
    move.kind = form_of(o.type)->kind;
    move.operation = position;
    move.column = moved_column(where, o.variable, completed, baseline);
    move.bounded_below = o.minimum.has_value();
    move.low = o.minimum.value_or(0);
    move.high = o.maximum.value_or(std::numeric_limits<double>::max());
    if (move.kind == Kind::close_gap && o.target.word != "value")
        move.target = at_rows(targets(where, o, completed, baseline), acting.row);
    if (!o.weight.empty()) move.weight = at_rows(weights(where, o, baseline), acting.row);
    if (!o.driver.empty()) {
        move.driver = moved_column(where, o.driver, completed, baseline);
        const auto& moves = acting.moves;
        if (std::none_of(moves.begin(), moves.end(),
                         [&](const Move& earlier) { return earlier.column == move.driver; }))
            fail(where, fmt::format("no earlier operation of this lever moves the driver \"{}\"; put one "
                                    "before it, or respond to the intensity with base",
                                    o.driver));
    }
    return move;
}

}  // namespace
}  // namespace levers

LeverProgram::LeverProgram(const Panel& completed, const Panel& baseline, std::vector<AppliedLever> applied) {
    if (completed.rows() != baseline.rows() || completed.file_row != baseline.file_row)
        throw Error(Fault::study, "levers: the completed and the prepared panel have different rows");
    auto made = std::make_shared<Compiled>();
    const auto add = [&](const Uncertain& parameter, const std::string& lever, const std::string& key) {
        if (parameter.drawn()) made->drawn.push_back({made->parameters.size(), stream_of(lever, key)});
        made->parameters.push_back(parameter);
        made->point.push_back(point_value(parameter));
    };
    std::set<std::size_t> columns;
    for (auto& one : applied) {
        require_lever(one.lever);
        levers::Acting acting;
        acting.applied = std::move(one);
        const Lever& lever = acting.applied.lever;
        levers::place(acting, baseline);
        acting.cost_parameter = made->parameters.size();
        add(lever.cost_per_unit, lever.name, "cost_per_unit");
        for (std::size_t o = 0; o < lever.operations.size(); ++o) {
            acting.moves.push_back(levers::ready(acting, o, completed, baseline));
            acting.moves.back().parameter = made->parameters.size();
            columns.insert(acting.moves.back().column);
            for (const auto& [key, parameter] : levers::parameters_of(lever.operations[o]))
                add(*parameter, lever.name, fmt::format("operations.{}.{}", o, key));
        }
        made->levers.push_back(std::move(acting));
    }
    made->columns.assign(columns.begin(), columns.end());
    for (const auto c : made->columns) made->start.push_back(completed.columns()[c].number);
    made->room = std::max<std::size_t>(1, completed.time_value.size());
    for (auto& acting : made->levers) {
        for (auto& move : acting.moves) {
            const auto position = [&](std::size_t column) {
                return static_cast<std::size_t>(
                    std::lower_bound(made->columns.begin(), made->columns.end(), column) -
                    made->columns.begin());
            };
            move.column = position(move.column);
            if (move.driver == levers::none) continue;
            move.driver = position(move.driver);
            move.driver_room = made->room;
            made->room += acting.row.size();
        }
    }
    Panel& rows = made->rows;
    rows.source = completed.source;
    rows.unit_column = completed.unit_column;
    rows.time_column = completed.time_column;
    rows.unit_name = completed.unit_name;
    rows.time_value = completed.time_value;
    rows.unit = completed.unit;
    rows.time = completed.time;
    rows.file_row = completed.file_row;
    compiled_ = std::move(made);
}

LeverProgram::Parameters LeverProgram::point() const {
    return {compiled_->point};
}

LeverProgram::Parameters LeverProgram::draw(std::uint64_t seed, std::uint64_t replicate) const {
    Parameters drawn{compiled_->point};
    for (const auto& [position, stream] : compiled_->drawn)
        drawn.value[position] =
            quantile(compiled_->parameters[position], uniform_of(seed, stream, replicate));
    return drawn;
}

bool LeverProgram::uncertain() const {
    return !compiled_->drawn.empty();
}

bool LeverProgram::costed() const {
    return std::any_of(compiled_->levers.begin(), compiled_->levers.end(),
                       [](const levers::Acting& acting) { return acting.applied.lever.costed(); });
}

const std::vector<std::size_t>& LeverProgram::columns() const {
    return compiled_->columns;
}

void LeverProgram::check(const std::vector<double>& intensity) const {
    Outcome outcome;
    apply(intensity, point(), outcome);
    if (!uncertain()) return;
    Parameters least = point(), greatest = least;
    for (const auto& drawn : compiled_->drawn) {
        least.value[drawn.position] = least_draw(compiled_->parameters[drawn.position]);
        greatest.value[drawn.position] = greatest_draw(compiled_->parameters[drawn.position]);
    }
    apply(intensity, least, outcome);
    apply(intensity, greatest, outcome);
}

}  // namespace greenfront

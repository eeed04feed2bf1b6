// Applies levers that are ready. A row sees the operations one after the other; no row sees another one, so
// that the order of rows cannot matter.
#include <fmt/format.h>

#include <cassert>
#include <cmath>

#include "scenarios/lever_program.hpp"

namespace greenfront {
namespace levers {
namespace {

/// What one operation of one scenario needs.
struct Task {
    const LeverProgram::Compiled& program;
    const Acting& acting;
    const Move& move;
    const double* parameter;  ///< the operation's
    double intensity;
    std::vector<std::vector<double>>& value;
    double* room;  ///< periods, then drivers
    double& cost;

    [[nodiscard]] std::string name() const { return name_of(acting.applied.lever, move.operation); }
    [[nodiscard]] std::string place(std::size_t row) const {
        const Panel& p = program.rows;
        std::string text = fmt::format("{}: row {}", p.source, p.file_row[row]);
        if (!p.unit_column.empty())
            text += fmt::format(", {} {}", p.unit_column, p.unit_name[static_cast<std::size_t>(p.unit[row])]);
        if (p.has_time())
            text +=
                fmt::format(", {} {}", p.time_column, p.time_value[static_cast<std::size_t>(p.time[row])]);
        return text;
    }
};

/// A result outside of low..high, or of a missing value: bounds stop what the operation moves, and leave what
/// lay beyond them before.
double settled(const Task& task, std::size_t row, double before, double after) {
    if (std::isnan(before)) return before;
    const Move& m = task.move;
    if (!std::isfinite(after)) {
        fail(task.name(), fmt::format("{}: the result is not finite ({} becomes {}); lower the intensity, or "
                                      "give a maximum",
                                      task.place(row), before, after));
    }
    if (after > m.high) return after > before ? std::max(before, m.high) : after;
    if (after >= m.low || after >= before) return after;
    if (m.bounded_below) return std::min(before, m.low);
    if (before < 0) return after;
    fail(task.name(), fmt::format("{}: the result is negative ({} becomes {:.6g}); lower the intensity or "
                                  "per_unit, or give a minimum",
                                  task.place(row), before, after));
}

template <class Result>
void each_row(const Task& task, Result result) {
    std::vector<double>& values = task.value[task.move.column];
    const double rate = task.parameter[cost], low = task.move.low, high = task.move.high;
    const auto& rows = task.acting.row;
    double moved = 0;
    for (std::size_t k = 0; k < rows.size(); ++k) {
        const std::size_t r = rows[k];
        const double before = values[r];
        double after = result(before, k);
        if (!(after >= low && after <= high)) after = settled(task, r, before, after);
        if (rate != 0 && !std::isnan(before)) moved += std::abs(after - before);
        values[r] = after;
    }
    if (rate != 0) task.cost += rate * moved;
}

/// A number for each period, made from the intensity there.
template <class Make>
const double* by_period(const Task& task, Make make) {
    const auto& built_up = task.acting.built_up;
    for (std::size_t t = 0; t < built_up.size(); ++t)
        task.room[t] = built_up[t] > 0 ? make(task.intensity * built_up[t]) : 0;
    return task.room;
}

void scale(const Task& task) {
    const double* factor = by_period(task, [&](double i) {
        const double f = 1 + task.parameter[per_unit] * i;
        if (f < 0 && !task.move.bounded_below) {
            fail(task.name(),
                 fmt::format("intensity {} turns the sign (factor {:.6g}); lower it or per_unit, "
                             "or give a minimum",
                             i, f));
        }
        return f;
    });
    const auto& period = task.acting.period;
    each_row(task, [&](double x, std::size_t k) { return x * factor[period[k]]; });
}

void shift(const Task& task) {
    const double* step = by_period(task, [&](double i) { return task.parameter[per_unit] * i; });
    const auto& period = task.acting.period;
    const auto& weight = task.move.weight;
    if (weight.empty()) {
        each_row(task, [&](double x, std::size_t k) { return x + step[period[k]]; });
    } else {
        each_row(task, [&](double x, std::size_t k) {
            return std::isnan(weight[k]) ? x : x + step[period[k]] * weight[k];
        });
    }
}

/// The share of the way that a period's intensity goes.
const double* shares(const Task& task) {
    return by_period(task, [&](double i) {
        const double share = task.parameter[per_unit] * i;
        if (!(share >= 0 && share <= 1)) {
            fail(task.name(), fmt::format("intensity {} goes {:.6g} of the {}; it must lie in 0..1", i, share,
                                          task.move.kind == Kind::close_gap ? "gap" : "way"));
        }
        return share;
    });
}

/// x + share (T - x) where x lies on the side of T that `moves` tells.
template <class Target, class Moves>
void approach(const Task& task, Target target, Moves moves) {
    const double* share = shares(task);
    const auto& period = task.acting.period;
    each_row(task, [&](double x, std::size_t k) {
        const double s = share[period[k]], T = target(k);
        return moves(x, T) && s > 0 ? x + s * (T - x) : x;
    });
}

constexpr auto is_below = [](double x, double T) { return x < T; };
constexpr auto is_above = [](double x, double T) { return x > T; };
constexpr auto is_elsewhere = [](double x, double T) { return x != T; };

void close_gap(const Task& task) {
    const bool from_above = task.acting.applied.lever.operations[task.move.operation].from_above;
    const auto& target = task.move.target;
    const double one = task.parameter[value];
    const auto own = [&](std::size_t k) { return target[k]; };
    const auto common = [&](std::size_t) { return one; };
    if (target.empty()) {
        from_above ? approach(task, common, is_above) : approach(task, common, is_below);
    } else {
        from_above ? approach(task, own, is_above) : approach(task, own, is_below);
    }
}

void respond_to_intensity(const Task& task) {
    const double from = task.parameter[base], e = task.parameter[elasticity];
    if (!(from > 0))
        fail(task.name(), fmt::format("base is {}; it must be positive, as a price or rate is", from));
    const double* factor = by_period(task, [&](double i) {
        const double ratio = 1 + i / from;
        if (!(ratio > 0))
            fail(task.name(), fmt::format("intensity {} takes away all of the base {}; it must stay above {}",
                                          i, from, -from));
        return std::pow(ratio, e);
    });
    const auto& period = task.acting.period;
    each_row(task, [&](double x, std::size_t k) { return x * factor[period[k]]; });
}

void respond_to_driver(const Task& task) {
    const double* before = task.room + task.move.driver_room;
    const auto& now = task.value[task.move.driver];
    const double e = task.parameter[elasticity];
    each_row(task, [&](double x, std::size_t k) {
        const std::size_t r = task.acting.row[k];
        if (std::isnan(before[k]) || now[r] == before[k]) return x;
        if (!(before[k] > 0 && now[r] >= 0)) {
            fail(task.name(), fmt::format("{}: the driver goes from {} to {}; an elasticity needs positive "
                                          "amounts, leave the row out by where",
                                          task.place(r), before[k], now[r]));
        }
        const double ratio = now[r] / before[k];
        return x * (e == 1 ? ratio : std::pow(ratio, e));  // what follows its driver needs no power
    });
}

void assign(const Task& task) {
    const auto& operation = task.acting.applied.lever.operations[task.move.operation];
    if (!(task.intensity > operation.threshold)) return;
    const double status = task.parameter[value];
    each_row(task, [&](double x, std::size_t) { return std::isnan(x) ? x : status; });
}

void perform(const Task& task) {
    const auto common = [&](std::size_t) { return task.parameter[value]; };
    switch (task.move.kind) {
        case Kind::scale:
            return scale(task);
        case Kind::shift:
            return shift(task);
        case Kind::set:
            return approach(task, common, is_elsewhere);
        case Kind::cap:
            return approach(task, common, is_above);
        case Kind::floor:
            return approach(task, common, is_below);
        case Kind::close_gap:
            return close_gap(task);
        case Kind::elasticity:
            return task.move.driver == none ? respond_to_intensity(task) : respond_to_driver(task);
        case Kind::assign:
            return assign(task);
    }
}

}  // namespace
}  // namespace levers

void LeverProgram::apply(const std::vector<double>& intensity, const Parameters& parameters,
                         Outcome& out) const {
    const Compiled& program = *compiled_;
    assert(intensity.size() == program.levers.size() && parameters.value.size() == program.point.size());
    out.value.resize(program.columns.size());
    for (std::size_t c = 0; c < program.columns.size(); ++c) out.value[c] = program.start[c];
    out.cost.assign(program.levers.size(), 0);
    out.room.resize(program.room);
    for (std::size_t l = 0; l < program.levers.size(); ++l) {
        const levers::Acting& acting = program.levers[l];
        if (!std::isfinite(intensity[l]))
            levers::fail("lever " + acting.applied.lever.name, "the intensity is not a number");
        if (intensity[l] == 0) continue;
        for (const auto& move : acting.moves) {
            if (move.driver == levers::none) continue;
            for (std::size_t k = 0; k < acting.row.size(); ++k)
                out.room[move.driver_room + k] = out.value[move.driver][acting.row[k]];
        }
        out.cost[l] = parameters.value[acting.cost_parameter] * (intensity[l] * acting.path_sum);
        for (const auto& move : acting.moves)
            levers::perform({program, acting, move, parameters.value.data() + move.parameter, intensity[l],
                             out.value, out.room.data(), out.cost[l]});
    }
}

}  // namespace greenfront

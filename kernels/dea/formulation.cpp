#include "kernels/dea/formulation.hpp"

#include <algorithm>

namespace greenfront::dea {
namespace {

double weight_of(const Shape& shape, const Settings& settings, int i) {
    if (shape.is_input(i)) {
        return settings.input_weights.size() > 0 ? settings.input_weights[i] : 1.0 / shape.m;
    }
    return settings.output_weights.size() > 0 ? settings.output_weights[i - shape.m]
                                              : 1.0 / (shape.s1 + shape.s2);
}

/// Rows whose right side is t, theta or phi rather than a constant.
bool moves(const Shape& shape, int i) {
    if (shape.fractional()) return true;
    if (shape.model != Model::radial) return false;
    return shape.orientation == Orientation::input ? shape.is_input(i) : shape.is_good(i);
}

/// The unit itself: lambda_o = 1, every slack 0. One basic column for each row; where the intensity and the
/// special column need rows, a slack with a positive value gives its row up.
void write_start(const Shape& shape, const Unit& unit, std::int32_t self, lp::Problem& problem) {
    const int n = shape.variables();
    int give_up_special = -1, give_up_self = -1;
    if (shape.model == Model::radial) {
        for (int i = 0; i < n && give_up_special < 0; ++i) {
            if (moves(shape, i) && unit.value[i] > 0) give_up_special = i;
        }
    }
    if (shape.returns == Returns::crs) {
        // Any other row with a positive value; goods first, then inputs.
        const auto free_row = [&](int i) {
            return unit.value[i] > 0 && !(shape.model == Model::radial && moves(shape, i));
        };
        for (int i = shape.m; i < n && give_up_self < 0; ++i) {
            if (free_row(i)) give_up_self = i;
        }
        for (int i = 0; i < shape.m && give_up_self < 0; ++i) {
            if (free_row(i)) give_up_self = i;
        }
    }
    std::size_t k = 0;
    const auto put = [&](std::int32_t code) {
        if (k < problem.start.size()) problem.start[k++] = code;
    };
    for (int i = 0; i < n; ++i) {
        if (i != give_up_special && i != give_up_self) put(i);
    }
    if (shape.has_special()) put(shape.special());
    put(problem.extra_width + self);
    while (k < problem.start.size())
        put(-static_cast<std::int32_t>(k) - 1);  // not a basis: a first phase follows
}

}  // namespace

Shape::Shape(const Technology& technology, const Settings& settings)
    : m(technology.m),
      s1(technology.s1),
      s2(technology.s2),
      model(settings.model),
      orientation(settings.orientation),
      returns(settings.returns) {}

bool Shape::scored(int i) const {
    if (model != Model::sbm) return false;
    if (orientation == Orientation::none) return true;
    return is_input(i) == (orientation == Orientation::input);
}

Status read_unit(const Shape& shape, const Technology& technology, const Settings& settings,
                 const Quantities& evaluated, Eigen::Index o, Unit& unit) {
    unit.factor = technology.factor_of(evaluated, o);
    unit.row_scale[shape.variables()] = 1.0 / unit.factor;
    unit.zero_terms = 0;
    bool any_moving = shape.model != Model::radial || shape.orientation != Orientation::input;
    for (int i = 0; i < shape.variables(); ++i) {
        const double v = value_of(evaluated, i, o);
        unit.value[i] = v;
        unit.row_unit[i] = v > 0 ? 1.0 / v : technology.row_factor[i] * unit.factor;
        unit.row_scale[i] = unit.row_unit[i] / (technology.row_factor[i] * unit.factor);
        any_moving = any_moving || (shape.is_input(i) && v > 0);
        if (!shape.scored(i) || v > 0) continue;
        if (!shape.is_good(i)) {
            ++unit.zero_terms;
        } else if (!settings.drop_zero_outputs) {
            return Status::undefined;  // 0/0: a relative shortfall of nothing
        }
    }
    return any_moving ? Status::optimal : Status::undefined;  // theta x_o with x_o = 0
}

void write_frame(const Shape& shape, lp::Problem& problem) {
    for (int i = 0; i < shape.variables(); ++i) problem.entry(i, i) = shape.is_good(i) ? -1.0 : 1.0;
    const int returns_row = shape.variables();
    if (shape.returns_slack()) {
        problem.entry(returns_row, shape.extras() - 1) = shape.returns == Returns::nirs ? 1.0 : -1.0;
    }
    std::fill(problem.cost.begin(), problem.cost.begin() + shape.extras(), 0.0);
    if (shape.fractional()) {
        const int normalisation = shape.rows() - 1;
        problem.entry(normalisation, shape.special()) = 1.0;
        problem.rhs[static_cast<std::size_t>(normalisation)] = 1.0;
        if (shape.returns != Returns::crs) problem.entry(returns_row, shape.special()) = -1.0;
    } else if (shape.returns != Returns::crs) {
        problem.rhs[static_cast<std::size_t>(returns_row)] = 1.0;
    }
    if (shape.has_special()) {
        const bool maximise = shape.model == Model::radial && shape.orientation == Orientation::output;
        problem.cost[static_cast<std::size_t>(shape.special())] = maximise ? -1.0 : 1.0;
    }
}

void write_unit(const Shape& shape, const Settings& settings, const Unit& unit, std::int32_t self,
                bool left_out, lp::Problem& problem) {
    const int normalisation = shape.rows() - 1;
    std::copy_n(unit.row_scale.data(), shape.shared(), problem.row_scale.begin());
    for (int i = 0; i < shape.variables(); ++i) {
        const auto row = static_cast<std::size_t>(i);
        const bool positive = unit.value[i] > 0;
        const bool moving = moves(shape, i);
        problem.rhs[row] = positive && !moving ? 1.0 : 0.0;
        if (shape.has_special()) problem.entry(i, shape.special()) = positive && moving ? -1.0 : 0.0;
        if (!shape.scored(i)) continue;
        const double weight = positive ? weight_of(shape, settings, i) : 0.0;
        const bool in_objective = !shape.fractional() || shape.is_input(i);
        if (in_objective) {
            problem.cost[row] = -weight;
        } else {
            problem.entry(normalisation, i) = weight;
        }
    }
    problem.left_out = left_out ? self : -1;
    problem.self = left_out ? -1 : self;
    problem.tie_scale = 1.0 / unit.factor;
    if (problem.self >= 0) {
        write_start(shape, unit, self, problem);
    } else {
        for (std::size_t k = 0; k < problem.start.size(); ++k)
            problem.start[k] = -1 - static_cast<std::int32_t>(k);
    }
}

double score_of(const Shape& shape, double objective) {
    if (shape.model == Model::radial) return shape.orientation == Orientation::input ? objective : -objective;
    switch (shape.orientation) {
        case Orientation::none:
            return objective;
        case Orientation::input:
            return 1.0 + objective;
        case Orientation::output:
            return 1.0 / (1.0 - objective);
    }
    return objective;
}

}  // namespace greenfront::dea

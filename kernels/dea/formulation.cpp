#include "kernels/dea/formulation.hpp"

#include <algorithm>
#include <cmath>

namespace greenfront::dea {
namespace {

/// The unit itself: its intensity is 1, every slack and step 0. A slack (or, where it is barred, an
/// artificial column at zero) for each row; where the intensity and the special column need rows, a slack
/// with a positive value gives its row up.
void write_start(const Shape& shape, const Unit& unit, const Place& place, lp::Problem& problem) {
    const int n = shape.variables();
    const int intensity = place.own ? shape.own() : problem.extra_width + place.self;
    for (int i = 0; i < shape.rows(); ++i) {
        const auto row = static_cast<std::size_t>(i);
        problem.start[row] = i < n && problem.cost[row] < lp::barred ? i : -1 - i;
    }
    for (int i = 0; i < n; ++i) {
        if (shape.chosen(i)) problem.start[static_cast<std::size_t>(i)] = shape.step(i);
        if (shape.bounded) problem.start[static_cast<std::size_t>(shape.shared() + i)] = shape.step(i);
    }
    int special_row = -1;
    if (shape.model == Model::radial) {
        for (int i = 0; i < n && special_row < 0; ++i) {
            if (shape.moves(i) && unit.value[i] > 0) special_row = i;
        }
    } else if (shape.fractional()) {
        special_row = shape.rows() - 1;
    }
    int own_row = shape.returns == Returns::crs ? -1 : n;
    const auto free_row = [&](int i) {
        return unit.value[i] > 0 && !shape.chosen(i) && !(shape.model == Model::radial && shape.moves(i));
    };
    for (int i = shape.m; i < n && own_row < 0; ++i) own_row = free_row(i) ? i : -1;  // outputs first
    for (int i = 0; i < shape.m && own_row < 0; ++i) own_row = free_row(i) ? i : -1;
    if (special_row >= 0) problem.start[static_cast<std::size_t>(special_row)] = shape.special();
    if (own_row >= 0) problem.start[static_cast<std::size_t>(own_row)] = intensity;
}

/// Right-hand sides, and the column of t, theta, phi or beta.
void write_sides(const Shape& shape, const Unit& unit, const Place& place, lp::Problem& problem) {
    double largest = 0;
    if (shape.model == Model::ddf) largest = unit.scale;
    for (int i = 0; i < shape.variables(); ++i) {
        const bool positive = unit.value[i] > 0;
        const bool moving = shape.fractional() || shape.moves(i);
        problem.rhs[static_cast<std::size_t>(i)] = positive && !moving && !shape.chosen(i) ? 1.0 : 0.0;
        if (shape.model == Model::ddf) {
            const double pull = unit.length[i] / largest;
            problem.set(i, shape.special(), shape.is_good(i) ? -pull : pull);
            problem.set(i, shape.special() + 1, shape.is_good(i) ? pull : -pull);
        } else if (shape.has_special()) {
            problem.set(i, shape.special(), positive && moving ? -1.0 : 0.0);
        }
        if (shape.own_column) problem.set(i, shape.own(), positive ? 1.0 : 0.0);
    }
    if (shape.model == Model::ddf) {  // beta is not negative for a unit in the reference set
        problem.cost[static_cast<std::size_t>(shape.special() + 1)] = place.inside ? lp::barred : 1.0;
    }
    if (shape.own_column) problem.cost[static_cast<std::size_t>(shape.own())] = place.own ? 0.0 : lp::barred;
}

/// SBM: weights stand in the objective or in the normalisation.
void write_sbm(const Shape& shape, const Unit& unit, lp::Problem& problem) {
    const int normalisation = shape.rows() - 1;
    const double direction = shape.super ? 1.0 : -1.0;
    for (int i = 0; i < shape.variables(); ++i) {
        const int column = shape.super ? shape.step(i) : i;
        double& cost = problem.cost[static_cast<std::size_t>(column)];
        const bool counts = shape.scored(i) && unit.value[i] > 0;
        if (shape.super) {
            cost = counts ? 0.0 : lp::barred;
        } else {
            // A zero input or bad cannot be cut; the slack of a zero good that is left out stays free.
            cost = 0.0;
        }
        if (!shape.scored(i)) continue;
        const double weight = counts ? unit.weight[i] : 0.0;
        const bool above = shape.is_input(i) || (shape.numerator && shape.is_bad(i));
        if (!shape.fractional() || above) {
            if (counts) cost = direction * weight;
        } else {
            problem.set(normalisation, column, -direction * weight);
        }
    }
}

/// Models whose objective is a weighted sum of slacks, steps or amounts.
void write_sum(const Shape& shape, const Unit& unit, lp::Problem& problem) {
    for (int i = 0; i < shape.variables(); ++i) {
        double& slack = problem.cost[static_cast<std::size_t>(i)];
        slack = shape.equality(i) || shape.chosen(i) ? lp::barred : 0.0;
        const double weight = unit.weight[i] / (unit.row_unit[i] * unit.scale);
        if (shape.model == Model::additive) {
            if (shape.scored(i)) slack = unit.weight[i] > 0 || shape.own_weights ? -weight : lp::barred;
            if (!shape.bounded) continue;
            const int row = shape.shared() + i;
            problem.rhs[static_cast<std::size_t>(row)] = unit.pull[i] * unit.row_unit[i];
            problem.cost[static_cast<std::size_t>(shape.step(i))] = 0.0;
        } else if (shape.model == Model::nddf) {
            const bool free = unit.weight[i] > 0 && unit.length[i] > 0;
            problem.cost[static_cast<std::size_t>(shape.step(i))] =
                free ? -unit.weight[i] / (unit.length[i] * unit.scale) : lp::barred;
        } else {
            const double sign = shape.model == Model::cost ? 1.0 : -1.0;
            problem.cost[static_cast<std::size_t>(shape.step(i))] =
                shape.chosen(i) ? sign * weight : lp::barred;
        }
    }
}

}  // namespace

Shape::Shape(const Technology& technology, const Settings& settings, bool own_column_)
    : m(technology.m),
      s1(technology.s1),
      s2(technology.s2),
      model(settings.model),
      orientation(settings.orientation),
      returns(settings.returns),
      disposability(settings.disposability),
      super(settings.super),
      numerator(settings.super && settings.super_bads == SuperBads::numerator && technology.s2 > 0),
      own_column(own_column_),
      own_weights(settings.additive_weights == AdditiveWeights::given),
      bounded(settings.model == Model::additive && settings.returns == Returns::crs &&
              settings.additive_weights == AdditiveWeights::bam) {}

bool Shape::scored(int i) const {
    if (model != Model::sbm && model != Model::additive) return false;
    if (orientation == Orientation::none) return true;
    return is_input(i) == (orientation == Orientation::input);
}

bool Shape::moves(int i) const {
    if (model != Model::radial) return false;
    return orientation == Orientation::input ? is_input(i) : is_good(i);
}

void write_frame(const Shape& shape, lp::Problem& problem) {
    const int n = shape.variables();
    const auto single = [&](int e, int row, double entry) {
        problem.set(row, e, entry);
        problem.single[static_cast<std::size_t>(e)] = row;
    };
    std::fill(problem.cost.begin(), problem.cost.begin() + shape.extras(), 0.0);
    for (int i = 0; i < n; ++i) {
        const double sign = shape.is_good(i) ? -1.0 : 1.0;
        single(i, i, sign);
        if (shape.is_good(i)) problem.surplus_row[static_cast<std::size_t>(i)] = i;
        if (shape.equality(i)) problem.cost[static_cast<std::size_t>(i)] = lp::barred;
        if (!shape.has_steps()) continue;
        if (shape.chosen(i)) problem.surplus_row[static_cast<std::size_t>(shape.step(i))] = i;
        if (shape.bounded) {
            problem.set(shape.shared() + i, i, 1.0);
            problem.single[static_cast<std::size_t>(i)] = -1;
            single(shape.step(i), shape.shared() + i, 1.0);
        } else {
            single(shape.step(i), i, shape.super_sbm() ? -sign : shape.model == Model::nddf ? sign : -1.0);
        }
        // An expansion below the line stands in the normalisation, too.
        if (shape.fractional()) problem.single[static_cast<std::size_t>(shape.step(i))] = -1;
    }
    if (shape.model == Model::ddf) problem.pair = shape.special();
    if (shape.priced_alone()) problem.priced = shape.special();
    if (shape.fractional()) {
        for (int i = 0; i < n; ++i)
            problem.single[static_cast<std::size_t>(i)] = shape.super || shape.is_input(i) ? i : -1;
    }
    const int returns_row = n;
    if (shape.returns_slack()) {
        const int slack = shape.extras() - 1;
        single(slack, returns_row, shape.returns == Returns::nirs ? 1.0 : -1.0);
        if (shape.returns == Returns::ndrs)
            problem.surplus_row[static_cast<std::size_t>(slack)] = returns_row;
    }
    if (shape.own_column && shape.returns != Returns::crs) problem.set(returns_row, shape.own(), 1.0);
    if (shape.fractional()) {
        const int normalisation = shape.rows() - 1;
        problem.set(normalisation, shape.special(), 1.0);
        problem.rhs[static_cast<std::size_t>(normalisation)] = 1.0;
        if (shape.returns != Returns::crs) problem.set(returns_row, shape.special(), -1.0);
    } else if (shape.returns != Returns::crs) {
        problem.rhs[static_cast<std::size_t>(returns_row)] = 1.0;
    }
    if (shape.has_special()) {
        const bool minimise =
            shape.fractional() || (shape.model == Model::radial && shape.orientation == Orientation::input);
        problem.cost[static_cast<std::size_t>(shape.special())] = minimise ? 1.0 : -1.0;
    }
}

void write_unit(const Shape& shape, const Unit& unit, const Place& place, lp::Problem& problem) {
    std::copy_n(unit.row_scale.data(), shape.shared(), problem.row_scale.begin());
    std::copy_n(unit.row_value.data(), shape.shared(), problem.row_value.begin());
    problem.tie_scale = 1.0 / unit.factor;
    problem.wide = unit.wide;
    problem.limited = unit.limited;
    const bool uniform = unit.uniform && place.own;
    if (uniform && problem.uniform) return;  // all the rest is as it was
    problem.uniform = uniform;
    write_sides(shape, unit, place, problem);
    if (shape.model == Model::sbm) {
        write_sbm(shape, unit, problem);
    } else if (shape.model != Model::radial && shape.model != Model::ddf) {
        write_sum(shape, unit, problem);
    }
    problem.left_out = place.left_out;
    problem.self = place.own ? -1 : place.self;
    if (place.inside) {
        write_start(shape, unit, place, problem);
    } else {
        for (std::size_t k = 0; k < problem.start.size(); ++k)
            problem.start[k] = -1 - static_cast<std::int32_t>(k);
    }
}

double score_of(const Shape& shape, const Unit& unit, double objective) {
    switch (shape.model) {
        case Model::radial:
            return shape.orientation == Orientation::input ? objective : -objective;
        case Model::ddf:
            return -objective / unit.scale;
        case Model::additive:
        case Model::nddf:
            return -objective * unit.scale;
        case Model::cost:
            return objective;
        case Model::revenue:
            return -1.0 / objective;
        case Model::sbm:
        case Model::fdh:
            break;
    }
    if (shape.orientation == Orientation::none) return objective;
    return shape.orientation == Orientation::input ? 1.0 + objective : 1.0 / (1.0 - objective);
}

bool efficient(const Shape& shape, double objective) {
    constexpr double tolerance = 1e-8;
    switch (shape.model) {
        case Model::radial:
        case Model::cost:
        case Model::revenue:
            return std::abs(std::abs(objective) - 1.0) <= tolerance;
        case Model::sbm:
            return shape.fractional() ? objective >= 1.0 - tolerance : objective >= -tolerance;
        default:
            return objective >= -tolerance;
    }
}

}  // namespace greenfront::dea

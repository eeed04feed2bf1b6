// What a model takes from one evaluated unit.
#include <algorithm>
#include <cmath>

#include "kernels/dea/formulation.hpp"

namespace greenfront::dea {
namespace {

double sbm_weight(const Shape& shape, const Settings& settings, int i) {
    if (shape.numerator) return shape.is_good(i) ? 1.0 / shape.s1 : 1.0 / (shape.m + shape.s2);
    if (shape.is_input(i)) {
        return settings.input_weights.size() > 0 ? settings.input_weights[i] : 1.0 / shape.m;
    }
    return settings.output_weights.size() > 0 ? settings.output_weights[i - shape.m]
                                              : 1.0 / (shape.s1 + shape.s2);
}

double additive_weight(const Shape& shape, const Settings& settings, const Spread& spread, const Unit& unit,
                       int i) {
    const int counted = shape.orientation == Orientation::none    ? shape.variables()
                        : shape.orientation == Orientation::input ? shape.m
                                                                  : shape.s1 + shape.s2;
    double divisor = 1;
    switch (settings.additive_weights) {
        case AdditiveWeights::ones:
            return 1.0;
        case AdditiveWeights::given:
            return settings.item_weights[i];
        case AdditiveWeights::mip:
            divisor = unit.value[i];
            break;
        case AdditiveWeights::ram:
            divisor = counted * spread.range[i];
            break;
        case AdditiveWeights::bam:
            divisor = counted * std::abs(spread.best[i] - unit.value[i]);
            break;
        case AdditiveWeights::normalized:
            divisor = spread.deviation[i];
            break;
    }
    return divisor > 0 ? 1.0 / divisor : 0.0;
}

/// The direction of variable i; its length is exactly 1 where it is the unit's own value, so that programs of
/// different units do not differ by rounding.
void read_pull(const Direction& direction, int i, int at, Unit& unit) {
    const double value = unit.value[i];
    unit.pull[i] = unit.length[i] = 0.0;
    if (direction.kind == Direction::Kind::observed && value > 0) {
        unit.pull[i] = value;
        unit.length[i] = 1.0;
    } else if (direction.kind == Direction::Kind::given) {
        unit.pull[i] = direction.given[at];
        unit.length[i] = unit.pull[i] * unit.row_unit[i];
    }
}

void read_direction(const Shape& shape, const Settings& settings, int i, Unit& unit) {
    if (shape.is_input(i)) return read_pull(settings.direction_inputs, i, i, unit);
    if (shape.is_good(i)) return read_pull(settings.direction_goods, i, i - shape.m, unit);
    read_pull(settings.direction_bads, i, i - shape.m - shape.s1, unit);
}

Status read_sbm(const Shape& shape, const Settings& settings, Unit& unit) {
    for (int i = 0; i < shape.variables(); ++i) {
        unit.weight[i] = sbm_weight(shape, settings, i);
        if (!shape.scored(i) || unit.value[i] > 0) continue;
        if (!shape.is_good(i)) {
            ++unit.zero_terms;
        } else if (!settings.drop_zero_outputs) {
            return Status::undefined;  // 0/0: a relative shortfall of nothing
        }
    }
    return Status::optimal;
}

Status read_radial(const Shape& shape, const Unit& unit) {
    if (shape.orientation == Orientation::output) return Status::optimal;
    const bool any = unit.value.head(shape.m).maxCoeff() > 0;
    return any ? Status::optimal : Status::undefined;  // theta x_o with x_o = 0
}

Status read_additive(const Shape& shape, const Settings& settings, const Spread& spread, Unit& unit) {
    unit.scale = 0;
    for (int i = 0; i < shape.variables(); ++i) {
        unit.weight[i] = shape.scored(i) ? additive_weight(shape, settings, spread, unit, i) : 0.0;
        unit.scale = std::max(unit.scale, unit.weight[i] / unit.row_unit[i]);
        if (shape.bounded) unit.pull[i] = std::abs(spread.best[i] - unit.value[i]);
    }
    if (!(unit.scale > 0)) unit.scale = 1;  // no slack counts: the score is 0
    return Status::optimal;
}

Status read_directional(const Shape& shape, const Settings& settings, const Eigen::VectorXd& by_default,
                        Unit& unit) {
    const bool several = shape.model == Model::nddf;
    unit.scale = 0;
    for (int i = 0; i < shape.variables(); ++i) {
        read_direction(shape, settings, i, unit);
        const double length = unit.length[i];
        if (!several) {
            unit.scale = std::max(unit.scale, length);
            continue;
        }
        unit.weight[i] = settings.item_weights.size() > 0 ? settings.item_weights[i] : by_default[i];
        if (length > 0) unit.scale = std::max(unit.scale, unit.weight[i] / length);
    }
    return unit.scale > 0 ? Status::optimal : Status::undefined;  // no way to go
}

/// Prices weigh the amounts; the scale is the observed cost or revenue.
Status read_prices(const Shape& shape, const Quantities& evaluated, Eigen::Index o, Unit& unit) {
    unit.scale = 0;
    unit.weight.setZero();
    const int first = shape.model == Model::cost ? 0 : shape.m;
    for (int i = 0; i < shape.variables(); ++i) {
        if (!shape.chosen(i)) continue;
        unit.weight[i] = evaluated.price(i - first, o);
        unit.scale += unit.weight[i] * unit.value[i];
    }
    return unit.scale > 0 ? Status::optimal : Status::undefined;
}

/// Whether the programs of this model differ by the scales of their rows alone, given positive values.
bool is_uniform(const Shape& shape, const Settings& settings) {
    const auto own = [](const Direction& d) { return d.kind != Direction::Kind::given; };
    if (shape.model == Model::radial || shape.model == Model::sbm) return true;
    const bool directional = shape.model == Model::ddf || shape.model == Model::nddf;
    return directional && own(settings.direction_inputs) && own(settings.direction_goods) &&
           own(settings.direction_bads);
}

Status read_model(const Shape& shape, const Settings& settings, const Sample& sample,
                  const Quantities& evaluated, Eigen::Index o, Unit& unit) {
    switch (shape.model) {
        case Model::radial:
            return read_radial(shape, unit);
        case Model::sbm:
            return read_sbm(shape, settings, unit);
        case Model::additive:
            return read_additive(shape, settings, sample.spread, unit);
        case Model::ddf:
        case Model::nddf:
            return read_directional(shape, settings, sample.thirds, unit);
        case Model::cost:
        case Model::revenue:
            return read_prices(shape, evaluated, o, unit);
        case Model::fdh:
            break;
    }
    return Status::undefined;
}

}  // namespace

Eigen::VectorXd thirds(Eigen::Index m, Eigen::Index s1, Eigen::Index s2) {
    Eigen::VectorXd weights(m + s1 + s2);
    weights.head(m).setConstant(1.0 / (3.0 * static_cast<double>(m)));
    weights.segment(m, s1).setConstant(1.0 / (3.0 * static_cast<double>(s1)));
    if (s2 > 0) weights.tail(s2).setConstant(1.0 / (3.0 * static_cast<double>(s2)));
    return weights;
}

Spread::Spread(const Quantities& evaluated) {
    const Eigen::Index m = evaluated.X.rows(), k = evaluated.units();
    const Eigen::Index n = m + evaluated.Y.rows() + evaluated.B.rows();
    best = range = deviation = Eigen::VectorXd::Zero(n);
    for (Eigen::Index i = 0; i < n && k > 0; ++i) {
        const int row = static_cast<int>(i);
        double low = value_of(evaluated, row, 0), high = low, mean = 0, squares = 0;
        for (Eigen::Index j = 0; j < k; ++j) {  // running mean and squares: no overflow, no cancellation
            const double v = value_of(evaluated, row, j), off = v - mean;
            low = std::min(low, v);
            high = std::max(high, v);
            mean += off / static_cast<double>(j + 1);
            squares += off * (v - mean);
        }
        const bool good = i >= m && i < m + evaluated.Y.rows();
        best[i] = good ? high : low;
        range[i] = high - low;
        if (k > 1 && high > low) deviation[i] = std::sqrt(squares / static_cast<double>(k - 1));
    }
}

Unit::Unit(const Shape& shape)
    : row_unit(shape.variables()),
      row_scale(shape.variables() + 1),
      row_value(Eigen::VectorXd::Zero(shape.variables() + 1)),
      value(shape.variables()),
      pull(Eigen::VectorXd::Zero(shape.variables())),
      length(Eigen::VectorXd::Zero(shape.variables())),
      weight(Eigen::VectorXd::Zero(shape.variables())) {}

Status read_unit(const Shape& shape, const Technology& technology, const Settings& settings,
                 const Sample& sample, const Quantities& evaluated, Eigen::Index o, Unit& unit) {
    read_values(evaluated, o, unit.value);
    unit.factor = technology.factor_of(unit.value.data(), technology.variables());
    const double whole = 1.0 / unit.factor;
    unit.row_scale[shape.variables()] = whole;
    unit.zero_terms = 0;
    bool positive = true;
    unit.wide = technology.wide;
    unit.limited = technology.limited && unit.value.segment(shape.m, shape.s1).maxCoeff() > 0;
    for (int i = 0; i < shape.variables(); ++i) {
        const double v = unit.value[i];
        const double size = v * technology.row_factor[i];  // about 1 for the mean of the reference set
        unit.wide = unit.wide || (v > 0 && (size < 1 / ordinary_span || size > ordinary_span));
        positive = positive && v > 0;
        unit.row_unit[i] = v > 0 ? 1.0 / v : technology.row_factor[i] * unit.factor;
        // Powers of two: the products are exact.
        unit.row_scale[i] = unit.row_unit[i] * (whole * technology.row_reciprocal[i]);
        unit.row_value[i] = v * (unit.factor * technology.row_factor[i]);
    }
    unit.uniform = positive && is_uniform(shape, settings);
    // What the model takes from a uniform unit is the same for all of them.
    if (unit.uniform && unit.read_uniform) return Status::optimal;
    const Status status = read_model(shape, settings, sample, evaluated, o, unit);
    unit.read_uniform =
        unit.uniform && status == Status::optimal && shape.model != Model::ddf && shape.model != Model::nddf;
    return status;
}

}  // namespace greenfront::dea

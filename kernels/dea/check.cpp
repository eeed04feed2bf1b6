#include "kernels/dea/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/lp/simplex.hpp"

namespace greenfront::dea {
namespace {

void check_matrix(const Eigen::MatrixXd& values, const char* what, const char* set) {
    for (Eigen::Index j = 0; j < values.cols(); ++j) {
        for (Eigen::Index i = 0; i < values.rows(); ++i) {
            if (std::isfinite(values(i, j)) && values(i, j) >= 0) continue;
            throw Error(Fault::data,
                        fmt::format("{} {} of {} unit {} is {}; efficiency analysis needs finite values that "
                                    "are not negative",
                                    what, i + 1, set, j + 1, values(i, j)));
        }
    }
}

/// Positive values of variable i, over both sets.
struct Extremes {
    double least = std::numeric_limits<double>::infinity(), most = 0;
    void add(const Eigen::MatrixXd& values, Eigen::Index i) {
        for (Eigen::Index j = 0; j < values.cols(); ++j) {
            if (values(i, j) > 0) least = std::min(least, values(i, j));
            most = std::max(most, values(i, j));
        }
    }
};

void check_span(const Eigen::MatrixXd& evaluated, const Eigen::MatrixXd& reference, const char* what) {
    for (Eigen::Index i = 0; i < evaluated.rows(); ++i) {
        Extremes found;
        found.add(evaluated, i);
        found.add(reference, i);
        if (!(found.most / widest_span > found.least)) continue;
        throw Error(
            Fault::data,
            fmt::format("positive values of {} {} lie between {:g} and {:g}: no score can be computed "
                        "where they span more than {:g}",
                        what, i + 1, found.least, found.most, widest_span));
    }
}

void check_quantities(const Quantities& q, const char* set) {
    if (q.Y.cols() != q.units() || (q.B.rows() > 0 && q.B.cols() != q.units())) {
        throw Error(Fault::data,
                    fmt::format("the {} units have {} columns of inputs, {} of good and {} of bad outputs",
                                set, q.units(), q.Y.cols(), q.B.cols()));
    }
    check_matrix(q.X, "input", set);
    check_matrix(q.Y, "good output", set);
    check_matrix(q.B, "bad output", set);
    check_matrix(q.price, "price", set);
}

/// Weights of one side of the SBM.
void check_shares(const Eigen::VectorXd& weights, Eigen::Index expected, const char* side) {
    if (weights.size() == 0) return;
    const bool fits = weights.size() == expected && weights.allFinite() && weights.minCoeff() >= 0;
    if (fits && std::abs(weights.sum() - 1.0) <= 1e-9) return;
    throw Error(Fault::data,
                fmt::format("weights of the {} must be {} numbers that are not negative and add up to 1",
                            side, expected));
}

/// Numbers one for each variable, none negative, some positive.
void check_list(const Eigen::VectorXd& values, Eigen::Index expected, const char* what) {
    const bool fits = values.size() == expected && values.allFinite() && values.minCoeff() >= 0;
    if (fits && values.maxCoeff() > 0) return;
    throw Error(
        Fault::data,
        fmt::format("{} must be {} numbers that are not negative, and not all of them zero", what, expected));
}

void check_direction(const Direction& direction, Eigen::Index expected, const char* side) {
    if (direction.kind != Direction::Kind::given) return;
    const bool fits = direction.given.size() == expected && direction.given.allFinite() &&
                      (expected == 0 || direction.given.minCoeff() >= 0);
    if (!fits) {
        throw Error(
            Fault::data,
            fmt::format("the direction of the {} must be {} numbers that are not negative", side, expected));
    }
}

/// Beyond these, beside the data, steps and sums of them overflow or are lost.
constexpr double largest_share = 1e100, smallest_share = 1e-100;

/// `given[i]` is positive and far from what the variable's values call for; `unit[i]`: 0 where there is none.
void check_sizes(const Eigen::VectorXd& given, const Eigen::VectorXd& unit, const char* what) {
    for (Eigen::Index i = 0; i < given.size(); ++i) {
        const double share = given[i] / unit[i];
        if (given[i] == 0 || unit[i] == 0 || (share >= smallest_share && share <= largest_share)) continue;
        throw Error(
            Fault::data,
            fmt::format("{}: number {} is {:g}, which is {:g} times what it is measured by ({:g}); sums of "
                        "such numbers cannot be computed, choose a size nearer to it",
                        what, i + 1, given[i], share, unit[i]));
    }
}

/// Directions are in the units of their variables, additive weights in one over them, others pure numbers.
void check_sizes(const Settings& settings, const Quantities& evaluated) {
    const auto largest = [](const Eigen::MatrixXd& values) -> Eigen::VectorXd {
        if (values.cols() == 0) return Eigen::VectorXd::Zero(values.rows());
        return values.rowwise().maxCoeff();
    };
    const Eigen::VectorXd x = largest(evaluated.X), y = largest(evaluated.Y), b = largest(evaluated.B);
    const auto direction = [](const Direction& d, const Eigen::VectorXd& values, const char* what) {
        if (d.kind == Direction::Kind::given) check_sizes(d.given, values, what);
    };
    direction(settings.direction_inputs, x, "direction of the inputs");
    direction(settings.direction_goods, y, "direction of the good outputs");
    direction(settings.direction_bads, b, "direction of the bad outputs");
    if (settings.item_weights.size() == 0) return;
    Eigen::VectorXd unit = Eigen::VectorXd::Ones(settings.item_weights.size());
    if (settings.model == Model::additive) {
        unit << x, y, b;
        unit = (unit.array() > 0).select(unit.cwiseInverse(), 0.0);
    }
    check_sizes(settings.item_weights, unit, "weights of the variables");
}

void check_positions(const Quantities& evaluated, const Quantities& reference,
                     std::span<const std::int32_t> self, std::span<const ColumnRange> left_out) {
    if (static_cast<Eigen::Index>(self.size()) != evaluated.units()) {
        throw Error(Fault::data, fmt::format("{} positions in the reference set for {} evaluated units",
                                             self.size(), evaluated.units()));
    }
    for (const std::int32_t j : self) {
        if (j < -1 || j >= reference.units()) {
            throw Error(Fault::data,
                        fmt::format("position {} in a reference set of {} units", j, reference.units()));
        }
    }
    if (left_out.empty()) return;
    if (left_out.size() != self.size()) {
        throw Error(Fault::data, fmt::format("{} ranges of columns to leave out for {} evaluated units",
                                             left_out.size(), self.size()));
    }
    for (const ColumnRange& range : left_out) {
        if (range.first < 0 || range.first > range.last || range.last > reference.units()) {
            throw Error(Fault::data,
                        fmt::format("columns {} to {} of a reference set of {} units to leave out",
                                    range.first, range.last, reference.units()));
        }
    }
}

void check_model(const Settings& settings, std::span<const ColumnRange> left_out) {
    const bool directional = settings.model == Model::ddf || settings.model == Model::nddf;
    const bool oriented = settings.model == Model::radial || settings.model == Model::fdh;
    if (oriented && settings.orientation == Orientation::none) {
        throw Error(Fault::usage, "the model needs an orientation: input or output");
    }
    if (!directional && settings.disposability != Disposability::strong) {
        throw Error(Fault::usage, "weak disposability exists for the directional models only");
    }
    const bool ranged = settings.returns == Returns::nirs || settings.returns == Returns::ndrs;
    if (settings.disposability == Disposability::weak && ranged) {
        throw Error(
            Fault::usage,
            "weak disposability is defined for crs and vrs; with nirs or ndrs only the naive form exists");
    }
    const bool can_leave_out = settings.model == Model::radial || settings.model == Model::sbm || directional;
    if (settings.super && !can_leave_out) {
        throw Error(Fault::usage, "super-efficiency exists for radial, SBM and directional models");
    }
    if (!settings.super && !left_out.empty()) {
        throw Error(Fault::usage, "columns are left out for super-efficiency only");
    }
    const bool weighted = settings.input_weights.size() > 0 || settings.output_weights.size() > 0;
    if (settings.super && settings.super_bads == SuperBads::numerator && settings.model == Model::sbm &&
        (settings.orientation != Orientation::none || weighted)) {
        throw Error(Fault::usage,
                    "bads in the numerator: defined without orientation and with the usual weights only");
    }
}

}  // namespace

void check_task(const Quantities& evaluated, const Quantities& reference, std::span<const std::int32_t> self,
                const Settings& settings, std::span<const ColumnRange> left_out) {
    check_quantities(evaluated, "evaluated");
    if (&evaluated != &reference) check_quantities(reference, "reference");
    const auto same = [](const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) { return a.rows() == b.rows(); };
    if (!same(evaluated.X, reference.X) || !same(evaluated.Y, reference.Y) ||
        !same(evaluated.B, reference.B)) {
        throw Error(Fault::data, "evaluated and reference units have different numbers of variables");
    }
    check_span(evaluated.X, reference.X, "input");
    check_span(evaluated.Y, reference.Y, "good output");
    check_span(evaluated.B, reference.B, "bad output");
    const Eigen::Index m = evaluated.X.rows(), s1 = evaluated.Y.rows(), s2 = evaluated.B.rows();
    if (m == 0 || s1 == 0) {
        throw Error(Fault::data, "efficiency analysis needs at least one input and one good output");
    }
    if (settings.digits != lp::double_digits && settings.digits != lp::quadruple_digits &&
        settings.digits != lp::hundred_digits) {
        throw Error(Fault::data, fmt::format("{} digits: there are {}, {} and {}", settings.digits,
                                             lp::double_digits, lp::quadruple_digits, lp::hundred_digits));
    }
    check_positions(evaluated, reference, self, left_out);
    check_model(settings, left_out);
    check_shares(settings.input_weights, m, "inputs");
    check_shares(settings.output_weights, s1 + s2, "outputs");
    check_direction(settings.direction_inputs, m, "inputs");
    check_direction(settings.direction_goods, s1, "good outputs");
    check_direction(settings.direction_bads, s2, "bad outputs");
    const bool given =
        settings.model == Model::additive && settings.additive_weights == AdditiveWeights::given;
    if (settings.item_weights.size() > 0 || given) {
        check_list(settings.item_weights, m + s1 + s2, "weights of the variables");
    }
    check_sizes(settings, evaluated);
    const Eigen::Index prices = settings.model == Model::cost ? m : settings.model == Model::revenue ? s1 : 0;
    if (prices > 0 && (evaluated.price.rows() != prices || evaluated.price.cols() != evaluated.units())) {
        throw Error(Fault::data,
                    fmt::format("the model needs {} prices for each of {} units", prices, evaluated.units()));
    }
}

}  // namespace greenfront::dea

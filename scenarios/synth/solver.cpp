#include "scenarios/synth/solver.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/parallel.hpp"
#include "scenarios/synth/series.hpp"

namespace greenfront::synth {
namespace {

/// No row goes further from where it began (in u): the inputs of a city could not follow.
constexpr double reach = 2.2;

/// Weight of an equation in merit and step.
double weight(Kind kind) {
    return kind == Kind::coefficient ? 1 : kind == Kind::std_error ? 4 : 0.6;
}

/// Where Huber's function passes from the square to the line.
double most_of(Kind kind) {
    return kind == Kind::coefficient ? 4 : 0.4;
}

double clipped(Kind kind, double residual) {
    return std::clamp(residual, -most_of(kind), most_of(kind));
}

/// Huber's function of the weighted residuals; its slope is the clipped residual, so that every damped step
/// is downhill.
double merit(const Equations& equations) {
    double sum = 0;
    for (std::size_t k = 0; k < equations.kind.size(); ++k) {
        const double w = weight(equations.kind[k]), r = equations.residual[k],
                     c = clipped(equations.kind[k], r);
        sum += w * w * c * (r - c / 2);
    }
    return sum;
}

}  // namespace

Bounded::Bounded(const VectorXd& start, double low, double high, Index tied)
    : low_(low), high_(high), start_(start), value_(start), side_(static_cast<std::size_t>(start.size()), 0) {
    std::vector<Index> order(side_.size());
    std::iota(order.begin(), order.end(), Index{0});
    std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return start(a) < start(b); });
    const Index n = start.size();
    for (Index k = 0; k < tied; ++k) {
        side_[static_cast<std::size_t>(order[static_cast<std::size_t>(k)])] = -1;
        side_[static_cast<std::size_t>(order[static_cast<std::size_t>(n - 1 - k)])] = 1;
    }
    const double width = high - low, margin = 0.005 * width;
    u_.resize(n);
    for (Index r = 0; r < n; ++r) {
        const int side = side_[static_cast<std::size_t>(r)];
        value_(r) = side != 0 ? (side < 0 ? low : high) : std::clamp(start(r), low + margin, high - margin);
        u_(r) = side != 0 ? 0 : std::log((value_(r) - low) / (high - value_(r)));
    }
    drawn_ = u_;
}

VectorXd Bounded::slope() const {
    VectorXd d(value_.size());
    for (Index r = 0; r < d.size(); ++r) {
        d(r) = side_[static_cast<std::size_t>(r)] != 0
                   ? 0
                   : (value_(r) - low_) * (high_ - value_(r)) / (high_ - low_);
    }
    return d;
}

void Bounded::fix(Index row, double value) {
    const double margin = 0.005 * (high_ - low_);
    value_(row) = std::clamp(value, low_ + margin, high_ - margin);
    side_[static_cast<std::size_t>(row)] = 2;
}

bool Bounded::blocked(Index row, double by) const {
    return (by > 0 && u_(row) >= drawn_(row) + reach) || (by < 0 && u_(row) <= drawn_(row) - reach);
}

void Bounded::move(const VectorXd& by) {
    for (Index r = 0; r < value_.size(); ++r) {
        if (side_[static_cast<std::size_t>(r)] != 0) continue;
        u_(r) = std::clamp(u_(r) + std::clamp(by(r), -1.0, 1.0), drawn_(r) - reach, drawn_(r) + reach);
        value_(r) = low_ + (high_ - low_) / (1 + std::exp(-u_(r)));
    }
}

VectorXd Bounded::with_tails(double beyond_low, double beyond_high) const {
    VectorXd result = value_;
    for (const int side : {-1, 1}) {
        std::vector<Index> tail;
        for (Index r = 0; r < result.size(); ++r) {
            if (side_[static_cast<std::size_t>(r)] == side) tail.push_back(r);
        }
        // The innermost row stays at the bound, which the percentile then finds; the others go on from it.
        std::stable_sort(tail.begin(), tail.end(),
                         [&](Index a, Index b) { return side * start_(a) < side * start_(b); });
        const double bound = side < 0 ? low_ : high_, far = side < 0 ? beyond_low : beyond_high;
        for (std::size_t k = 0; k < tail.size(); ++k) {
            const double share = static_cast<double>(k) / static_cast<double>(tail.size());
            result(tail[k]) = bound + (far - bound) * share;
        }
    }
    return result;
}

std::array<VectorXd, 4> Solver::indices() const {
    return {winsorised(sub_index * part, 1), winsorised(sub_index.col(0), 1), winsorised(sub_index.col(1), 1),
            winsorised(sub_index.col(2), 1)};
}

Equations Solver::equations(std::array<VectorXd, 4>* inside) const {
    // Gradients are for steps; the merit of a trial needs values only.
    const auto index = indices();
    if (inside != nullptr) {
        for (std::size_t s = 0; s < 4; ++s) {
            const VectorXd raw =
                s == 0 ? VectorXd(sub_index * part) : VectorXd(sub_index.col(static_cast<Index>(s) - 1));
            (*inside)[s] = (raw.array() == index[s].array()).cast<double>();
        }
    }
    const Equations none(sub_index.rows(), inside != nullptr);
    const auto count = static_cast<std::int64_t>(regressions.size());
    std::vector<Equations> parts(regressions.size() + (instrumented ? 1 : 0), none);
    every_index(static_cast<std::int64_t>(parts.size()), [&](std::int64_t i) {
        Equations& own = parts[static_cast<std::size_t>(i)];
        if (i == count) {
            add_instrumented(*instrumented, instrumented_controls, outcome.value(), index[0],
                             PublishedInstrument{}, own);
            return;
        }
        const auto& regression = regressions[static_cast<std::size_t>(i)];
        add_regression(regression, outcome.value(), index[static_cast<std::size_t>(regression.series)], own);
    });
    Equations all = none;
    for (auto& own : parts) all.append(std::move(own));
    if (with_moments) {
        for (int s = 0; s < 4; ++s) {
            const auto k = static_cast<std::size_t>(s);
            const Moments& aim = published_indices()[k];
            add_moments(index[k], s, aim, 0.02 * aim.mean, all);
        }
        add_moments(outcome.value(), -1, published_efficiency, 0.001, all);
    }
    return all;
}

/// Gradients scaled by the weights of the equations and the trust of the unknowns: a column an equation.
struct Solver::Linear {
    MatrixXd outcome;
    /// By the index of the equation; d index / d xi_d is factor_d for the sub-index d, part_d factor_d for
    /// nqp.
    MatrixXd index;
    std::array<std::vector<Index>, 4> columns;  ///< equations of nqp, nql, nqo, nqm
    MatrixXd factor;                            ///< rows x 3: sub-indices; 0 where one is held
    VectorXd residual;
};

struct Solver::Step {
    VectorXd outcome;
    MatrixXd index;
};

Solver::Linear Solver::linear(const Equations& now, const std::array<VectorXd, 4>& inside) const {
    const auto R = static_cast<Index>(now.kind.size());
    const Index n = sub_index.rows();
    Linear result{MatrixXd::Zero(n, R), MatrixXd::Zero(n, R), {}, sub_index, VectorXd(R)};
    const VectorXd slope = outcome.slope();
    for (Index k = 0; k < R; ++k) {
        const auto s = static_cast<std::size_t>(k);
        const double w = weight(now.kind[s]);
        result.residual(k) = w * clipped(now.kind[s], now.residual[s]);
        if (now.by_outcome[s].size() > 0) {
            result.outcome.col(k) = (w * outcome_trust) * now.by_outcome[s].cwiseProduct(slope);
        }
        if (index_trust <= 0 || now.by_index[s].size() == 0) continue;
        const auto series = static_cast<std::size_t>(now.series[s]);
        result.columns[series].push_back(k);
        result.index.col(k) = (w * index_trust) * now.by_index[s].cwiseProduct(inside[series]);
    }
    return result;
}

/// J S J'. What the outcome and what the indices contribute are products of their own, made side by side.
MatrixXd Solver::normal(const Linear& at) const {
    MatrixXd K = MatrixXd::Zero(at.outcome.cols(), at.outcome.cols());
    const auto by_outcome = [&] { K.selfadjointView<Eigen::Lower>().rankUpdate(at.outcome.transpose()); };
    if (index_trust <= 0) {
        by_outcome();
        return K;
    }
    const MatrixXd squares = at.factor.cwiseAbs2();
    const auto& all = at.columns[0];
    const MatrixXd nqp = at.index(Eigen::all, all);
    MatrixXd product;
    std::array<MatrixXd, 3> square, cross;
    every_index(5, [&](std::int64_t i) {
        if (i == 0) return by_outcome();
        if (i == 1) {
            const VectorXd weights = squares * part.cwiseAbs2();
            product = nqp.transpose() * weights.asDiagonal() * nqp;
            return;
        }
        const auto d = static_cast<Index>(i - 2);
        const auto s = static_cast<std::size_t>(d);
        const auto& own = at.columns[s + 1];
        if (own.empty()) return;
        const MatrixXd weighted = squares.col(d).asDiagonal() * at.index(Eigen::all, own);
        square[s] = weighted.transpose() * at.index(Eigen::all, own);
        cross[s] = part(d) * (nqp.transpose() * weighted);
    });
    K.triangularView<Eigen::StrictlyUpper>() = K.transpose();
    K(all, all) += product;
    for (std::size_t d = 0; d < 3; ++d) {
        const auto& own = at.columns[d + 1];
        if (own.empty()) continue;
        K(own, own) += square[d];
        K(all, own) += cross[d];
        K(own, all) += cross[d].transpose();
    }
    return K;
}

Solver::Step Solver::direction(const Linear& at, const MatrixXd& K) const {
    MatrixXd damped = K;
    damped.diagonal() *= 1 + damping_;
    damped.diagonal().array() += 1e-12 * K.diagonal().maxCoeff();
    const VectorXd l = damped.selfadjointView<Eigen::Lower>().ldlt().solve(at.residual);
    Step step{outcome_trust * (at.outcome * l), MatrixXd::Zero(sub_index.rows(), 3)};
    if (index_trust <= 0) return step;
    const auto along = [&](std::size_t series) -> VectorXd {
        return at.index(Eigen::all, at.columns[series]) * l(at.columns[series]);
    };
    const VectorXd nqp = along(0);
    for (int d = 0; d < 3; ++d) {
        step.index.col(d) = index_trust * at.factor.col(d).cwiseProduct(
                                              part(d) * nqp + along(static_cast<std::size_t>(d) + 1));
    }
    return step;
}

/// Takes unknowns out that stand at a bound and would be pushed beyond; false when there are none.
bool Solver::hold(Linear& at, const Step& step) const {
    bool held = false;
    for (Index r = 0; r < sub_index.rows(); ++r) {
        if (outcome.blocked(r, step.outcome(r))) {
            at.outcome.row(r).setZero();
            held = true;
        }
        for (int d = 0; d < 3 && index_trust > 0; ++d) {
            const double x = sub_index(r, d), move = step.index(r, d);
            if (!((move < 0 && x <= least(r, d)) || (move > 0 && x >= most(r, d)))) continue;
            at.factor(r, d) = 0;
            held = true;
        }
    }
    return held;
}

bool Solver::step() {
    std::array<VectorXd, 4> inside;
    const Equations now = equations(&inside);
    Linear at = linear(now, inside);
    MatrixXd K = normal(at);
    if (hold(at, direction(at, K))) K = normal(at);

    const Bounded outcome_before = outcome;
    const MatrixXd index_before = sub_index;
    const double before = merit(now);
    while (damping_ < 1e3) {
        const Step d = direction(at, K);
        for (double length = 1; length > 0.02; length /= 2) {
            outcome.move(length * d.outcome);
            sub_index = index_before.array() * (length * d.index.array()).max(-0.1).min(0.1).exp();
            sub_index = sub_index.cwiseMax(least).cwiseMin(most);
            if (merit(equations()) < before) {
                damping_ = std::max(1e-4, damping_ * (length == 1 ? 0.5 : 1.5));
                return true;
            }
            outcome = outcome_before;
            sub_index = index_before;
        }
        damping_ *= 10;
    }
    damping_ = 1e-2;
    return false;
}

void Solver::run(int count) {
    for (int k = 0; k < count; ++k) {
        if (!step()) return;
    }
}

std::pair<double, double> Solver::worst() const {
    std::pair<double, double> result{0, 0};
    const Equations now = equations();
    for (std::size_t k = 0; k < now.kind.size(); ++k) {
        double& largest = now.kind[k] == Kind::coefficient ? result.first : result.second;
        if (now.kind[k] != Kind::fit) largest = std::max(largest, std::abs(now.residual[k]));
    }
    return result;
}

}  // namespace greenfront::synth

#include "kernels/dea/proof.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace greenfront::dea {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Eigen::MatrixXd stacked(const Quantities& q) {
    Eigen::MatrixXd all(q.X.rows() + q.Y.rows() + q.B.rows(), q.units());
    all << q.X, q.Y, q.B;
    return all;
}

double relative(double amount, double base) {
    return base > 0 ? amount / base : amount;
}

}  // namespace

bool Finding::proves(double score, double tolerance) const {
    const double size = std::max(scale, std::abs(score));
    return std::abs(primal - score) <= tolerance * size && std::abs(dual - score) <= tolerance * size &&
           min_reduced_cost >= -tolerance && infeasibility <= tolerance && multiplier_fault <= tolerance;
}

/// Unit o and what the model asks of it.
struct Checker::Given {
    Eigen::VectorXd value;   ///< v_o
    Eigen::VectorXd weight;  ///< per unit of slack, step or amount; 0: does not count
    Eigen::VectorXd pull;    ///< direction
    Eigen::VectorXd point;   ///< X lambda (+ mu), Y lambda, B lambda
    double intensity = 0;    ///< sum of lambda and mu
    double pi = 0;           ///< v'x - u'y + w'b - omega at v_o
    Eigen::VectorXd terms;   ///< v_i x_io, ... (positive for goods, too)
};

Checker::Checker(const Quantities& evaluated, const Quantities& reference, const Settings& settings)
    : evaluated_(evaluated),
      reference_(reference),
      settings_(settings),
      m_(evaluated.X.rows()),
      s1_(evaluated.Y.rows()),
      s2_(evaluated.B.rows()),
      columns_(stacked(reference)) {
    if (settings.model != Model::additive) return;
    const Eigen::MatrixXd all = stacked(evaluated);
    best_ = all.rowwise().minCoeff();
    best_.segment(m_, s1_) = all.middleRows(m_, s1_).rowwise().maxCoeff();
    range_ = all.rowwise().maxCoeff() - all.rowwise().minCoeff();
    const Eigen::VectorXd mean = all.rowwise().mean();
    const double n = static_cast<double>(all.cols());
    deviation_ = ((all.colwise() - mean).rowwise().squaredNorm() / (n - 1)).cwiseSqrt();
}

Checker::Given Checker::given(Eigen::Index o) const {
    const Eigen::Index n = m_ + s1_ + s2_;
    Given g;
    g.value =
        stacked({evaluated_.X.col(o), evaluated_.Y.col(o),
                 evaluated_.B.rows() > 0 ? Eigen::MatrixXd(evaluated_.B.col(o)) : Eigen::MatrixXd(0, 1)});
    g.weight = g.pull = Eigen::VectorXd::Zero(n);
    const Settings& s = settings_;
    const auto sum = static_cast<double>(n);
    const auto m = static_cast<double>(m_), s1 = static_cast<double>(s1_), s2 = static_cast<double>(s2_);
    const bool numerator = s.super && s.super_bads == SuperBads::numerator && s2_ > 0;
    for (Eigen::Index i = 0; i < n; ++i) {
        const bool input = i < m_, good = !input && i < m_ + s1_;
        const bool scored =
            s.orientation == Orientation::none || input == (s.orientation == Orientation::input);
        const double v = g.value[i];
        double& w = g.weight[i];
        if (s.model == Model::sbm && scored && v > 0) {
            w = input ? (s.input_weights.size() > 0 ? s.input_weights[i] : 1 / m)
                      : (s.output_weights.size() > 0 ? s.output_weights[i - m_] : 1 / (s1 + s2));
            if (numerator) w = good ? 1 / s1 : 1 / (m + s2);
            w /= v;
        } else if (s.model == Model::additive && scored) {
            const double counted = s.orientation == Orientation::none    ? sum
                                   : s.orientation == Orientation::input ? m
                                                                         : s1 + s2;
            const double divisor[] = {1, v, counted * range_[i], counted * std::abs(best_[i] - v),
                                      deviation_[i]};
            const auto kind = static_cast<std::size_t>(s.additive_weights);
            w = s.additive_weights == AdditiveWeights::given ? s.item_weights[i]
                : divisor[kind] > 0                          ? 1 / divisor[kind]
                                                             : 0;
        } else if (s.model == Model::ddf || s.model == Model::nddf) {
            const Direction& d = input ? s.direction_inputs : good ? s.direction_goods : s.direction_bads;
            const Eigen::Index at = input ? i : good ? i - m_ : i - m_ - s1_;
            g.pull[i] = d.kind == Direction::Kind::observed ? v
                        : d.kind == Direction::Kind::given  ? d.given[at]
                                                            : 0;
            const double third = input ? 1 / (3 * m) : good ? 1 / (3 * s1) : 1 / (3 * s2);
            if (s.model == Model::nddf && g.pull[i] > 0)
                w = s.item_weights.size() > 0 ? s.item_weights[i] : third;
        }
    }
    if (s.model == Model::cost) {
        g.weight.head(m_) = evaluated_.price.col(o) / evaluated_.price.col(o).dot(g.value.head(m_));
    } else if (s.model == Model::revenue) {
        g.weight.segment(m_, s1_) =
            evaluated_.price.col(o) / evaluated_.price.col(o).dot(g.value.segment(m_, s1_));
    }
    return g;
}

void Checker::check_columns(const Given& g, const Claim& claim, ColumnRange left_out,
                            Finding& finding) const {
    const Eigen::Index n = columns_.rows();
    const Eigen::VectorXd& y = claim.multiplier;
    const bool twofold = settings_.disposability == Disposability::weak && settings_.returns == Returns::vrs;
    const double omega = y[n];
    for (Eigen::Index j = 0; j < columns_.cols(); ++j) {
        if (left_out.contains(static_cast<std::int32_t>(j))) continue;
        double cost = -omega, terms = std::abs(omega), idle = -omega, idle_terms = std::abs(omega), size = 0;
        for (Eigen::Index i = 0; i < n; ++i) {
            const double term = y[i] * columns_(i, j);
            const bool good = i >= m_ && i < m_ + s1_;
            if (g.value[i] > 0) size = std::max(size, columns_(i, j) / g.value[i]);
            cost += good ? -term : term;
            terms += std::abs(term);
            if (i >= m_) continue;
            idle += term;
            idle_terms += std::abs(term);
        }
        finding.min_reduced_cost = std::min(finding.min_reduced_cost, cost / std::max({terms, size, 1e-300}));
        if (twofold)
            finding.min_reduced_cost =
                std::min(finding.min_reduced_cost, idle / std::max({idle_terms, size, 1e-300}));
    }
}

/// What the peers attain, and how far their point misses the technology's conditions.
void Checker::check_primal(const Given& g, const Claim& claim, Finding& f) const {
    const Settings& s = settings_;
    const Eigen::Index n = g.value.size();
    const auto fault = [&](double amount, Eigen::Index i) {
        const double base = g.value[i] > 0             ? g.value[i]
                            : std::abs(g.point[i]) > 0 ? columns_.row(i).mean()
                                                       : 1;
        f.infeasibility = std::max(f.infeasibility, relative(amount, base));
    };
    const double over = g.intensity - 1;
    if (s.returns != Returns::crs) {
        const double off = s.returns == Returns::vrs    ? std::abs(over)
                           : s.returns == Returns::nirs ? over
                                                        : -over;
        f.infeasibility = std::max(f.infeasibility, off);
    }
    double above = 0, below = 0;  // weighted slacks, expansions, steps or amounts
    for (Eigen::Index i = 0; i < n; ++i) {
        const bool input = i < m_, good = !input && i < m_ + s1_;
        const double sign = good ? -1 : 1;
        const bool weak = !input && !good && s.disposability != Disposability::strong;
        double limit = g.value[i];
        if (s.model == Model::radial) {
            const bool moves = s.orientation == Orientation::input ? input : good;
            if (moves) limit *= claim.score;
        } else if (s.model == Model::ddf) {
            limit -= sign * claim.score * g.pull[i];
        } else if (s.model == Model::nddf) {
            limit -= sign * claim.beta[i] * g.pull[i];
            above += g.weight[i] * claim.beta[i];
            if (claim.beta[i] < 0) fault(-claim.beta[i] * g.pull[i], i);
        }
        const double slack = sign * (limit - g.point[i]);
        if (s.model == Model::sbm && s.super) {
            const double expansion = std::max(0.0, -slack);
            const bool numerator = s.super_bads == SuperBads::numerator && !input && !good;
            (input || numerator ? above : below) += g.weight[i] * expansion;
            if (!(g.weight[i] > 0)) fault(expansion, i);
        } else if (s.model == Model::cost && input) {
            above += g.weight[i] * g.point[i];
        } else if (s.model == Model::revenue && good) {
            above += g.weight[i] * g.point[i];
        } else {
            fault(weak ? std::abs(slack) : -slack, i);
            if (s.model == Model::sbm) (input ? above : below) += g.weight[i] * slack;
            if (s.model == Model::additive) above += g.weight[i] * slack;
        }
    }
    switch (s.model) {
        case Model::sbm:
            f.primal = s.super ? (1 + above) / (1 - below) : (1 - above) / (1 + below);
            break;
        case Model::additive:
        case Model::nddf:
        case Model::cost:
            f.primal = above;
            break;
        case Model::revenue:
            f.primal = 1 / above;
            break;
        default:
            f.primal = claim.score;  // attained, if the point is feasible
    }
}

/// What the multipliers prove, and how far they miss the model's conditions.
void Checker::check_dual(const Given& g, const Claim& claim, bool inside, Finding& f) const {
    const Settings& s = settings_;
    const Eigen::VectorXd& y = claim.multiplier;
    const Eigen::Index n = g.value.size();
    const double omega = y[n];
    const auto fault = [&](double amount, double base) {
        f.multiplier_fault = std::max(f.multiplier_fault, relative(amount, base));
    };
    if (s.model == Model::additive) f.scale = std::max(1.0, g.weight.dot(g.value));
    const double score_size = std::max(f.scale, std::abs(claim.score));
    if (s.returns == Returns::crs) fault(std::abs(omega), score_size);
    if (s.returns == Returns::nirs) fault(omega, score_size);
    if (s.returns == Returns::ndrs) fault(-omega, score_size);
    double reach = 0, bounds = 0;
    for (Eigen::Index i = 0; i < n; ++i) {
        const bool input = i < m_, good = !input && i < m_ + s1_;
        const bool weak = !input && !good && s.disposability != Disposability::strong;
        const bool chosen = (s.model == Model::cost && input) || (s.model == Model::revenue && good);
        const double unit = g.value[i] > 0 ? g.value[i] : columns_.row(i).mean();
        const bool bounded = s.model == Model::additive && s.returns == Returns::crs &&
                             s.additive_weights == AdditiveWeights::bam;
        // A slack that is held at 0 makes its row an equality; a bound on it takes what the multiplier lacks.
        const bool scored =
            s.orientation == Orientation::none || input == (s.orientation == Orientation::input);
        const bool held = s.model == Model::additive && s.additive_weights != AdditiveWeights::given &&
                          scored && !(g.weight[i] > 0);
        if (!weak && !chosen && !bounded && !held) fault(-y[i] * unit, score_size);
        reach += y[i] * g.pull[i];
        double needed = g.weight[i];
        if (s.model == Model::sbm) {
            const bool numerator = s.super && s.super_bads == SuperBads::numerator && !input && !good;
            const bool under = s.orientation == Orientation::none && !input && !numerator;
            if (under) needed *= claim.score;
            const bool counts = g.weight[i] > 0;
            if (counts) fault(s.super ? (y[i] - needed) * unit : (needed - y[i]) * unit, 1);
        } else if (s.model == Model::additive) {
            const double short_of = std::max(0.0, needed - y[i]);
            const double room = std::abs(best_[i] - g.value[i]);
            if (bounded && !held) bounds += short_of * room;
            if (!bounded && g.weight[i] > 0) fault(short_of * unit, score_size);
        } else if (s.model == Model::nddf) {
            if (needed > 0) fault(needed - y[i] * g.pull[i], std::max(needed, score_size));
        } else if (chosen) {
            fault(input ? y[i] - needed : needed - y[i], std::max(needed, 1e-300));
        }
    }
    const double pi = g.pi;
    const double inputs = g.terms.head(m_).sum(), goods = g.terms.segment(m_, s1_).sum();
    const bool output = s.orientation == Orientation::output;
    switch (s.model) {
        case Model::radial:
            fault(std::abs((output ? goods : inputs) - 1), 1);
            f.dual = output ? 1 + pi : 1 - pi;
            if (output) f.dual = pi + goods;
            if (!output) f.dual = inputs - pi;
            break;
        case Model::sbm:
            f.dual = output ? 1 / (1 + pi) : 1 - pi;
            break;
        case Model::additive:
            f.dual = pi + bounds;
            break;
        case Model::ddf:
            fault(inside ? 1 - reach : std::abs(1 - reach), 1);
            f.dual = pi;
            break;
        case Model::nddf:
            f.dual = pi;
            break;
        case Model::cost:
            f.dual = inputs - pi;
            break;
        case Model::revenue:
            f.dual = 1 / (pi + goods);
            break;
        case Model::fdh:
            break;
    }
}

/// Free disposal hull: the peer serves, and no unit serves better.
void Checker::check_hull(Eigen::Index o, const Claim& claim, Finding& f) const {
    const bool input = settings_.orientation == Orientation::input;
    const double low = settings_.returns == Returns::vrs || settings_.returns == Returns::ndrs ? 1 : 0;
    const double high =
        settings_.returns == Returns::vrs || settings_.returns == Returns::nirs ? 1 : infinity;
    const Eigen::VectorXd own = given(o).value;
    double best = input ? infinity : -infinity;
    f.primal = std::numeric_limits<double>::quiet_NaN();
    for (Eigen::Index j = 0; j < columns_.cols(); ++j) {
        double least = low, most = high, inputs = 0, ratio = infinity;
        for (Eigen::Index i = 0; i < own.size(); ++i) {
            const bool is_input = i < m_, good = !is_input && i < m_ + s1_;
            const double have = columns_(i, j), want = own[i];
            if (good && input && want > 0) least = std::max(least, have > 0 ? want / have : infinity);
            if (good && !input && want > 0) ratio = std::min(ratio, have / want);
            if (is_input && input && have > 0) inputs = std::max(inputs, want > 0 ? have / want : infinity);
            const bool limits = (is_input && !input) || (!is_input && !good);
            if (limits && have > 0) most = std::min(most, want / have);
        }
        if (!(least <= most)) continue;
        const double value = input ? least * inputs : most * ratio;
        best = input ? std::min(best, value) : std::max(best, value);
        if (!claim.peer.empty() && claim.peer[0] == j) f.primal = value;
    }
    f.dual = best;
}

Finding Checker::check(Eigen::Index o, const Claim& claim, ColumnRange left_out, bool inside) const {
    Finding f;
    if (settings_.model == Model::fdh) {
        check_hull(o, claim, f);
        return f;
    }
    Given g = given(o);
    const Eigen::Index n = g.value.size();
    g.point = Eigen::VectorXd::Zero(n);
    for (std::size_t p = 0; p < claim.peer.size(); ++p) {
        const double idle = claim.idle.empty() ? 0 : claim.idle[p];
        const Eigen::VectorXd column = columns_.col(claim.peer[p]);
        g.point += claim.lambda[p] * column;
        g.point.head(m_) += idle * column.head(m_);
        g.intensity += claim.lambda[p] + idle;
        if (left_out.contains(claim.peer[p]) || claim.lambda[p] < 0 || idle < 0) f.infeasibility = infinity;
    }
    g.terms = claim.multiplier.head(n).cwiseProduct(g.value);
    g.pi = g.terms.sum() - 2 * g.terms.segment(m_, s1_).sum() - claim.multiplier[n];
    check_columns(g, claim, left_out, f);
    check_primal(g, claim, f);
    check_dual(g, claim, inside, f);
    return f;
}

}  // namespace greenfront::dea

#include "kernels/dea/proof.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dea/proof_models.hpp"

namespace greenfront::dea {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Eigen::MatrixXd stacked(const Quantities& q) {
    Eigen::MatrixXd all(q.X.rows() + q.Y.rows() + q.B.rows(), q.units());
    all << q.X, q.Y, q.B;
    return all;
}

/// Relative to the range: no overflow, and exactly 0 where all values are the same.
double standard_deviation(const Eigen::VectorXd& values, double low, double range) {
    if (!(range > 0)) return 0;
    const Eigen::ArrayXd part = (values.array() - low) / range;
    const auto n = static_cast<double>(values.size());
    return range * std::sqrt((part - part.mean()).square().sum() / (n - 1));
}

bool all_finite(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
}

/// Every number of the claim is one.
bool is_claim(const Claim& claim, Model model) {
    const bool numbers = std::isfinite(claim.score) && all_finite(claim.lambda) && all_finite(claim.idle);
    return numbers && (model == Model::fdh || claim.multiplier.allFinite()) &&
           (model != Model::nddf || claim.beta.allFinite());
}

}  // namespace

bool Finding::proves(double score, double tolerance) const {
    const double size = std::max(scale, std::abs(score));
    return std::abs(primal - score) <= tolerance * size && std::abs(dual - score) <= tolerance * size &&
           min_reduced_cost >= -tolerance && infeasibility <= tolerance && multiplier_fault <= tolerance;
}

Frame::Frame(const Quantities& evaluated, const Quantities& reference, const Settings& chosen)
    : settings(chosen), m(evaluated.X.rows()), s1(evaluated.Y.rows()), s2(evaluated.B.rows()) {
    mean = stacked(reference).rowwise().mean();
    if (settings.model != Model::additive) return;
    const Eigen::MatrixXd all = stacked(evaluated);
    const Eigen::VectorXd low = all.rowwise().minCoeff(), high = all.rowwise().maxCoeff();
    best = low;
    best.segment(m, s1) = high.segment(m, s1);
    range = high - low;
    deviation.resize(all.rows());
    for (Eigen::Index i = 0; i < all.rows(); ++i)
        deviation[i] = standard_deviation(all.row(i), low[i], range[i]);
}

bool Frame::scored(Eigen::Index i) const {
    if (settings.model != Model::sbm && settings.model != Model::additive) return false;
    return settings.orientation == Orientation::none ||
           is_input(i) == (settings.orientation == Orientation::input);
}

bool Frame::moves(Eigen::Index i) const {
    if (settings.model != Model::radial && settings.model != Model::fdh) return false;
    return settings.orientation == Orientation::input ? is_input(i) : is_good(i);
}

bool Frame::chosen(Eigen::Index i) const {
    return settings.model == Model::cost ? is_input(i) : settings.model == Model::revenue && is_good(i);
}

bool Frame::above_line(Eigen::Index i) const {
    return super_sbm() && settings.super_bads == SuperBads::numerator && is_bad(i);
}

bool Frame::bounded() const {
    return settings.model == Model::additive && settings.returns == Returns::crs &&
           settings.additive_weights == AdditiveWeights::bam;
}

Checker::Checker(const Quantities& evaluated, const Quantities& reference, const Settings& settings)
    : evaluated_(evaluated), frame_(evaluated, reference, settings), columns_(stacked(reference)) {}

void Checker::check_columns(const Eigen::VectorXd& value, const Claim& claim, ColumnRange left_out,
                            Finding& finding) const {
    const Eigen::Index n = columns_.rows(), m = frame_.m;
    const Settings& s = frame_.settings;
    const bool twofold = s.disposability == Disposability::weak && s.returns == Returns::vrs;
    const double omega = claim.multiplier[n];
    Eigen::VectorXd y = claim.multiplier.head(n), own(n);
    y.segment(m, frame_.s1) *= -1;
    for (Eigen::Index i = 0; i < n; ++i) own[i] = value[i] > 0 ? 1 / value[i] : 0;
    double least = 0;
    bool numbers = true;
    const auto take = [&](double cost, double terms, double size) {
        const double share = cost / std::max({terms, size, 1e-300});
        least = std::min(least, share);
        numbers = numbers && !std::isnan(share);
    };
    for (Eigen::Index j = 0; j < columns_.cols(); ++j) {
        if (left_out.contains(static_cast<std::int32_t>(j))) continue;
        double cost = -omega, terms = std::abs(omega), idle = 0, idle_terms = 0, size = 0;
        for (Eigen::Index i = 0; i < n; ++i) {
            const double amount = columns_(i, j), term = y[i] * amount;
            size = std::max(size, amount * own[i]);
            cost += term;
            terms += std::abs(term);
            if (i + 1 != m) continue;
            idle = cost;  // its inputs alone
            idle_terms = terms;
        }
        take(cost, terms, size);
        if (twofold) take(idle, idle_terms, size);
    }
    finding.min_reduced_cost = numbers ? least : -infinity;
}

double Checker::best_of_hull(const Eigen::VectorXd& own) const {
    const Settings& s = frame_.settings;
    const bool input = s.orientation == Orientation::input;
    const double low = s.returns == Returns::vrs || s.returns == Returns::ndrs ? 1 : 0;
    const double high = s.returns == Returns::vrs || s.returns == Returns::nirs ? 1 : infinity;
    double best = input ? infinity : -infinity;
    for (Eigen::Index j = 0; j < columns_.cols(); ++j) {
        double least = low, most = high, inputs = 0, ratio = infinity;
        for (Eigen::Index i = 0; i < own.size(); ++i) {
            const bool is_input = frame_.is_input(i), good = frame_.is_good(i);
            const double have = columns_(i, j), want = own[i];
            if (good && input && want > 0) least = std::max(least, have > 0 ? want / have : infinity);
            if (good && !input && want > 0) ratio = std::min(ratio, have / want);
            if (is_input && input && have > 0) inputs = std::max(inputs, want > 0 ? have / want : infinity);
            const bool limits = (is_input && !input) || (!is_input && !good);
            if (limits && have > 0) most = std::min(most, want / have);
        }
        if (!(least <= most)) continue;
        const double value = input ? (least > 0 ? least * inputs : 0) : most * ratio;
        best = input ? std::min(best, value) : std::max(best, value);
    }
    return best;
}

Finding Checker::check(Eigen::Index o, const Claim& claim, ColumnRange left_out, bool inside) const {
    Finding f;
    if (!is_claim(claim, frame_.settings.model)) {
        f.primal = f.dual = std::numeric_limits<double>::quiet_NaN();
        f.infeasibility = f.multiplier_fault = infinity;
        return f;
    }
    proof::Given g = proof::given(frame_, evaluated_, o);
    const Eigen::Index n = g.value.size(), m = frame_.m;
    g.point = Eigen::VectorXd::Zero(n);
    for (std::size_t p = 0; p < claim.peer.size(); ++p) {
        const double idle = claim.idle.empty() ? 0 : claim.idle[p];
        const auto column = columns_.col(claim.peer[p]);
        g.point += claim.lambda[p] * column;
        g.point.head(m) += idle * column.head(m);
        g.intensity += claim.lambda[p] + idle;
        if (left_out.contains(claim.peer[p]) || !(claim.lambda[p] >= 0 && idle >= 0))
            f.infeasibility = infinity;
    }
    proof::check_primal(frame_, g, claim, f);
    if (frame_.settings.model == Model::fdh) {
        f.dual = best_of_hull(g.value);
    } else {
        g.terms = claim.multiplier.head(n).cwiseProduct(g.value);
        g.pi = g.terms.sum() - 2 * g.terms.segment(m, frame_.s1).sum() - claim.multiplier[n];
        check_columns(g.value, claim, left_out, f);
        proof::check_dual(frame_, g, claim, inside, f);
    }
    proof::check_projection(frame_, g, claim, f);
    return f;
}

}  // namespace greenfront::dea

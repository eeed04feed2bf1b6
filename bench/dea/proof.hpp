#pragma once
#include <cmath>

#include "kernels/dea/dea.hpp"

/// Proofs of scores from the data alone, for units whose values are all positive. `evaluated` and `o` name
/// the unit and its column in `scores`, `q` is the reference set. What holds on both sides is the optimum,
/// whoever found it.
namespace greenfront::bench {

inline constexpr double proof_tolerance = 1e-9;

/// No answer is better: with the unit's multipliers (v, u, w, c) and profit(j) = v x_j - u y_j + w b_j - c
/// >= 0 for every reference unit
///   radial, input   v x_o = 1, and then theta >= v x_o - profit(o)
///   SBM             v_i >= 1/(m x_io), (u_r, w_k) >= rho / (s value), and then rho >= 1 - profit(o)
inline bool bounded(const dea::Quantities& evaluated, const dea::Quantities& q, const dea::Scores& scores,
                    const dea::Settings& settings, Eigen::Index o) {
    constexpr double tolerance = proof_tolerance;
    const Eigen::Index m = q.X.rows(), s1 = q.Y.rows(), s2 = q.B.rows();
    const auto multiplier = scores.multiplier.col(o);
    const Eigen::VectorXd v = multiplier.head(m), u = multiplier.segment(m, s1),
                          w = multiplier.segment(m + s1, s2);
    const double c = multiplier[m + s1 + s2];
    Eigen::ArrayXd cost = (q.X.transpose() * v).array();
    if (s2 > 0) cost += (q.B.transpose() * w).array();
    const Eigen::ArrayXd profit = cost - (q.Y.transpose() * u).array() - c;
    if ((profit < -tolerance * (1 + cost)).any()) return false;

    const Eigen::ArrayXd x = evaluated.X.col(o), y = evaluated.Y.col(o);
    const Eigen::ArrayXd b = s2 > 0 ? Eigen::ArrayXd(evaluated.B.col(o)) : Eigen::ArrayXd(0);
    const double total = (v.array() * x).sum();
    const double own = total + (w.array() * b).sum() - (u.array() * y).sum() - c;
    const double score = scores.score[o];
    if (settings.model == dea::Model::radial) {
        return multiplier.head(m + s1 + s2).minCoeff() >= 0 && std::abs(total - 1) <= tolerance &&
               std::abs(total - own - score) <= tolerance;
    }
    const auto inputs = static_cast<double>(m), outputs = static_cast<double>(s1 + s2);
    return (v.array() * x * inputs >= 1 - tolerance).all() &&
           (u.array() * y * outputs >= score - tolerance).all() &&
           (w.array() * b * outputs >= score - tolerance).all() && std::abs(1 - own - score) <= tolerance;
}

/// The score is reached: the unit's peers span a point of the technology that has it.
inline bool attained(const dea::Quantities& evaluated, const dea::Quantities& q, const dea::Scores& scores,
                     const dea::Settings& settings, Eigen::Index o) {
    constexpr double tolerance = proof_tolerance;
    const auto unit = static_cast<std::size_t>(o);
    Eigen::ArrayXd x = Eigen::ArrayXd::Zero(q.X.rows()), y = Eigen::ArrayXd::Zero(q.Y.rows()),
                   b = Eigen::ArrayXd::Zero(q.B.rows());
    double sum = 0;
    for (auto p = static_cast<std::size_t>(scores.peer_start[unit]);
         p < static_cast<std::size_t>(scores.peer_start[unit + 1]); ++p) {
        if (!(scores.lambda[p] >= 0)) return false;
        sum += scores.lambda[p];
        x += scores.lambda[p] * q.X.col(scores.peer[p]).array();
        y += scores.lambda[p] * q.Y.col(scores.peer[p]).array();
        if (b.size() > 0) b += scores.lambda[p] * q.B.col(scores.peer[p]).array();
    }
    if (settings.returns == dea::Returns::vrs && std::abs(sum - 1) > tolerance) return false;
    x /= evaluated.X.col(o).array();
    y /= evaluated.Y.col(o).array();
    if (b.size() > 0) b /= evaluated.B.col(o).array();
    const double score = scores.score[o];
    const double most = settings.model == dea::Model::radial ? score : 1.0;
    if ((x > most + tolerance).any() || (y < 1 - tolerance).any() || (b > 1 + tolerance).any()) return false;
    if (settings.model == dea::Model::radial) return true;
    const double outputs = static_cast<double>(y.size() + b.size());
    const double rho = x.mean() / (1 + ((y - 1).sum() + (1 - b).sum()) / outputs);
    return std::abs(rho - score) <= tolerance;
}

inline bool proved(const dea::Quantities& evaluated, const dea::Quantities& q, const dea::Scores& scores,
                   const dea::Settings& settings, Eigen::Index o) {
    return bounded(evaluated, q, scores, settings, o) && attained(evaluated, q, scores, settings, o);
}

}  // namespace greenfront::bench

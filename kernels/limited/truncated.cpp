#include <cmath>

#include "kernels/limited/model.hpp"
#include "kernels/limited/truncated_normal.hpp"

/// Truncated regression in natural parameters (eta, tau) = (q'c, 1/sigma^2): with m = eta/tau the mean before
/// truncation,
///     l = eta e - tau e^2/2 - A(eta, tau),   A = ln int_a^b exp(eta y - tau y^2/2) dy,
/// an exponential family, so l is concave and its derivatives are moments of the truncated e:
///     dl = (e - E e, -(e^2 - E e^2)/2),   d2l = -Cov of (e, -e^2/2).
/// With e = base + w / sqrt(tau) the moments are those of w (truncated_normal.hpp); base is the nearer bound
/// where the row lies far in a tail, and m elsewhere, so that nothing large is subtracted.
namespace greenfront::limited {
namespace {

struct Placed {
    TruncatedNormal t;
    double sigma, base, distance;  ///< e - base
    double bound;                  ///< the origin of t: (base - m) / sigma
};

Placed place(const Problem& p, Eigen::Index i, double eta, double tau) {
    const double sigma = 1 / std::sqrt(tau), mean = eta / tau;
    const double a = (p.lower[i] - mean) / sigma, b = (p.upper[i] - mean) / sigma;
    Placed out{truncated_normal(a, b), sigma, mean, 0, 0};
    if (out.t.origin == TruncatedNormal::Origin::lower) out.base = p.lower[i], out.bound = a;
    if (out.t.origin == TruncatedNormal::Origin::upper) out.base = p.upper[i], out.bound = b;
    out.distance = p.e[i] - out.base;
    return out;
}

void rows(const Problem& p, const Eigen::VectorXd& index, double tau, Rows& out) {
    const Eigen::Index n = index.size();
    out.value.resize(n);
    out.first.resize(n, 2);
    out.second.resize(n, 3);
    for (Eigen::Index i = 0; i < n; ++i) {
        const Placed at = place(p, i, index[i], tau);
        const double s = at.sigma, w = at.distance / s;
        out.value[i] = -(at.bound + w / 2) * w - at.t.log_mass - std::log(s);
        const double mean = s * at.t.mean, m2 = s * s * at.t.m2, m3 = s * s * s * at.t.m3,
                     m4 = s * s * s * s * at.t.m4;
        const double residual = at.distance - mean;  // e - E e
        const double square = at.distance * at.distance - (mean * mean + m2);
        out.first(i, 0) = residual;
        out.first(i, 1) = -(at.base * residual + square / 2);
        // e^2 = base^2 + 2 base w + w^2
        const double with_square = m3 + 2 * mean * m2;                      // Cov(w, w^2)
        const double squares = m4 - m2 * m2 + 4 * mean * (m3 + mean * m2);  // Var(w^2)
        out.second(i, 0) = -m2;
        out.second(i, 1) = at.base * m2 + with_square / 2;
        out.second(i, 2) = -(at.base * (at.base * m2 + with_square) + squares / 4);
    }
}

double index_unit(double tau) {
    return std::sqrt(tau);
}

/// The only way to infinity is a sigma without bound, which `runaway` sees.
std::string recession(const Problem&, const Eigen::VectorXd&, double) {
    return {};
}

std::string runaway(double tau) {
    if (tau < 1e-8) {
        return "sigma grows without end: the outcome falls off from its bound like an exponential "
               "distribution or "
               "slower (too many rows at the bound, or no truncation at it), and no truncated normal fits "
               "it; "
               "check the bounds, or use tobit or fractional-logit";
    }
    return tau > 1e18 ? "the outcome is fitted perfectly, so sigma goes to 0" : "";
}

Printed printed(const Problem& p, const Maximum& m) {
    const Eigen::Index k = m.c.size();
    const double tau = m.ancillary;
    const Eigen::VectorXd shift = p.unit * (p.T * m.c) / tau;
    Printed out{p.origin + shift, p.unit / std::sqrt(tau), Eigen::MatrixXd::Zero(k + 1, k + 1)};
    out.jacobian.topLeftCorner(k, k) = p.unit / tau * p.T;
    out.jacobian.col(k).head(k) = -shift / tau;
    out.jacobian(k, k) = -out.sigma / (2 * tau);
    return out;
}

/// E[y | x, in range] has derivative beta_j V, V the variance of the truncated standard normal. With central
/// moments m2 = V, m3, m4 of v = (e - m)/sigma:  dV/dm = m3/sigma,
///     dV/dsigma = (m4 - m2^2 + 2 E[v] m3 - 2 m2)/sigma.
/// Both together by tau: dV/dtau = -(m3 E[e]/sigma + (m4 - m2^2 - 2 m2)/2) / tau, as E[v] = (E[e] - m)/sigma.
std::vector<Margin> margins(const Problem& p, const Maximum& m) {
    const Eigen::Index n = p.Q.rows(), k = m.c.size();
    const double tau = m.ancillary;
    const Eigen::VectorXd index = p.Q * m.c;
    Margin margin{"in_range", "E[y|x, y within the limits]", 0, Eigen::VectorXd::Zero(k + 1)};
    for (Eigen::Index i = 0; i < n; ++i) {
        const Placed at = place(p, i, index[i], tau);
        const TruncatedNormal& t = at.t;
        margin.share += t.m2;
        margin.gradient.head(k) += t.m3 / (at.sigma * tau) * p.Q.row(i).transpose();
        const double expected = at.base / at.sigma + t.mean;  // E[e] / sigma
        margin.gradient[k] -= (t.m3 * expected + (t.m4 - t.m2 * t.m2 - 2 * t.m2) / 2) / tau;
    }
    margin.share /= static_cast<double>(n);
    margin.gradient /= static_cast<double>(n);
    return {margin};
}

}  // namespace

const Functions& truncated() {
    static const Functions made{true, rows, index_unit, recession, runaway, printed, margins};
    return made;
}

}  // namespace greenfront::limited

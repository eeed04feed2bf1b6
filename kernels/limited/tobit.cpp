#include <algorithm>
#include <cmath>

#include "kernels/limited/model.hpp"
#include "kernels/limited/truncated_normal.hpp"

/// Tobit in (gamma, theta) = (c, 1/sigma): with z = theta e - q'c,
///     l = ln theta - z^2/2 - ln(2 pi)/2 between the limits, ln Phi(z at the lower limit), ln Phi(-z at the
///     upper),
/// a sum of concave functions of linear ones (Olsen 1978). With lambda(h) = phi(h)/Phi(-h),
/// d ln Phi(z)/dz = lambda(-z), d2 = -lambda(-z) (lambda(-z) + z).
namespace greenfront::limited {
namespace {

constexpr double half_log_two_pi = 0.91893853320467274178;

void rows(const Problem& p, const Eigen::VectorXd& index, double theta, Rows& out) {
    const Eigen::Index n = index.size();
    out.value.resize(n);
    out.first.resize(n, 2);
    out.second.resize(n, 3);
    const double log_theta = std::log(theta);
    for (Eigen::Index i = 0; i < n; ++i) {
        const int side = p.state[static_cast<std::size_t>(i)];
        const double at = side < 0 ? p.lower[i] : side > 0 ? p.upper[i] : p.e[i];
        const double z = theta * at - index[i];
        double slope = -z, curve = -1;  // by z
        double extra = 0;               // of ln theta
        if (side == 0) {
            out.value[i] = log_theta - z * z / 2 - half_log_two_pi;
            extra = 1 / theta;
        } else {
            const UpperTail tail = upper_tail(side < 0 ? -z : z);
            out.value[i] = tail.log_probability;
            slope = side < 0 ? tail.lambda : -tail.lambda;
            curve = -tail.lambda * tail.excess;
        }
        out.first(i, 0) = -slope;
        out.first(i, 1) = slope * at + extra;
        out.second(i, 0) = curve;
        out.second(i, 1) = -curve * at;
        out.second(i, 2) = curve * at * at - extra * extra;
    }
}

double index_unit(double) {
    return 1;
}

/// Uncensored rows must stay fitted as they are, censored ones move into their limit, theta not fall.
std::string recession(const Problem& p, const Eigen::VectorXd& index, double theta) {
    double size = 0;
    for (Eigen::Index i = 0; i < index.size(); ++i) {
        size = std::max({size, std::abs(index[i]), std::abs(theta * p.e[i])});
    }
    const double tolerance = 1e-6 * size;
    double moved = 0, scaled = 0;
    for (Eigen::Index i = 0; i < index.size(); ++i) {
        const int side = p.state[static_cast<std::size_t>(i)];
        const double at = side < 0 ? p.lower[i] : side > 0 ? p.upper[i] : p.e[i];
        const double z = theta * at - index[i];
        if (side == 0 ? std::abs(z) > tolerance : side * z > tolerance) return {};
        moved = std::max(moved, std::abs(z));
        if (side == 0) scaled = std::max(scaled, std::abs(theta * p.e[i]));
    }
    if (theta > 0 && scaled > tolerance) {
        return "the rows between the limits are fitted perfectly, so sigma goes to 0";
    }
    if (std::abs(theta) * p.e.cwiseAbs().maxCoeff() > tolerance || moved <= tolerance) return {};
    return "perfect prediction: a combination of the regressors is constant between the limits and tells the "
           "rows at a limit apart from them";
}

std::string runaway(double theta) {
    return theta > 1e9 ? "the rows between the limits are fitted perfectly, so sigma goes to 0" : "";
}

Printed printed(const Problem& p, const Maximum& m) {
    const Eigen::Index k = m.c.size();
    const double theta = m.ancillary;
    const Eigen::VectorXd shift = p.unit * (p.T * m.c) / theta;
    Printed out{p.origin + shift, p.unit / theta, Eigen::MatrixXd::Zero(k + 1, k + 1)};
    out.jacobian.topLeftCorner(k, k) = p.unit / theta * p.T;
    out.jacobian.col(k).head(k) = -shift / theta;
    out.jacobian(k, k) = -p.unit / (theta * theta);
    return out;
}

/// E[y|x] has derivative beta_j P(between the limits) (McDonald and Moffitt 1980).
std::vector<Margin> margins(const Problem& p, const Maximum& m) {
    const Eigen::Index n = p.Q.rows(), k = m.c.size();
    const Eigen::VectorXd index = p.Q * m.c;
    Margin observed{"observed", "E[y|x] of the censored outcome", 0, Eigen::VectorXd::Zero(k + 1)};
    for (Eigen::Index i = 0; i < n; ++i) {
        const double a = m.ancillary * p.lower[i] - index[i], b = m.ancillary * p.upper[i] - index[i];
        const double below = normal_density(a), above = normal_density(b);
        observed.share += normal_between(a, b);
        observed.gradient.head(k) -= (above - below) * p.Q.row(i).transpose();
        observed.gradient[k] +=
            (std::isinf(b) ? 0 : above * p.upper[i]) - (std::isinf(a) ? 0 : below * p.lower[i]);
    }
    observed.share /= static_cast<double>(n);
    observed.gradient /= static_cast<double>(n);
    return {{"latent", "E[y*|x] = x'beta of the latent outcome", 1, Eigen::VectorXd::Zero(k + 1)}, observed};
}

}  // namespace

const Functions& tobit() {
    static const Functions made{true, rows, index_unit, recession, runaway, printed, margins};
    return made;
}

}  // namespace greenfront::limited

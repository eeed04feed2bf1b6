#include "kernels/panel/iv_anderson_rubin.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "kernels/panel/variance.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::panel {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double pi = std::numbers::pi;

/// All b0 with q2 b0^2 - 2 q1 b0 + q0 <= 0.
std::vector<Interval> quadratic_set(double q2, double q1, double q0) {
    const double root2 = q1 * q1 - q2 * q0;
    if (q2 == 0) {
        if (q1 == 0) return q0 <= 0 ? std::vector<Interval>{{-infinity, infinity}} : std::vector<Interval>{};
        const double end = q0 / (2 * q1);
        return q1 > 0 ? std::vector<Interval>{{end, infinity}} : std::vector<Interval>{{-infinity, end}};
    }
    if (root2 < 0) return q2 < 0 ? std::vector<Interval>{{-infinity, infinity}} : std::vector<Interval>{};
    const double root = std::sqrt(root2);
    const double far = q1 >= 0 ? q1 + root : q1 - root;  // no cancellation
    const double r1 = far / q2, r2 = far != 0 ? q0 / far : 0;
    const double low = std::min(r1, r2), high = std::max(r1, r2);
    if (q2 > 0) return {{low, high}};
    return {{-infinity, low}, {high, infinity}};
}

/// M(angle) = s^2 M0 + s t M1 + t^2 M2 with s = sin, t = cos, so that b0 = t/s: angle 0 is b0 = infinity.
struct Pencil {
    Eigen::MatrixXd M0, M1, M2;
    [[nodiscard]] Eigen::MatrixXd at(double angle) const {
        const double s = std::sin(angle), t = std::cos(angle);
        return s * s * M0 + s * t * M1 + t * t * M2;
    }
    /// Smallest eigenvalue over the largest in absolute value.
    [[nodiscard]] double definiteness(double angle) const {
        const Eigen::VectorXd spectrum =
            Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(at(angle), Eigen::EigenvaluesOnly).eigenvalues();
        return spectrum[0] / spectrum.cwiseAbs().maxCoeff();
    }
};

/// Angles in [0, pi) near which det M vanishes; real parts of nearly real eigenvalues, so some may be none.
std::vector<double> singular_angles(const Pencil& pencil) {
    const Eigen::Index L = pencil.M0.rows();
    // Turn the best-conditioned of a few directions to infinity: the companion matrix needs its inverse.
    double turn = 0, best = -1;
    constexpr int directions = 32;
    for (int i = 0; i < directions; ++i) {
        const double angle = pi * i / directions;
        const Eigen::VectorXd spectrum =
            Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(pencil.at(angle), Eigen::EigenvaluesOnly)
                .eigenvalues()
                .cwiseAbs();
        const double condition = spectrum.minCoeff() / spectrum.maxCoeff();
        if (condition > best) best = condition, turn = angle;
    }
    // sin = S sin(v) + C cos(v), cos = C sin(v) ... with angle = v + turn: t' = cos v plays the part of
    // infinity.
    const double s = std::sin(turn), t = std::cos(turn);
    const Eigen::MatrixXd N2 = pencil.at(turn);
    const Eigen::MatrixXd N0 = t * t * pencil.M0 - s * t * pencil.M1 + s * s * pencil.M2;
    const Eigen::MatrixXd N1 = 2 * s * t * (pencil.M0 - pencil.M2) + (t * t - s * s) * pencil.M1;
    const Eigen::PartialPivLU<Eigen::MatrixXd> lu(N2);
    Eigen::MatrixXd companion = Eigen::MatrixXd::Zero(2 * L, 2 * L);
    companion.topRightCorner(L, L).setIdentity();
    companion.bottomLeftCorner(L, L) = -lu.solve(N0);
    companion.bottomRightCorner(L, L) = -lu.solve(N1);
    const Eigen::VectorXcd roots = Eigen::EigenSolver<Eigen::MatrixXd>(companion, false).eigenvalues();
    std::vector<double> angles;
    for (Eigen::Index i = 0; i < roots.size(); ++i) {
        if (std::abs(roots[i].imag()) > 1e-4 * (1 + std::abs(roots[i].real()))) continue;
        double angle = std::atan2(1.0, roots[i].real()) + turn;  // cot v = root
        if (angle >= pi) angle -= pi;
        angles.push_back(angle);
    }
    std::sort(angles.begin(), angles.end());
    return angles;
}

/// The end between an angle inside of the set and one outside.
double bisect(const Pencil& pencil, double inside, double outside) {
    for (int i = 0; i < 200; ++i) {
        const double middle = 0.5 * (inside + outside);
        if (middle == inside || middle == outside) break;
        (pencil.definiteness(middle) >= 0 ? inside : outside) = middle;
    }
    return inside;
}

/// {b0 : M is positive semi-definite} as intervals; b0 = cot(angle) falls from infinity to -infinity.
std::vector<Interval> definite_set(const Pencil& pencil) {
    const std::vector<double> cuts = singular_angles(pencil);
    std::vector<double> middle;
    if (cuts.empty()) {
        middle.push_back(pi / 2);
    } else {
        for (std::size_t i = 0; i < cuts.size(); ++i) {
            const double next = i + 1 < cuts.size() ? cuts[i + 1] : cuts[0] + pi;
            if (next - cuts[i] > 1e-14) middle.push_back(0.5 * (cuts[i] + next));
        }
    }
    std::vector<char> inside;
    for (const double angle : middle) inside.push_back(pencil.definiteness(angle) >= 0 ? 1 : 0);
    const std::size_t n = middle.size();
    const auto accepted = static_cast<std::size_t>(std::count(inside.begin(), inside.end(), 1));
    if (accepted == 0) return {};
    if (accepted == n) return {{-infinity, infinity}};
    std::vector<Interval> set;
    for (std::size_t i = 0; i < n; ++i) {
        // An accepted stretch begins after a rejected arc; follow it around the circle.
        if (!inside[i] || inside[(i + n - 1) % n]) continue;
        const double before = i > 0 ? middle[i - 1] : middle[n - 1] - pi;
        const double first = bisect(pencil, middle[i], before);
        std::size_t last = i;
        while (inside[(last + 1) % n]) ++last;
        const auto at = [&](std::size_t j) { return middle[j % n] + pi * static_cast<double>(j / n); };
        const double end = bisect(pencil, at(last), at(last + 1));
        const double high = std::cos(first) / std::sin(first), low = std::cos(end) / std::sin(end);
        // The stretch from `first` to `end` passes b0 = infinity when a multiple of pi lies in it.
        if (std::floor(first / pi) < std::floor(end / pi)) {
            set.push_back({-infinity, high});
            set.push_back({low, infinity});
        } else {
            set.push_back({low, high});
        }
    }
    std::sort(set.begin(), set.end(), [](const Interval& a, const Interval& b) { return a.low < b.low; });
    return set;
}

bool definite_everywhere(const Pencil& V) {
    if (!(V.definiteness(pi / 2) > 1e-12) || !(V.definiteness(0) > 1e-12)) return false;
    const std::vector<double> cuts = singular_angles(V);
    return std::all_of(cuts.begin(), cuts.end(), [&](double angle) { return V.definiteness(angle) > 1e-12; });
}

}  // namespace

std::optional<std::vector<Interval>> anderson_rubin_set(const IvCoordinates& c, const IvScale& scale,
                                                        double confidence) {
    const Eigen::Index L = c.Qz.cols();
    // Units in which y and x are of the same size: angles resolve b0 evenly.
    const double unit = c.y.norm() / std::abs(c.Ry(0, 0));
    const Eigen::VectorXd y = c.y / c.y.norm(), x = c.Qy.col(0) * (c.Ry(0, 0) > 0 ? 1 : -1);
    const Eigen::VectorXd a = c.Qz.transpose() * y, b = c.Qz.transpose() * x;
    const Eigen::VectorXd ey = y - c.Qz * a, ex = x - c.Qz * b;
    const double cut =
        stats::f_quantile(confidence, static_cast<double>(L), scale.df2()) * static_cast<double>(L);
    std::vector<Interval> set;
    if (scale.variance == Variance::iid) {
        const double f = cut / scale.denominator;
        set = quadratic_set(b.squaredNorm() - f * ex.squaredNorm(), a.dot(b) - f * ex.dot(ey),
                            a.squaredNorm() - f * ey.squaredNorm());
    } else {
        Eigen::MatrixXd psi(y.size(), 2 * L);
        psi << ey.asDiagonal() * c.Qz, ex.asDiagonal() * c.Qz;
        const Eigen::MatrixXd V = score_products(psi, *scale.clusters) * (cut / scale.factor());
        const Eigen::MatrixXd cross = V.topRightCorner(L, L);
        const Pencil variance{V.topLeftCorner(L, L), -(cross + cross.transpose()), V.bottomRightCorner(L, L)};
        if (L == 1) {
            set = quadratic_set(b[0] * b[0] - variance.M2(0, 0), a[0] * b[0] + 0.5 * variance.M1(0, 0),
                                a[0] * a[0] - variance.M0(0, 0));
        } else if (!definite_everywhere(variance)) {
            return std::nullopt;
        } else {
            set = definite_set({variance.M0 - a * a.transpose(),
                                variance.M1 + a * b.transpose() + b * a.transpose(),
                                variance.M2 - b * b.transpose()});
        }
    }
    for (Interval& part : set) part = {part.low * unit, part.high * unit};
    return set;
}

}  // namespace greenfront::panel

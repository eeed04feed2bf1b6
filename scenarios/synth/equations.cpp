#include "scenarios/synth/equations.hpp"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <cmath>
#include <iterator>
#include <numeric>

namespace greenfront::synth {
namespace {

VectorXd square(const VectorXd& v) {
    return v.cwiseAbs2();
}

VectorXd scattered(const VectorXd& v, const std::vector<Index>& at, Index rows) {
    VectorXd wide = VectorXd::Zero(rows);
    for (std::size_t k = 0; k < at.size(); ++k) wide(at[k]) = v(static_cast<Index>(k));
    return wide;
}

/// The coefficient in question is to be nearer to the published one than those of the controls.
constexpr double regressor_unit = 1.0 / 5;

/// Least squares after effects, with what the derivatives need.
struct Fit {
    MatrixXd X, A, G;  // A is n x k here: a column for each coefficient
    VectorXd b, e;
    double factor, df;

    Fit(const Effects& effects, const VectorXd& index, const MatrixXd& controls_within, const VectorXd& y) {
        X.resize(y.size(), 1 + controls_within.cols());
        X << effects.residual(index), controls_within;
        G = (X.transpose() * X).llt().solve(MatrixXd::Identity(X.cols(), X.cols()));
        A = X * G;
        const VectorXd within = effects.residual(y);
        b = A.transpose() * within;
        e = within - X * b;
        df = static_cast<double>(y.size() - effects.rank() - X.cols());
        factor = static_cast<double>(y.size()) / df;
    }
    /// M v
    [[nodiscard]] VectorXd off(const Effects& effects, const VectorXd& v) const {
        const VectorXd p = effects.residual(v);
        return p - X * (A.transpose() * p);
    }
};

void add_figure(const Regression& r, const Fit& fit, Index k, Equations& equations) {
    const Figure& aim = r.figures[static_cast<std::size_t>(k)];
    const auto& rows = r.effects.rows();
    const VectorXd a = fit.A.col(k), first = fit.A.col(0);
    const double unit = aim.std_error * (k == 0 ? regressor_unit : 1);
    const double residual = (aim.estimate - fit.b(k)) / unit;
    const double variance = fit.factor * square(a).dot(square(fit.e));
    const double log_ratio = std::log(aim.std_error / std::sqrt(variance));
    if (!equations.gradients) {
        equations.add(Kind::coefficient, residual);
        equations.add(Kind::std_error, log_ratio);
        return;
    }
    const VectorXd by_index = r.effects.residual(fit.e * fit.G(k, 0) - a * fit.b(0));
    equations.add(Kind::coefficient, residual, rows, a / unit, r.series, by_index / unit);

    const VectorXd w = a.cwiseProduct(square(fit.e)), u = square(a).cwiseProduct(fit.e);
    const VectorXd off_w = fit.off(r.effects, w), off_u = fit.off(r.effects, u);
    const VectorXd inner = fit.G(k, 0) * off_w - a * first.dot(w) - fit.b(0) * off_u - fit.e * first.dot(u);
    equations.add(Kind::std_error, log_ratio, rows, off_u * (fit.factor / variance), r.series,
                  r.effects.residual(inner) * (fit.factor / variance));
}

void add_constant(const Regression& r, const Fit& fit, const VectorXd& index, const VectorXd& y,
                  Equations& equations) {
    const double n = static_cast<double>(y.size());
    MatrixXd regressors(y.size(), 1 + r.controls.cols());
    regressors << index, r.controls;
    const VectorXd mean = regressors.colwise().mean();
    const double residual = (r.constant - (y.mean() - mean.dot(fit.b))) / r.constant_unit;
    if (!equations.gradients) return equations.add(Kind::coefficient, residual);
    const VectorXd by_outcome = VectorXd::Constant(y.size(), 1 / n) - fit.A * mean;
    VectorXd by_index = VectorXd::Constant(y.size(), -fit.b(0) / n);
    by_index -= r.effects.residual(fit.e * fit.G.col(0).dot(mean) - (fit.A * mean) * fit.b(0));
    equations.add(Kind::coefficient, residual, r.effects.rows(), by_outcome / r.constant_unit, r.series,
                  by_index / r.constant_unit);
}

}  // namespace

void Equations::add(Kind which, double value, const std::vector<Index>& at, const VectorXd& outcome,
                    int index, const VectorXd& gradient) {
    kind.push_back(which);
    residual.push_back(value);
    series.push_back(index);
    by_outcome.push_back(outcome.size() == 0 ? VectorXd() : scattered(outcome, at, rows_));
    by_index.push_back(gradient.size() == 0 ? VectorXd() : scattered(gradient, at, rows_));
}

void Equations::append(Equations&& other) {
    const auto move = [](auto& to, auto& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    };
    move(kind, other.kind);
    move(residual, other.residual);
    move(series, other.series);
    move(by_outcome, other.by_outcome);
    move(by_index, other.by_index);
}

MatrixXd residuals(const Effects& effects, const MatrixXd& columns) {
    MatrixXd within(columns.rows(), columns.cols());
    for (Index k = 0; k < columns.cols(); ++k) within.col(k) = effects.residual(columns.col(k));
    return within;
}

void add_regression(const Regression& r, const VectorXd& outcome, const VectorXd& index,
                    Equations& equations) {
    const VectorXd y = r.effects.pick(outcome), x = r.effects.pick(index);
    const Fit fit(r.effects, x, r.controls_within, y);
    for (Index k = 0; k < static_cast<Index>(r.figures.size()); ++k) add_figure(r, fit, k, equations);
    if (r.constant_unit > 0) add_constant(r, fit, x, y, equations);

    const VectorXd centred = y.array() - y.mean();
    const double rss = fit.e.squaredNorm(), tss = centred.squaredNorm();
    const double unexplained = (rss / fit.df) / (tss / static_cast<double>(y.size() - 1));
    const double log_ratio = std::log((1 - r.adjusted_r2) / unexplained);
    if (!equations.gradients) return equations.add(Kind::fit, log_ratio);
    equations.add(Kind::fit, log_ratio, r.effects.rows(), 2 * fit.e / rss - 2 * centred / tss, r.series,
                  r.effects.residual(-2 * fit.b(0) / rss * fit.e));
}

void add_instrumented(const Effects& effects, const MatrixXd& controls, const VectorXd& outcome,
                      const VectorXd& index, const PublishedInstrument& published, Equations& equations) {
    const auto& rows = effects.rows();
    const Index n = effects.size(), wide = outcome.size();
    const Eigen::HouseholderQR<MatrixXd> qr(residuals(effects, controls));
    const MatrixXd Q = qr.householderQ() * MatrixXd::Identity(n, controls.cols());
    const auto off = [&](const VectorXd& v) -> VectorXd {
        const VectorXd p = effects.residual(v);
        return p - Q * (Q.transpose() * p);
    };
    VectorXd lag(n);
    for (Index k = 0; k < n; ++k) lag(k) = index(rows[static_cast<std::size_t>(k)] - 1);
    const VectorXd z = off(lag), x = off(effects.pick(index)), y = off(effects.pick(outcome));
    const double factor = static_cast<double>(n) / static_cast<double>(n - effects.rank() - 6);
    const double zx = z.dot(x), zz = z.squaredNorm();

    std::vector<Index> all(static_cast<std::size_t>(wide));
    std::iota(all.begin(), all.end(), Index{0});
    // The index enters twice: as regressor in its own row, as instrument in the row after.
    const auto add = [&](Kind kind, double residual, const VectorXd& by_y, const VectorXd& by_z,
                         const VectorXd& by_x) {
        if (!equations.gradients) return equations.add(kind, residual);
        VectorXd by_index = VectorXd::Zero(wide);
        for (Index k = 0; k < n; ++k) {
            const Index r = rows[static_cast<std::size_t>(k)];
            by_index(r) += by_x(k);
            by_index(r - 1) += by_z(k);
        }
        const VectorXd by_outcome = by_y.size() == 0 ? VectorXd() : scattered(by_y, rows, wide);
        equations.add(kind, residual, all, by_outcome, 0, by_index);
    };
    const double b = z.dot(y) / zx;
    const VectorXd u = y - b * x;
    const Figure& second = published.second_stage;
    const double second_unit = second.std_error * regressor_unit;
    add(Kind::coefficient, (second.estimate - b) / second_unit, z / zx / second_unit, u / zx / second_unit,
        -b / zx / second_unit * z);
    {
        const double s = square(z).dot(square(u));
        const VectorXd t = square(z).cwiseProduct(u) / s;
        const VectorXd off_t = off(t);
        const double xt = x.dot(t);
        add(Kind::std_error, std::log(second.std_error / (std::sqrt(factor * s) / std::abs(zx))),
            off_t - z * (xt / zx), off(z.cwiseProduct(square(u)) / s) - x / zx - u * (xt / zx),
            -z / zx - b * off_t + z * (xt * b / zx));
    }
    const Figure& first = published.first_stage;
    const double pi = zx / zz;
    const VectorXd v = x - pi * z, pi_by_z = (x - 2 * pi * z) / zz, pi_by_x = z / zz;
    const double unit = first.std_error * regressor_unit;
    add(Kind::coefficient, (first.estimate - pi) / unit, {}, pi_by_z / unit, pi_by_x / unit);
    {
        const double s = square(z).dot(square(v));
        const VectorXd t = square(z).cwiseProduct(v) / s;
        const VectorXd off_t = off(t);
        const double zt = z.dot(t);
        add(Kind::std_error, std::log(first.std_error / (std::sqrt(factor * s) / zz)), {},
            off(z.cwiseProduct(square(v)) / s) - pi * off_t - zt * pi_by_z - 2 * z / zz,
            off_t - zt * pi_by_x);
    }
    const double q = square(z).dot(square(x));
    add(Kind::std_error, std::log(published.kp_rk_lm / (zx * zx / q)), {},
        2 * x / zx - 2 / q * off(z.cwiseProduct(square(x))),
        2 * z / zx - 2 / q * off(x.cwiseProduct(square(z))));
}

void add_moments(const VectorXd& values, int series, const Moments& aim, double unit, Equations& equations) {
    const Index n = values.size();
    std::vector<Index> all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), Index{0});
    const double mean = values.mean();
    const VectorXd centred = values.array() - mean;
    const double variance = centred.squaredNorm() / static_cast<double>(n);
    const VectorXd by_mean = VectorXd::Constant(n, 1 / static_cast<double>(n) / unit),
                   by_sd = centred / (static_cast<double>(n) * variance);
    const bool outcome = series < 0;
    if (!equations.gradients) {
        equations.add(Kind::coefficient, (aim.mean - mean) / unit);
        equations.add(Kind::std_error, std::log(aim.sd / std::sqrt(variance)));
        return;
    }
    equations.add(Kind::coefficient, (aim.mean - mean) / unit, all, outcome ? by_mean : VectorXd(), series,
                  outcome ? VectorXd() : by_mean);
    equations.add(Kind::std_error, std::log(aim.sd / std::sqrt(variance)), all, outcome ? by_sd : VectorXd(),
                  series, outcome ? VectorXd() : by_sd);
}

}  // namespace greenfront::synth

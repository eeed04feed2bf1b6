#include "kernels/limited/limited.hpp"

#include <Eigen/LU>
#include <cmath>
#include <stdexcept>
#include <string>

#include "bench/contest/contest.hpp"
#include "bench/dea/panels.hpp"

namespace greenfront::bench::contest {
namespace {

using Eigen::ArrayXd, Eigen::Index, Eigen::MatrixXd, Eigen::VectorXd;

constexpr double floor_of_shares = 0.2;  ///< a fifth of the shares lies below

/// output / (output + capital) on the other regressors and a constant.
panel::Design shares(const dea::Quantities& q, const panel::Design& all) {
    panel::Design d = all;
    d.effects.clear();
    d.y = (q.Y.row(0).array() / (q.Y.row(0).array() + q.X.row(0).array())).transpose();
    d.X = all.X.rightCols(all.X.cols() - 1);
    d.x_name.erase(d.x_name.begin());
    return d;
}

limited::Settings by_city(limited::Model model) {
    limited::Settings settings;
    settings.model = model;
    settings.variance = panel::Variance::cluster;
    return settings;
}

VectorXd estimates(const limited::Fit& fit) {
    VectorXd b(static_cast<Index>(fit.terms.size()));
    for (Index j = 0; j < b.size(); ++j) b[j] = fit.terms[static_cast<std::size_t>(j)].estimate;
    return b;
}

/// Standard errors without the factor G/(G-1), which programs count differently.
VectorXd plain_errors(const limited::Fit& fit) {
    VectorXd plain(static_cast<Index>(fit.terms.size()));
    for (Index j = 0; j < plain.size(); ++j)
        plain[j] = fit.terms[static_cast<std::size_t>(j)].std_error * std::sqrt(1 - 1.0 / cities);
    return plain;
}

/// The first derivatives, each row's in `scores`, are zero at the estimate, and the sandwich of the cities'
/// scores between the inverse of `information` gives the standard errors.
void check_maximum(const std::string& workload, const panel::Design& d, const limited::Fit& fit,
                   const MatrixXd& scores, const MatrixXd& information) {
    const VectorXd plain = plain_errors(fit);
    const MatrixXd bread = information.inverse();
    const VectorXd step = bread * VectorXd(scores.colwise().sum());
    const MatrixXd V = sandwich(bread, scores, d.clusters[0].code);
    for (Index j = 0; j < step.size(); ++j) {
        if (!(std::abs(step[j]) < 1e-9 * std::sqrt(V(j, j))))
            throw std::runtime_error(workload + ": not the maximum");
    }
    for (Index j = 0; j < plain.size(); ++j) {
        if (!(std::abs(plain[j] / std::sqrt(V(j, j)) - 1) < 1e-8))
            throw std::runtime_error(workload + ": not the maximum, or not its variance, for " +
                                     fit.terms[static_cast<std::size_t>(j)].name);
    }
}

MatrixXd with_constant(const panel::Design& d) {
    MatrixXd X(d.y.size(), d.X.cols() + 1);
    X << d.X, VectorXd::Ones(d.y.size());
    return X;
}

/// The quasi-likelihood's derivatives by b: (y - p) x and -p (1 - p) x x'.
void check_share(const panel::Design& d, const limited::Fit& fit) {
    const MatrixXd X = with_constant(d);
    const ArrayXd p = 1 / (1 + (-(X * estimates(fit))).array().exp());
    check_maximum("share", d, fit, X.array().colwise() * (d.y.array() - p),
                  X.transpose() * MatrixXd(X.array().colwise() * (p * (1 - p))));
}

/// The likelihood's derivatives by (b, ln sigma), z = (y - x'b) / sigma: above the floor those of
/// -z^2/2 - ln sigma, at the floor those of ln Phi(z), with m = phi(z) / Phi(z) and m' = -m (z + m).
void check_censored(const panel::Design& d, const limited::Fit& fit) {
    const MatrixXd X = with_constant(d);
    const Index n = X.rows(), k = X.cols();
    const double sigma = fit.sigma.estimate;
    const VectorXd z = (d.y - X * estimates(fit)) / sigma;
    MatrixXd scores(n, k + 1), information = MatrixXd::Zero(k + 1, k + 1);
    for (Index i = 0; i < n; ++i) {
        double by_z = -z[i], by_z_twice = -1, by_sigma = -1;
        if (d.y[i] <= floor_of_shares) {
            const double density = std::exp(-z[i] * z[i] / 2) / std::sqrt(2 * std::acos(-1));
            by_z = density / (std::erfc(-z[i] / std::sqrt(2)) / 2);
            by_z_twice = -by_z * (z[i] + by_z);
            by_sigma = 0;
        }
        VectorXd slope(k + 1);  // of z
        slope << -X.row(i).transpose() / sigma, -z[i];
        scores.row(i) = by_z * slope.transpose();
        scores(i, k) += by_sigma;
        MatrixXd bend = MatrixXd::Zero(k + 1, k + 1);  // second derivatives of z
        bend.row(k) = -slope.transpose();
        bend.col(k) = -slope;
        information -= by_z_twice * slope * slope.transpose() + by_z * bend;
    }
    check_maximum("censored", d, fit, scores, information);
}

void solve(const std::string& workload, const panel::Design& d, const limited::Settings& settings,
           void (*check)(const panel::Design&, const limited::Fit&)) {
    limited::Fit fit = limited::fit(d, settings);
    check(d, fit);
    print_time(workload, seconds_of([&] { fit = limited::fit(d, settings); }), 1);
    const VectorXd b = estimates(fit), plain = plain_errors(fit);
    for (Index j = 0; j < b.size(); ++j) {
        const std::string& name = fit.terms[static_cast<std::size_t>(j)].name;
        print_answer(workload, name, b[j]);
        print_answer(workload, name + ".se", plain[j]);
    }
    if (std::isfinite(fit.sigma.estimate)) print_answer(workload, "sigma", fit.sigma.estimate);
}

}  // namespace

void explain_share(const dea::Quantities& q, const panel::Design& all) {
    solve("share", shares(q, all), by_city(limited::Model::fractional_logit), check_share);
}

void explain_censored_share(const dea::Quantities& q, const panel::Design& all) {
    panel::Design d = shares(q, all);
    d.y = d.y.cwiseMax(floor_of_shares);
    limited::Settings settings = by_city(limited::Model::tobit);
    settings.lower = floor_of_shares;
    solve("censored", d, settings, check_censored);
}

}  // namespace greenfront::bench::contest

#include "kernels/panel/sandwich.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "kernels/error.hpp"
#include "kernels/panel/dependence.hpp"
#include "kernels/panel/jackknife.hpp"

namespace greenfront::panel {
namespace {

/// Rows whose leverage is one to rounding.
std::string certain_rows(const Setup& setup, const Eigen::VectorXd& left) {
    std::string list;
    int named = 0;
    for (Eigen::Index i = 0; i < left.size(); ++i) {
        if (left[i] > 1e-9) continue;
        if (++named > 5) continue;
        const auto row = setup.sample.row.empty() ? i : setup.sample.row[static_cast<std::size_t>(i)];
        list += fmt::format("{}{}", named > 1 ? ", " : "", row + 1);
    }
    return named > 5 ? fmt::format("{} and {} more", list, named - 5) : list;
}

/// 1 - h_i, the leverage in the regression with all dummies; of one of the copies with frequency weights.
Eigen::VectorXd leverage_left(const Setup& setup, const Estimation& e, const char* name) {
    Eigen::MatrixXd Q = e.Z;  // orthonormal
    if (Q.cols() > 0) e.R.triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(Q);
    Eigen::VectorXd h = setup.absorber.leverage() + Q.rowwise().squaredNorm();
    if (setup.sample.weight_kind == WeightKind::frequency) h = h.cwiseQuotient(setup.sample.weight);
    const Eigen::VectorXd left = 1 - h.array();
    const std::string certain = certain_rows(setup, left);
    if (!certain.empty()) {
        throw Error(Fault::data,
                    fmt::format("{} is not defined: data rows {} are fitted exactly whatever their outcome "
                                "(leverage 1), so their residuals say nothing; leave these rows out or use "
                                "--vcov robust",
                                name, certain));
    }
    return left;
}

/// The middle of the sandwich for psi = [Z, r] e.
Eigen::MatrixXd middle(const Setup& setup, const Estimation& e, Eigen::MatrixXd& psi, Fit& fit) {
    const Design& sample = setup.sample;
    const Options& options = setup.options;
    switch (options.variance) {
        case Variance::hc2:
            psi.array().colwise() /= leverage_left(setup, e, "hc2").array().sqrt();
            break;
        case Variance::hc3:
            psi.array().colwise() /= leverage_left(setup, e, "hc3").array();
            break;
        case Variance::driscoll_kraay:
            return driscoll_kraay(psi, sample.period, sample.time, options.lags);
        case Variance::newey_west:
            return newey_west(psi, sample.unit, sample.period, sample.time, options.lags);
        case Variance::conley: {
            const Conley result = conley(psi, sample.period, sample.place, options.radius_km);
            fit.neighbours = result.neighbours;
            return result.S;
        }
        case Variance::iid:
        case Variance::robust:
        case Variance::cluster:
        case Variance::jackknife:
            break;
    }
    // Each of the rows that a frequency weight stands for is an observation of its own.
    if (setup.clusters.empty() && sample.weight_kind == WeightKind::frequency)
        psi.array().colwise() /= setup.root.array();
    return score_products(psi, setup.clusters);
}

/// Variance of [estimate of Z in its units, coefficient of 1], before any repair.
Eigen::MatrixXd basis_covariance(const Setup& setup, const Estimation& e, const SmallSampleRule& rule,
                                 Fit& fit) {
    const Eigen::Index k = e.R.cols(), n = e.residual.size();
    if (e.influence.cols() > 0)
        return rule.factor * score_products(e.influence, e.first_residual, setup.clusters);
    Eigen::MatrixXd bread = Eigen::MatrixXd::Zero(k + 1, k + 1);
    bread.topLeftCorner(k, k) = inverse_normal(e.R);
    bread(k, k) = 1 / static_cast<double>(setup.n);
    if (setup.options.variance == Variance::iid) return fit.rss / rule.denominator * bread;
    if (e.score_products.size() > 0) return rule.factor * (bread * e.score_products * bread);
    Eigen::MatrixXd psi(n, k + 1);
    for (Eigen::Index j = 0; j < k; ++j) psi.col(j) = e.Z.col(j).cwiseProduct(e.residual);
    psi.col(k) = e.residual;
    if (setup.root.size() > 0) psi.col(k).array() *= setup.root.array();
    return rule.factor * (bread * middle(setup, e, psi, fit) * bread);
}

}  // namespace

Eigen::MatrixXd printed_covariance(const Setup& setup, const Estimation& e, SmallSampleRule& rule, Fit& fit) {
    const Eigen::Index k = e.R.cols();
    if (setup.options.variance == Variance::jackknife) {
        Eigen::VectorXd estimate(k + 1);
        estimate << e.estimate, e.mean_y - e.mean.dot(e.estimate);
        Design kept = setup.sample;
        kept.X.resize(setup.sample.X.rows(), k);
        for (Eigen::Index j = 0; j < k; ++j) {
            const auto& names = setup.sample.x_name;
            const auto place = std::find(names.begin(), names.end(), e.names[static_cast<std::size_t>(j)]);
            kept.X.col(j) = setup.sample.X.col(place - names.begin());
        }
        kept.x_name = e.names;
        Jackknife result = cluster_jackknife(kept, setup.sample.clusters.front(), estimate);
        if (!result.singular.empty()) {
            rule = residual_rule(setup, k, result.used);
            fit.warnings.push_back(fmt::format(
                "jackknife: without {} {} the coefficients are not identified; {} of {} leave-outs "
                "are used, and the standard errors say nothing of what these clusters alone identify",
                setup.sample.clusters.front().name, fmt::join(result.singular, ", "), result.used,
                setup.fewest_clusters));
        }
        fit.singular_leave_outs = std::move(result.singular);
        return result.covariance;
    }
    // From the basis [Z, 1] to the printed [x, 1]: b = estimate / scale, b0 = c - mean'b.
    Eigen::MatrixXd map = Eigen::MatrixXd::Zero(k + 1, k + 1);
    map.topLeftCorner(k, k) = e.scale.cwiseInverse().asDiagonal();
    map.row(k).head(k) = -e.mean.cwiseQuotient(e.scale).transpose();
    map(k, k) = 1;
    return map * basis_covariance(setup, e, rule, fit) * map.transpose();
}

}  // namespace greenfront::panel

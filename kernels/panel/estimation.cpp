#include "kernels/panel/estimation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::panel {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Variance of [estimate of Z in its units, coefficient of 1], before any repair.
Eigen::MatrixXd basis_covariance(const Setup& setup, const Estimation& e, const SmallSampleRule& rule,
                                 double rss) {
    const Eigen::Index k = e.Z.cols(), n = e.residual.size();
    if (e.influence.cols() > 0)
        return rule.factor * score_products(e.influence, e.first_residual, setup.clusters);
    Eigen::MatrixXd bread = Eigen::MatrixXd::Zero(k + 1, k + 1);
    bread.topLeftCorner(k, k) = inverse_normal(e.R);
    bread(k, k) = 1 / static_cast<double>(n);
    if (setup.options.variance == Variance::iid) return rss / rule.denominator * bread;
    Eigen::MatrixXd psi(n, k + 1);
    for (Eigen::Index j = 0; j < k; ++j) psi.col(j) = e.Z.col(j).cwiseProduct(e.residual);
    psi.col(k) = e.residual;
    return rule.factor * (bread * score_products(psi, setup.clusters) * bread);
}

/// A variance without information: scores that cancel in every cluster, or a repaired zero.
void flag_undefined(const Setup& setup, const Estimation& e, double sigma2, Eigen::VectorXd& se, Fit& fit) {
    if (setup.options.variance != Variance::cluster) return;
    const Eigen::VectorXd plain = (sigma2 * inverse_normal(e.R).diagonal().array()).sqrt() / e.scale.array();
    for (Eigen::Index j = 0; j < plain.size(); ++j) {
        if (se[j] > 1e-6 * plain[j]) continue;
        se[j] = nan;
        fit.warnings.push_back(
            fmt::format("the clustered standard error of {} is not defined: its variance is zero "
                        "to rounding{}",
                        e.names[static_cast<std::size_t>(j)],
                        fit.variance_repaired ? " after the repair of the multi-way matrix"
                                              : ", its scores cancel in every cluster"));
    }
}

Term make_term(const std::string& name, double estimate, double se, double df, double confidence) {
    const double t = estimate / se;
    const double width = stats::t_quantile(0.5 + confidence / 2, df) * se;
    return {name, estimate, se, t, stats::t_two_sided(t, df), estimate - width, estimate + width};
}

void fill_r2(const Setup& setup, std::int64_t k, Fit& fit) {
    const auto n = static_cast<double>(fit.n);
    // reghdfe counts nested effects here, though not in the variance; ivreghdfe does not.
    const bool iv = setup.rule == SmallSample::ivreghdfe;
    const auto used = static_cast<double>(fit.df_absorbed + k + (iv ? 0 : fit.df_nested));
    const double u = n - used;
    const double mse = u > 0 ? fit.rss / u : nan;
    fit.r2 = 1 - fit.rss / fit.tss;
    fit.adj_r2 = 1 - mse / (fit.tss / (n - (setup.intercept ? 1 : 0)));
    fit.within_r2 = 1 - fit.rss / fit.tss_within;
    fit.within_adj_r2 = 1 - mse / (fit.tss_within / (u + static_cast<double>(k)));
    fit.rmse = std::sqrt(mse);
}

}  // namespace

void solve_normal(const Eigen::MatrixXd& R, Eigen::VectorXd& right) {
    if (R.rows() == 0) return;
    R.transpose().triangularView<Eigen::Lower>().solveInPlace(right);
    R.triangularView<Eigen::Upper>().solveInPlace(right);
}

Eigen::MatrixXd inverse_normal(const Eigen::MatrixXd& R) {
    Eigen::MatrixXd inverse = Eigen::MatrixXd::Identity(R.rows(), R.rows());
    if (R.rows() == 0) return inverse;
    R.triangularView<Eigen::Upper>().solveInPlace(inverse);
    return inverse * inverse.transpose();
}

Setup make_setup(const Design& sample, const Options& options, const Absorber& absorber) {
    const bool clustered = options.variance == Variance::cluster;
    if (clustered && sample.clusters.empty()) {
        throw Error(Fault::data, "a clustered variance needs a cluster variable; name one: cluster:NAME");
    }
    if (!(options.confidence > 0 && options.confidence < 1)) {
        throw Error(Fault::data,
                    fmt::format("the confidence level {} is not between 0 and 1", options.confidence));
    }
    if (clustered) check_clusters(sample.clusters);
    const std::vector<Factor> none;
    const auto& clusters = clustered ? sample.clusters : none;
    const bool instrumented = sample.endogenous.cols() > 0;
    Setup setup{sample,
                options,
                absorber,
                absorbed_degrees(sample.effects, clusters, sample.constant),
                cluster_sets(clusters),
                options.small_sample.value_or(instrumented ? SmallSample::ivreghdfe : SmallSample::reghdfe),
                sample.constant,
                0};
    if (!sample.effects.empty()) {
        setup.intercept = std::any_of(sample.effects.begin(), sample.effects.end(),
                                      [](const FixedEffect& effect) { return effect.intercept; });
    }
    for (const Factor& cluster : clusters) {
        setup.fewest_clusters = setup.fewest_clusters == 0
                                    ? cluster.levels
                                    : std::min<std::int64_t>(setup.fewest_clusters, cluster.levels);
    }
    return setup;
}

SmallSampleRule residual_rule(const Setup& setup, std::int64_t k) {
    const std::int64_t n = setup.sample.y.size();
    const auto rule =
        small_sample(setup.rule, setup.options.variance, n, k, setup.fewest_clusters, setup.absorption,
                     setup.sample.effects, setup.sample.constant, setup.absorber);
    if (!(rule.denominator > 0) || !(rule.df > 0)) {
        throw Error(Fault::data,
                    fmt::format("no residual degrees of freedom: {} rows, {} regressors and {} "
                                "coefficients of {}; use fewer of them or more rows",
                                n, k, rule.absorbed,
                                setup.sample.effects.empty() ? "the constant" : "the fixed effects"));
    }
    return rule;
}

void finish(const Setup& setup, const Estimation& e, Fit& fit) {
    const Design& sample = setup.sample;
    const Eigen::Index k = e.Z.cols();
    const SmallSampleRule rule = residual_rule(setup, k);
    fit.n = sample.y.size();
    fit.df_model = k;
    fit.df_absorbed = rule.absorbed;
    fit.df_nested = setup.absorption.nested;
    fit.df_residual = rule.df;
    fit.small_sample_factor = rule.factor;
    fit.absorbed = setup.absorption.table;
    fit.ssc = name(setup.rule);
    fit.row = sample.row;
    fit.residual = e.residual;
    fit.rss = e.residual.squaredNorm();
    fit.tss = setup.intercept ? (sample.y.array() - e.mean_y).matrix().squaredNorm() : sample.y.squaredNorm();
    if (fit.rss <= 1e-20 * fit.tss || fit.rss <= 1e-26 * sample.y.squaredNorm()) {
        throw Error(Fault::data,
                    fmt::format("{} is fitted perfectly by the regressors and effects: there is no residual "
                                "variance, and standard errors are not defined",
                                sample.y_name));
    }
    fill_r2(setup, k, fit);

    // From the basis [Z, 1] to the printed [x, 1]: b = estimate / scale, b0 = c - mean'b.
    Eigen::MatrixXd map = Eigen::MatrixXd::Zero(k + 1, k + 1);
    map.topLeftCorner(k, k) = e.scale.cwiseInverse().asDiagonal();
    map.row(k).head(k) = -e.mean.cwiseQuotient(e.scale).transpose();
    map(k, k) = 1;
    Eigen::MatrixXd all = map * basis_covariance(setup, e, rule, fit.rss) * map.transpose();
    fit.covariance = all.topLeftCorner(k, k);
    if (setup.clusters.several()) {
        fit.variance_repaired = repair(fit.covariance);
        if (repair(all) && e.print_constant && !fit.variance_repaired) {
            fit.warnings.push_back(
                "the multi-way clustered variance matrix with the constant had a negative "
                "eigenvalue; it was set to zero for the standard error of _cons");
        }
        if (fit.variance_repaired) {
            fit.warnings.push_back(
                "the multi-way clustered variance matrix had a negative eigenvalue; it was set to "
                "zero (Cameron, Gelbach and Miller 2011), and there is no F statistic");
        }
    }
    Eigen::VectorXd se = fit.covariance.diagonal().cwiseMax(0.0).cwiseSqrt();
    flag_undefined(setup, e, fit.rss / rule.denominator, se, fit);
    for (Eigen::Index j = 0; j < k; ++j) {
        fit.terms.push_back(make_term(e.names[static_cast<std::size_t>(j)], e.estimate[j], se[j], rule.df,
                                      setup.options.confidence));
    }
    if (e.print_constant) {
        const double b0 = e.mean_y - e.mean.dot(e.estimate) + e.constant_shift;
        fit.terms.push_back(
            make_term("_cons", b0, std::sqrt(std::max(all(k, k), 0.0)), rule.df, setup.options.confidence));
    }
    if (k > 0 && !fit.variance_repaired) {
        fit.f_statistic = wald(e.estimate, fit.covariance) / static_cast<double>(k);
        fit.f_p_value = stats::f_upper(fit.f_statistic, static_cast<double>(k), rule.df);
        if (std::isnan(fit.f_statistic)) {
            fit.warnings.push_back(
                fmt::format("no F statistic: the variance matrix of the {} coefficients is singular "
                            "(fewer clusters than coefficients?)",
                            k));
        }
    }
}

}  // namespace greenfront::panel

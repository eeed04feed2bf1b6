#include "kernels/panel/estimation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/panel/sandwich.hpp"
#include "kernels/panel/weights.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::panel {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A variance without information: scores that cancel in every cluster, or a repaired zero.
void flag_undefined(const Setup& setup, const Estimation& e, double sigma2, Eigen::VectorXd& se, Fit& fit) {
    const Variance kind = setup.options.variance;
    if (kind == Variance::iid || kind == Variance::robust || kind == Variance::hc2 || kind == Variance::hc3)
        return;
    const Eigen::VectorXd plain = (sigma2 * inverse_normal(e.R).diagonal().array()).sqrt() / e.scale.array();
    for (Eigen::Index j = 0; j < plain.size(); ++j) {
        if (se[j] > 1e-6 * plain[j]) continue;
        se[j] = nan;
        fit.warnings.push_back(fmt::format(
            "the {} standard error of {} is not defined: its variance is zero "
            "to rounding{}",
            kind == Variance::cluster ? "clustered" : fit.vcov, e.names[static_cast<std::size_t>(j)],
            fit.variance_repaired          ? " after the repair of its negative eigenvalues"
            : kind == Variance::jackknife  ? ", no estimate moves when a cluster is left out"
            : kind == Variance::newey_west ? ", its scores cancel in every unit"
            : kind == Variance::cluster    ? ", its scores cancel in every cluster"
                                           : ", its scores cancel in every period"));
    }
}

/// The same for the constant, whose variance is that of the repaired matrix with it.
double constant_error(const Setup& setup, const Estimation& e, double sigma2, double variance, Fit& fit) {
    const double se = std::sqrt(std::max(variance, 0.0));
    if (!setup.clusters.several() && setup.options.variance != Variance::conley) return se;
    const Eigen::VectorXd mean = e.mean.cwiseQuotient(e.scale);
    const double plain =
        std::sqrt(sigma2 * (1 / static_cast<double>(fit.n) + mean.dot(inverse_normal(e.R) * mean)));
    if (se > 1e-6 * plain) return se;
    fit.warnings.emplace_back(
        "the standard error of _cons is not defined: its variance is zero after the repair of negative "
        "eigenvalues");
    return nan;
}

/// What the user should know of a variance that rests on few clusters or periods.
void warn_of_few(const Setup& setup, Fit& fit) {
    const Variance kind = setup.options.variance;
    if (kind == Variance::cluster && setup.fewest_clusters < 20) {
        fit.warnings.push_back(
            fmt::format("{} clusters only: t and F tend to reject too often with fewer than about 20 "
                        "(Cameron, Gelbach and "
                        "Miller 2008); compare the wild cluster bootstrap or jackknife:NAME",
                        setup.fewest_clusters));
    }
    if (kind == Variance::driscoll_kraay && setup.fewest_clusters < 25) {
        fit.warnings.push_back(fmt::format(
            "Driscoll-Kraay standard errors rest on many periods; with {} they tend to be too small "
            "(T is the number of independent pieces of information, as the number of clusters is)",
            setup.fewest_clusters));
    }
}

/// `critical`: the quantile of t at which the interval ends.
Term make_term(const std::string& name, double estimate, double se, double df, double critical) {
    const double t = estimate / se;
    return {
        name, estimate, se, t, stats::t_two_sided(t, df), estimate - critical * se, estimate + critical * se};
}

/// Wald tests of the terms named in the options.
void add_tests(const Setup& setup, const Estimation& e, double df, Fit& fit) {
    for (const auto& names : setup.options.tests) {
        JointTest test;
        std::vector<Eigen::Index> place;
        for (const std::string& name : names) {
            const auto kept = std::find(e.names.begin(), e.names.end(), name);
            if (kept != e.names.end()) {
                if (std::find(test.terms.begin(), test.terms.end(), name) != test.terms.end()) continue;
                test.terms.push_back(name);
                place.push_back(kept - e.names.begin());
                continue;
            }
            const bool omitted = std::any_of(fit.omitted.begin(), fit.omitted.end(),
                                             [&](const Omitted& o) { return o.name == name; });
            if (!omitted) {
                throw Error(Fault::data, fmt::format("test: {} is no regressor of this model; it has {}",
                                                     name, fmt::join(e.names, ", ")));
            }
            fit.warnings.push_back(fmt::format("test: {} is omitted from the model and from the test", name));
        }
        if (place.empty()) {
            throw Error(Fault::data, fmt::format("test: every term of \"{}\" is omitted from the model",
                                                 fmt::join(names, ",")));
        }
        test.df1 = static_cast<double>(place.size());
        test.df2 = df;
        test.f =
            fit.variance_repaired ? nan : wald(e.estimate(place), fit.covariance(place, place)) / test.df1;
        test.p_value = stats::f_upper(test.f, test.df1, df);
        if (std::isnan(test.f)) {
            fit.warnings.push_back(
                fmt::format("no F of {}: the variance matrix of these coefficients is singular",
                            fmt::join(test.terms, ", ")));
        }
        fit.tests.push_back(std::move(test));
    }
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

/// What a variance needs beside the columns.
void check_dependence(const Design& sample, const Options& options) {
    const Variance kind = options.variance;
    const bool periods = kind == Variance::driscoll_kraay || kind == Variance::newey_west;
    if (!periods && kind != Variance::conley) return;
    if (periods && (sample.period.levels == 0 || (kind == Variance::newey_west && sample.unit.levels == 0))) {
        throw Error(Fault::data, "dk and nw need the columns of unit and time of the panel");
    }
    if (periods && sample.period.levels < 2) {
        throw Error(Fault::data,
                    fmt::format("{} has one period only in the estimation sample: a variance over "
                                "time (dk, nw) is not defined",
                                sample.period.name));
    }
    if (periods && (options.lags < 0 || options.lags >= sample.period.levels)) {
        throw Error(Fault::data,
                    fmt::format("{} lags with {} periods of {} in the estimation sample; use fewer "
                                "lags than periods",
                                options.lags, sample.period.levels, sample.period.name));
    }
    if (kind == Variance::newey_west && sample.weight_kind == WeightKind::frequency) {
        throw Error(Fault::data,
                    "nw with frequency weights: they stand for several rows of a unit in one period, "
                    "and Newey-West needs one; use analytic weights or cluster:NAME");
    }
    if (kind != Variance::conley) return;
    if (sample.place.rows() != sample.y.size() || sample.place.cols() != 2)
        throw Error(Fault::data, "conley needs a latitude and a longitude for every row");
    if (!(options.radius_km >= 0) || !std::isfinite(options.radius_km))
        throw Error(Fault::data,
                    fmt::format("conley: the radius {} km is not a distance", options.radius_km));
}

}  // namespace

void least_squares(const Eigen::VectorXd& y, Estimation& e) {
    e.residual = y;
    Eigen::VectorXd b = Eigen::VectorXd::Zero(e.Z.cols());
    for (int pass = 0; pass < 2 && b.size() > 0; ++pass) {
        Eigen::VectorXd step = e.Z.transpose() * e.residual;
        solve_normal(e.R, step);
        e.residual -= e.Z * step;
        b += step;
    }
    e.estimate = b.cwiseQuotient(e.scale);
}

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
    const bool clustered = options.variance == Variance::cluster || options.variance == Variance::jackknife;
    if (clustered && sample.clusters.empty()) {
        throw Error(Fault::data, "a clustered variance needs a cluster variable; name one: cluster:NAME");
    }
    check_dependence(sample, options);
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
                root_weights(sample),
                observations(sample),
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
    if (options.variance == Variance::driscoll_kraay) setup.fewest_clusters = sample.period.levels;
    return setup;
}

SmallSampleRule residual_rule(const Setup& setup, std::int64_t k, std::int64_t clusters) {
    const std::int64_t n = setup.n;
    const auto rule = small_sample(setup.rule, setup.options.variance, n, k,
                                   clusters > 0 ? clusters : setup.fewest_clusters, setup.absorption,
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
    const Eigen::Index k = e.R.cols();
    SmallSampleRule rule = residual_rule(setup, k);
    fit.n = setup.n;
    fit.df_model = k;
    fit.df_absorbed = rule.absorbed;
    fit.df_nested = setup.absorption.nested;
    fit.absorbed = setup.absorption.table;
    fit.ssc = name(setup.rule);
    fit.row = sample.row;
    fit.residual = setup.root.size() > 0 ? Eigen::VectorXd(e.residual.cwiseQuotient(setup.root)) : e.residual;
    fit.rss = e.residual.squaredNorm();
    const Scale of_y = column_scale(sample.y, setup.root);
    fit.tss = setup.intercept ? of_y.centred[0] : of_y.raw[0];
    if (fit.rss <= 1e-20 * fit.tss || fit.rss <= 1e-26 * of_y.raw[0]) {
        throw Error(Fault::data,
                    fmt::format("{} is fitted perfectly by the regressors and effects: there is no residual "
                                "variance, and standard errors are not defined",
                                sample.y_name));
    }
    fill_r2(setup, k, fit);

    warn_of_few(setup, fit);
    Eigen::MatrixXd all = printed_covariance(setup, e, rule, fit);
    fit.df_residual = rule.df;
    fit.small_sample_factor = rule.factor;
    fit.covariance = all.topLeftCorner(k, k);
    if (setup.clusters.several() || setup.options.variance == Variance::conley) {
        const char* kind = setup.clusters.several() ? "multi-way clustered" : "Conley";
        fit.variance_repaired = repair(fit.covariance);
        if (repair(all) && e.print_constant && !fit.variance_repaired) {
            fit.warnings.push_back(
                fmt::format("the {} variance matrix with the constant had a negative "
                            "eigenvalue; it was set to zero for the standard error of _cons",
                            kind));
        }
        if (fit.variance_repaired) {
            fit.warnings.push_back(
                fmt::format("the {} variance matrix had a negative eigenvalue; it was set to "
                            "zero (Cameron, Gelbach and Miller 2011), and there is no F statistic",
                            kind));
        }
    }
    Eigen::VectorXd se = fit.covariance.diagonal().cwiseMax(0.0).cwiseSqrt();
    flag_undefined(setup, e, fit.rss / rule.denominator, se, fit);
    const double critical = stats::t_quantile(0.5 + setup.options.confidence / 2, rule.df);
    for (Eigen::Index j = 0; j < k; ++j) {
        fit.terms.push_back(
            make_term(e.names[static_cast<std::size_t>(j)], e.estimate[j], se[j], rule.df, critical));
    }
    if (e.print_constant) {
        const double b0 = e.mean_y - e.mean.dot(e.estimate) + e.constant_shift;
        const double se0 = constant_error(setup, e, fit.rss / rule.denominator, all(k, k), fit);
        fit.terms.push_back(make_term("_cons", b0, se0, rule.df, critical));
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
    add_tests(setup, e, rule.df, fit);
}

}  // namespace greenfront::panel

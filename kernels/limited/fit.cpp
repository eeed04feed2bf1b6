#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "kernels/limited/limited.hpp"
#include "kernels/limited/model.hpp"
#include "kernels/limited/sample.hpp"
#include "kernels/panel/variance.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::limited {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::string variance_name(const panel::Design& design, const Settings& settings) {
    if (settings.variance == panel::Variance::iid) return "iid";
    if (settings.variance == panel::Variance::robust) return "robust";
    std::string text = "cluster:";
    for (std::size_t c = 0; c < design.clusters.size(); ++c)
        text += (c > 0 ? "+" : "") + design.clusters[c].name;
    return text;
}

Maximum solve(const Settings& settings, const Problem& problem) {
    const Functions& model = functions(settings.model);
    Eigen::VectorXd c = Eigen::VectorXd::Zero(problem.Q.cols());
    if (settings.model == Model::fractional_logit) {
        // The logit of the mean, projected on the regressors: the constant, when there is one.
        const double mean = problem.e.mean();
        c = problem.Q.transpose() * Eigen::VectorXd::Constant(problem.e.size(), std::log(mean / (1 - mean))) /
            static_cast<double>(problem.e.size());
    }
    return maximise(model, problem, c, 1);
}

/// ln L in the data's units: a density of e is `unit` times one of y.
double log_likelihood(const Settings& settings, const Problem& problem, const Maximum& maximum) {
    if (settings.model == Model::fractional_logit) return maximum.value;
    const auto densities = std::count(problem.state.begin(), problem.state.end(), 0);
    return maximum.value - static_cast<double>(densities) * std::log(problem.unit);
}

/// ln L with a constant alone. A logit of a constant is the mean of the outcome, whatever its maximiser:
/// ln L = n (m ln m + (1 - m) ln(1 - m)).
double null_log_likelihood(const Sample& sample, const Settings& settings, const Problem& problem) {
    if (settings.model == Model::fractional_logit) {
        const double m = problem.e.mean();
        return static_cast<double>(problem.e.size()) * (m * std::log(m) + (1 - m) * std::log1p(-m));
    }
    const Problem null = make_problem(sample, settings, true);
    return log_likelihood(settings, null, solve(settings, null));
}

/// Variance of (c, ancillary).
Eigen::MatrixXd parameter_variance(const Sample& sample, const Settings& settings, const Problem& problem,
                                   const Maximum& maximum, bool ancillary, Fit& fit) {
    const Eigen::Index p = maximum.information.rows(), k = problem.Q.cols();
    const Eigen::MatrixXd bread = maximum.information.llt().solve(Eigen::MatrixXd::Identity(p, p));
    if (settings.variance == panel::Variance::iid) return bread;
    Eigen::MatrixXd scores(problem.Q.rows(), p);
    scores.leftCols(k) = maximum.rows.first.col(0).asDiagonal() * problem.Q;
    if (ancillary) scores.col(k) = maximum.rows.first.col(1);
    auto units = static_cast<double>(problem.Q.rows());
    panel::ClusterSets clusters;
    if (settings.variance == panel::Variance::cluster) {
        clusters = panel::cluster_sets(sample.design.clusters);
        for (const auto& cluster : sample.design.clusters)
            units = std::min(units, static_cast<double>(cluster.levels));
    }
    Eigen::MatrixXd V = units / (units - 1) * (bread * panel::score_products(scores, clusters) * bread);
    if (clusters.several() && panel::repair(V)) {
        fit.warnings.push_back(
            "the multi-way clustered variance matrix had a negative eigenvalue; it was set to zero (Cameron, "
            "Gelbach "
            "and Miller 2011), and there is no Wald test");
        fit.chi2.test = "none";
    }
    return V;
}

panel::Term make_term(const std::string& name, double estimate, double variance, double confidence) {
    const double se = variance > 0 ? std::sqrt(variance) : nan;
    const double z = estimate / se, width = stats::normal_quantile(0.5 + confidence / 2) * se;
    const double p = std::isnan(z) ? nan : 2 * stats::normal_cdf(-std::abs(z));
    return {name, estimate, se, z, p, estimate - width, estimate + width};
}

/// A clustered variance is zero to rounding where the scores cancel in every cluster.
void flag_undefined(const Eigen::MatrixXd& J, const Eigen::MatrixXd& bread, Eigen::MatrixXd& V,
                    const std::vector<std::string>& names, Fit& fit) {
    for (std::size_t j = 0; j < names.size(); ++j) {
        const auto at = static_cast<Eigen::Index>(j);
        if (V(at, at) > 1e-12 * J.row(at).dot(bread * J.row(at).transpose())) continue;
        V(at, at) = nan;
        fit.warnings.push_back(
            fmt::format("the clustered standard error of {} is not defined: its variance is zero to "
                        "rounding",
                        names[j]));
    }
}

void add_margins(const Functions& model, const Problem& problem, const Maximum& maximum,
                 const Printed& printed, const Eigen::MatrixXd& V, Eigen::Index regressors, Fit& fit) {
    for (const Margin& margin : model.margins(problem, maximum)) {
        MarginalEffects effects{margin.target, margin.text, {}};
        for (Eigen::Index j = 0; j < regressors; ++j) {
            const Eigen::VectorXd gradient =
                margin.share * printed.jacobian.row(j).transpose() + printed.beta[j] * margin.gradient;
            const double variance = std::isnan(fit.terms[static_cast<std::size_t>(j)].std_error)
                                        ? nan
                                        : gradient.dot(V * gradient);
            effects.terms.push_back(make_term(problem.names[static_cast<std::size_t>(j)],
                                              printed.beta[j] * margin.share, variance, fit.confidence));
        }
        fit.marginal.push_back(std::move(effects));
    }
}

/// Tobit with iid errors: likelihood ratio against the constant; else Wald on the named regressors.
void add_test(const Settings& settings, bool constant, Eigen::Index regressors, const Printed& printed,
              const Eigen::MatrixXd& V, Fit& fit) {
    if (fit.chi2.test == "none" || (regressors == 0 && fit.df_model == 0)) {
        fit.chi2.test.clear();
        return;
    }
    if (settings.model == Model::tobit && settings.variance == panel::Variance::iid && constant) {
        fit.chi2 = {"lr", std::max(0.0, 2 * (fit.log_likelihood - fit.log_likelihood_null)), nan,
                    fit.df_model};
    } else if (regressors > 0) {
        fit.chi2 = {"wald",
                    panel::wald(printed.beta.head(regressors), V.topLeftCorner(regressors, regressors)), nan,
                    regressors};
        if (std::isnan(fit.chi2.statistic)) {
            fit.warnings.push_back(
                fmt::format("no Wald test: the variance matrix of the {} coefficients is singular "
                            "(fewer clusters than coefficients?)",
                            regressors));
        }
    }
    fit.chi2.p_value = stats::chi2_upper(fit.chi2.statistic, static_cast<double>(fit.chi2.df));
}

}  // namespace

Fit fit(const panel::Design& design, const Settings& settings) {
    Fit fit;
    fit.model = settings.model;
    fit.formula = design.formula;
    fit.vcov = variance_name(design, settings);
    const bool fractional = settings.model == Model::fractional_logit;
    fit.lower = fractional ? 0 : settings.lower;
    fit.upper = fractional ? 1 : settings.upper;
    fit.n_read = design.n_read;
    fit.confidence = settings.confidence;
    fit.warnings = design.warnings;

    const Functions& model = functions(settings.model);
    const Sample sample = make_sample(design, settings, fit);
    const Problem problem = make_problem(sample, settings, false);
    const Maximum maximum = solve(settings, problem);
    const Printed printed = model.printed(problem, maximum);
    const Eigen::Index regressors = sample.design.X.cols(), k = problem.Q.cols();
    const bool constant = problem.names.back() == "_cons";
    fit.df_model = k - (constant ? 1 : 0);
    fit.iterations = maximum.iterations;
    fit.scaled_gradient = maximum.decrement;
    fit.log_likelihood = log_likelihood(settings, problem, maximum);
    if (constant && settings.model != Model::truncated) {
        fit.log_likelihood_null =
            fit.df_model == 0 ? fit.log_likelihood : null_log_likelihood(sample, settings, problem);
        fit.pseudo_r2 = 1 - fit.log_likelihood / fit.log_likelihood_null;
    }
    if (fractional && settings.variance == panel::Variance::iid) {
        fit.warnings.push_back(
            "iid (oim) standard errors take the outcome for a count of successes; for a quasi-likelihood use "
            "robust or "
            "cluster:NAME");
    }

    const Eigen::MatrixXd P = parameter_variance(sample, settings, problem, maximum, model.ancillary, fit);
    Eigen::MatrixXd V = printed.jacobian * P * printed.jacobian.transpose();
    add_test(settings, constant, regressors, printed, V, fit);
    if (settings.variance == panel::Variance::cluster) {
        std::vector<std::string> listed(problem.names.begin(), problem.names.begin() + regressors);
        const Eigen::MatrixXd bread =
            maximum.information.llt().solve(Eigen::MatrixXd::Identity(P.rows(), P.cols()));
        flag_undefined(printed.jacobian, bread, V, listed, fit);
    }
    std::vector<Eigen::Index> listed;
    for (Eigen::Index j = 0; j < regressors; ++j) listed.push_back(j);
    if (constant) listed.push_back(k - 1);
    for (const Eigen::Index j : listed) {
        fit.terms.push_back(make_term(problem.names[static_cast<std::size_t>(j)], printed.beta[j], V(j, j),
                                      settings.confidence));
    }
    fit.covariance = V(listed, listed);
    fit.sigma = model.ancillary ? make_term("sigma", printed.sigma, V(k, k), settings.confidence)
                                : panel::Term{"sigma", nan, nan, nan, nan, nan, nan};
    fit.sigma.statistic = fit.sigma.p_value = nan;  // sigma = 0 is no hypothesis
    add_margins(model, problem, maximum, printed, P, regressors, fit);
    return fit;
}

}  // namespace greenfront::limited

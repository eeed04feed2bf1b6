#include "kernels/panel/iv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/error.hpp"
#include "kernels/panel/iv_diagnostics.hpp"
#include "kernels/panel/iv_estimators.hpp"
#include "kernels/panel/weights.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::panel {
namespace {

/// Columns [X, extra] that were kept: scaled, with R and the orthonormal basis Q = columns R^-1.
struct Basis {
    Selection selection;
    Eigen::Index first = 0, second = 0;  ///< kept columns of X and of the rest
    Eigen::MatrixXd scaled, Q;
};

Basis make_basis(const Eigen::MatrixXd& partialled, const Scale& scale, const std::vector<std::string>& names,
                 Eigen::Index x_columns, bool effects) {
    Basis basis{select_columns(partialled, scale, names, effects), 0, 0, {}, {}};
    const auto& kept = basis.selection.kept;
    basis.scaled.resize(partialled.rows(), static_cast<Eigen::Index>(kept.size()));
    for (std::size_t j = 0; j < kept.size(); ++j) {
        (kept[j] < x_columns ? basis.first : basis.second) += 1;
        const auto place = static_cast<Eigen::Index>(j);
        basis.scaled.col(place) = partialled.col(kept[j]) / basis.selection.scale[place];
    }
    basis.Q = basis.scaled;
    if (!kept.empty()) {
        basis.selection.R.triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(basis.Q);
    }
    return basis;
}

Eigen::MatrixXd beside(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
    Eigen::MatrixXd both(a.rows(), a.cols() + b.cols());
    both << a, b;
    return both;
}

std::vector<std::string> beside(std::vector<std::string> a, const std::vector<std::string>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

void check_identified(const Basis& regressors, const Basis& instruments, const Design& sample,
                      const std::vector<Omitted>& omitted) {
    if (regressors.second > 0 && instruments.second >= regressors.second) return;
    std::string reasons;
    for (const Omitted& o : omitted) reasons += fmt::format("; {} is omitted ({})", o.name, o.reason);
    if (regressors.second == 0) {
        throw Error(Fault::data,
                    fmt::format("no endogenous variable is left in {}{}", sample.formula, reasons));
    }
    throw Error(
        Fault::data,
        fmt::format("the equation is not identified: {} excluded instrument{} for {} endogenous variable{}{}",
                    instruments.second, instruments.second == 1 ? "" : "s", regressors.second,
                    regressors.second == 1 ? "" : "s", reasons));
}

void removed(const Eigen::MatrixXd& Q, Eigen::VectorXd& column) {
    for (int pass = 0; pass < 2 && Q.cols() > 0; ++pass) column -= Q * (Q.transpose() * column);
}

void check_names(const Design& sample) {
    for (const auto& name : sample.endogenous_name) {
        const auto in = [&](const std::vector<std::string>& names) {
            return std::find(names.begin(), names.end(), name) != names.end();
        };
        if (!in(sample.instrument_name) && !in(sample.x_name)) continue;
        throw Error(Fault::data,
                    fmt::format("{} is endogenous and {} in {}; a variable has one part only", name,
                                in(sample.instrument_name) ? "an instrument" : "an exogenous regressor",
                                sample.formula));
    }
}

void finish_liml(Estimator estimator, double k, std::int64_t n, WeakInstruments& weak) {
    weak.liml_k = k;
    if (estimator != Estimator::liml) return;
    weak.stock_yogo_size = stock_yogo_liml(weak.endogenous, weak.instruments);
    weak.stock_yogo_bias.clear();  // tabulated for 2SLS only
    const std::int64_t df = weak.instruments - weak.endogenous;
    if (df == 0) return;
    const double statistic = static_cast<double>(n) * std::log1p(k - 1);
    weak.liml_overid = {statistic, stats::chi2_upper(statistic, static_cast<double>(df)), df};
}

}  // namespace

void fit_iv(const Design& sample, const Options& options, Fit& fit) {
    check_names(sample);
    const Eigen::VectorXd root = root_weights(sample);
    const Absorber absorber(sample.effects, sample.y.size(), sample.constant, root);
    const Setup setup = make_setup(sample, options, absorber);
    (void)residual_rule(setup, 0);
    const bool effects = !sample.effects.empty();
    const Eigen::Index kx = sample.X.cols(), ky = sample.endogenous.cols(), kz = sample.instruments.cols();
    Eigen::MatrixXd W(sample.y.size(), 1 + kx + ky + kz);
    W << sample.y, sample.X, sample.endogenous, sample.instruments;
    weigh(root, W);
    absorber.apply(W);
    const Eigen::VectorXd y = W.col(0);
    check_outcome(sample.y_name, sample.y, column_scale(sample.y, root), y, effects);

    const Eigen::MatrixXd X = W.middleCols(1, kx), Y = W.middleCols(1 + kx, ky), Z = W.rightCols(kz);
    const Basis regressors = make_basis(beside(X, Y), column_scale(beside(sample.X, sample.endogenous), root),
                                        beside(sample.x_name, sample.endogenous_name), kx, effects);
    const Basis instruments =
        make_basis(beside(X, Z), column_scale(beside(sample.X, sample.instruments), root),
                   beside(sample.x_name, sample.instrument_name), kx, effects);
    fit.omitted = regressors.selection.omitted;
    for (const Omitted& omitted : instruments.selection.omitted) {
        const auto& names = sample.instrument_name;
        if (std::find(names.begin(), names.end(), omitted.name) != names.end())
            fit.omitted.push_back(omitted);
    }
    check_identified(regressors, instruments, sample, fit.omitted);

    const Eigen::Index k1 = regressors.first, K1 = regressors.second, k = k1 + K1;
    IvCoordinates c;
    c.Qz = instruments.Q.rightCols(instruments.second);
    c.Qy = regressors.Q.rightCols(K1);
    c.Theta = c.Qz.transpose() * c.Qy;
    c.Ry = regressors.selection.R.bottomRightCorner(K1, K1);  // of the scaled endogenous variables
    const Eigen::MatrixXd Qx = regressors.Q.leftCols(k1);
    c.y = y;
    removed(Qx, c.y);
    const Estimator estimator = options.estimator.value_or(Estimator::tsls);
    Eigen::VectorXd ones = Eigen::VectorXd::Zero(y.size());
    if (!effects && setup.intercept) ones = root.size() > 0 ? root : Eigen::VectorXd::Ones(y.size());
    const IvProblem problem{c,
                            Qx,
                            regressors.selection.R.topRightCorner(k1, K1),
                            regressors.selection.R.topLeftCorner(k1, k1),
                            y,
                            ones,
                            sample.y_name};
    IvEstimate found = estimate_iv(problem, estimator, options.variance, setup.clusters);
    c.u = found.weight_residual;

    // [X, P Y] = [X, Qx Qx'Y + Qz Theta Ry], scaled like [X, Y]; R is block triangular.
    Estimation e;
    e.R = regressors.selection.R;
    e.R.bottomRightCorner(K1, K1) = found.R;
    e.scale = regressors.selection.scale;
    e.Z = regressors.scaled;
    e.Z.rightCols(K1) = Qx * problem.R12 + c.Qz * (c.Theta * c.Ry);
    e.estimate = found.b.cwiseQuotient(e.scale);
    e.residual = found.residual;
    e.influence = std::move(found.influence);
    e.first_residual = found.weight_residual;
    e.constant_shift = found.constant_shift;
    e.mean.resize(k);
    std::vector<std::string> endogenous;
    for (Eigen::Index j = 0; j < k; ++j) {
        const Eigen::Index column = regressors.selection.kept[static_cast<std::size_t>(j)];
        e.mean[j] = column < kx ? weighted_mean(sample.X.col(column), root)
                                : weighted_mean(sample.endogenous.col(column - kx), root);
        e.names.push_back(column < kx ? sample.x_name[static_cast<std::size_t>(column)]
                                      : sample.endogenous_name[static_cast<std::size_t>(column - kx)]);
        if (column >= kx) endogenous.push_back(e.names.back());
    }
    e.mean_y = weighted_mean(sample.y, root);
    e.print_constant = !effects && setup.intercept;
    fit.estimator = name(estimator);
    fit.tss_within = y.squaredNorm();
    finish(setup, e, fit);

    IvScale scale;
    scale.variance = options.variance;
    scale.clusters = &setup.clusters;
    scale.n = static_cast<double>(fit.n);
    scale.fewest = static_cast<double>(setup.fewest_clusters);
    scale.denominator = static_cast<double>(fit.n - instruments.first - instruments.second - fit.df_absorbed);
    // Diagnostics are in the data's units of the endogenous variables.
    c.Ry *= e.scale.tail(K1).asDiagonal();
    auto weak = std::make_shared<WeakInstruments>(iv_diagnostics(c, scale, endogenous, options.confidence));
    for (const Eigen::Index j : instruments.selection.kept) {
        if (j >= kx)
            weak->instrument_names.push_back(sample.instrument_name[static_cast<std::size_t>(j - kx)]);
    }
    if (!(scale.denominator > 0)) {
        throw Error(Fault::data,
                    fmt::format("no residual degrees of freedom in the first stage: {} rows, {} instruments "
                                "and exogenous regressors, {} coefficients of the fixed effects",
                                fit.n, instruments.first + instruments.second, fit.df_absorbed));
    }
    finish_liml(estimator, found.liml_k, fit.n, *weak);
    if (estimator == Estimator::gmm && options.variance == Variance::iid)
        fit.warnings.push_back("with iid errors two-step GMM is 2SLS");
    const Eigen::Index moments = instruments.first + instruments.second;
    if (estimator == Estimator::gmm && found.influence.size() > 0 && setup.fewest_clusters > 0 &&
        setup.fewest_clusters <= moments) {
        fit.warnings.push_back(
            fmt::format("{} clusters for {} moments (instruments and exogenous regressors): the weights of "
                        "two-step GMM and its "
                        "standard errors rest on a covariance matrix without full rank and may be far too "
                        "optimistic; use 2sls",
                        setup.fewest_clusters, moments));
    }
    fit.warnings.insert(fit.warnings.end(), weak->notes.begin(), weak->notes.end());
    fit.iv = std::move(weak);
}

}  // namespace greenfront::panel

#include "kernels/panel/iv_diagnostics.hpp"

#include <fmt/format.h>

#include <Eigen/QR>
#include <Eigen/SVD>
#include <cmath>
#include <limits>

#include "kernels/panel/iv_anderson_rubin.hpp"
#include "kernels/panel/iv_strength.hpp"
#include "kernels/panel/variance.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::panel {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

ChiSquared chi_squared(double statistic, std::int64_t df) {
    return {statistic, stats::chi2_upper(statistic, static_cast<double>(df)), df};
}

/// Wald statistic of "the coefficients of `target` on Qz are zero", and its residual variance form.
struct Projection {
    Eigen::VectorXd pi, e;
};
Projection project(const Eigen::MatrixXd& Qz, const Eigen::VectorXd& target) {
    Projection p;
    p.pi = Qz.transpose() * target;
    p.e = target - Qz * p.pi;
    return p;
}

/// F of the coefficients in `p`, divided by df1.
double f_of(const Projection& p, const Eigen::MatrixXd& Qz, const IvScale& scale, double df1) {
    if (scale.variance == Variance::iid)
        return p.pi.squaredNorm() / p.e.squaredNorm() * scale.denominator / df1;
    return wald(p.pi, score_products(Qz, p.e, *scale.clusters)) * scale.factor() / df1;
}

/// rk statistic of the smallest singular value; `e` are the rows that enter the moments (n x K1).
double kleibergen_paap(const IvCoordinates& c, const Eigen::JacobiSVD<Eigen::MatrixXd>& svd,
                       const Eigen::MatrixXd& e, const ClusterSets& clusters) {
    const Eigen::Index K = c.Theta.cols(), L = c.Theta.rows();
    const Eigen::MatrixXd A = svd.matrixU().rightCols(L - K + 1);
    const Eigen::VectorXd B = svd.matrixV().col(K - 1);
    const Eigen::VectorXd lambda = A.transpose() * c.Theta * B;
    return wald(lambda, score_products(c.Qz * A, e * B, clusters));
}

/// Y_j without the part that instrumented other endogenous variables explain (Sanderson and Windmeijer 2016).
double sanderson_windmeijer(const IvCoordinates& c, Eigen::Index j, const IvScale& scale) {
    const Eigen::Index K = c.Theta.cols(), L = c.Theta.rows();
    const Eigen::MatrixXd coefficients = c.Ry;
    Eigen::MatrixXd others(K, K - 1);
    for (Eigen::Index i = 0, place = 0; i < K; ++i) {
        if (i != j) others.col(place++) = coefficients.col(i);
    }
    const Eigen::MatrixXd fitted = c.Theta * others;
    const Eigen::VectorXd delta = fitted.householderQr().solve(c.Theta * coefficients.col(j));
    const Eigen::VectorXd rest = c.Qy * (coefficients.col(j) - others * delta);
    const Projection p = project(c.Qz, rest);
    const auto df1 = static_cast<double>(L - K + 1);
    return f_of(p, c.Qz, scale, df1);
}

}  // namespace

double IvScale::factor() const {
    if (variance == Variance::cluster) return denominator / (n - 1) * (fewest - 1) / fewest;
    return denominator / n;
}

double IvScale::df2() const {
    return variance == Variance::cluster ? fewest - 1 : denominator;
}

WeakInstruments iv_diagnostics(const IvCoordinates& c, const IvScale& scale,
                               const std::vector<std::string>& endogenous, double confidence) {
    const Eigen::Index K = c.Theta.cols(), L = c.Theta.rows();
    const auto L1 = static_cast<double>(L);
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd(c.Theta, Eigen::ComputeFullU | Eigen::ComputeFullV);
    const double m = svd.singularValues()[K - 1] * svd.singularValues()[K - 1];
    WeakInstruments w;
    w.endogenous = K;
    w.instruments = L;
    w.liml_k = nan;
    w.liml_overid.statistic = nan;
    // 1 - m from the residual: exact when the instruments explain nearly everything.
    const Eigen::VectorXd weakest = svd.matrixV().col(K - 1);
    const double rest = (c.Qy * weakest - c.Qz * (c.Theta * weakest)).squaredNorm();
    w.cragg_donald_f = m / rest * scale.denominator / L1;
    if (scale.variance == Variance::iid) {
        w.lm = chi_squared(scale.n * m, L - K + 1);
        w.kp_wald_f = nan;
    } else {
        w.lm = chi_squared(kleibergen_paap(c, svd, c.Qy, *scale.clusters), L - K + 1);
        w.kp_wald_f = kleibergen_paap(c, svd, c.Qy - c.Qz * c.Theta, *scale.clusters) * scale.factor() / L1;
    }
    w.stock_yogo_size = stock_yogo_size(K, L);
    w.stock_yogo_bias = stock_yogo_bias(K, L);
    if (L > K) {
        const bool iid = scale.variance == Variance::iid;
        w.overid_test = iid ? "sargan" : "hansen";
        w.overid = chi_squared(iid ? scale.n * (c.Qz.transpose() * c.u).squaredNorm() / c.u.squaredNorm()
                                   : minimum_distance(score_products(c.Qz, c.u, *scale.clusters),
                                                      c.Qz.transpose() * c.y, c.Theta),
                               L - K);
        if (std::isnan(w.overid.statistic)) {
            w.notes.emplace_back(
                "no Hansen J: the moments' covariance matrix is singular (fewer clusters than instruments?)");
        }
    }
    w.effective = effective_f(c, scale);
    w.stock_wright = stock_wright(c, scale);
    if (scale.variance == Variance::cluster && scale.fewest <= static_cast<double>(L)) {
        // A sum of G outer products has rank G: the quadratic forms are G whatever the data say.
        w.lm.statistic = w.lm.p_value = w.stock_wright.statistic = w.stock_wright.p_value = nan;
        if (L > K) w.overid.statistic = w.overid.p_value = nan;
        w.notes.push_back(
            fmt::format("no Kleibergen-Paap LM, Stock-Wright and Hansen tests: {:g} clusters are not more "
                        "than the {} excluded "
                        "instruments",
                        scale.fewest, L));
    }
    w.endogeneity = endogeneity_test(c, scale);
    if (std::isnan(w.endogeneity.statistic)) {
        w.notes.emplace_back(
            "no endogeneity test: the instruments explain an endogenous variable completely, or the moments' "
            "covariance matrix is not positive definite (few clusters, or several cluster variables)");
    }
    for (Eigen::Index j = 0; j < K; ++j) {
        const Eigen::VectorXd column = c.Qy * c.Ry.col(j);
        const Projection p = project(c.Qz, column);
        FirstStage stage;
        stage.endogenous = endogenous[static_cast<std::size_t>(j)];
        stage.f = f_of(p, c.Qz, scale, L1);
        stage.df1 = L1;
        stage.df2 = scale.df2();
        stage.p_value = stats::f_upper(stage.f, L1, stage.df2);
        stage.partial_r2 = p.pi.squaredNorm() / column.squaredNorm();
        stage.sanderson_windmeijer_f = K > 1 ? sanderson_windmeijer(c, j, scale) : nan;
        stage.sanderson_windmeijer_df1 = static_cast<double>(L - K + 1);
        stage.sanderson_windmeijer_p =
            stats::f_upper(stage.sanderson_windmeijer_f, stage.sanderson_windmeijer_df1, stage.df2);
        w.first_stage.push_back(stage);
    }
    w.anderson_rubin.f = f_of(project(c.Qz, c.y), c.Qz, scale, L1);
    w.anderson_rubin.df1 = L1;
    w.anderson_rubin.df2 = scale.df2();
    w.anderson_rubin.p_value = stats::f_upper(w.anderson_rubin.f, L1, scale.df2());
    w.anderson_rubin.chi_squared = chi_squared(w.anderson_rubin.f * L1 / scale.factor(), L);
    if (K == 1) {
        w.anderson_rubin.confidence = anderson_rubin_set(c, scale, confidence);
        if (!w.anderson_rubin.confidence) {
            w.notes.emplace_back(
                "no Anderson-Rubin confidence set: the variance of the reduced form is not positive definite "
                "everywhere (fewer clusters than instruments, or several cluster variables)");
        }
    }
    return w;
}

}  // namespace greenfront::panel

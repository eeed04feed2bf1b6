#include "kernels/panel/mediation.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::panel {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const Term& term_of(const Fit& fit, const std::string& name) {
    for (const Term& term : fit.terms) {
        if (term.name == name) return term;
    }
    std::string reason;
    for (const Omitted& omitted : fit.omitted) {
        if (omitted.name == name) reason = ": " + omitted.reason;
    }
    throw Error(Fault::data, fmt::format("mediation: {} is omitted from {}{}", name, fit.formula, reason));
}

IndirectTest test(double indirect, double variance) {
    const double se = variance > 0 ? std::sqrt(variance) : nan;
    const double z = indirect / se;
    return {se, z, std::isnan(z) ? nan : 2 * stats::normal_cdf(-std::abs(z))};
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Design with_mediator(const Design& design, const std::string& name, const Eigen::VectorXd& mediator) {
    Design full = design;
    full.X.conservativeResize(Eigen::NoChange, design.X.cols() + 1);
    full.X.col(design.X.cols()) = mediator;
    full.x_name.push_back(name);
    full.formula = fmt::format("{}, with {}", design.formula, name);
    return full;
}

Design of_mediator(const Design& design, const std::string& name, const Eigen::VectorXd& mediator) {
    Design first = design;
    first.y = mediator;
    first.y_name = name;
    first.formula = fmt::format("{}, outcome {}", design.formula, name);
    return first;
}

Mediation mediate(const Design& design, const std::string& treatment, const std::string& mediator_name,
                  const Eigen::VectorXd& mediator, const Options& options) {
    if (design.endogenous.cols() > 0)
        throw Error(Fault::data, "mediation is for regressions without instruments");
    if (!has(design.x_name, treatment)) {
        throw Error(Fault::data,
                    fmt::format("mediation: {} is not a regressor of {}", treatment, design.formula));
    }
    if (has(design.x_name, mediator_name) || mediator_name == design.y_name) {
        throw Error(Fault::data,
                    fmt::format("mediation: the mediator {} is already in {}; name a regression of the "
                                "total effect, without it",
                                mediator_name, design.formula));
    }
    Mediation m;
    m.first = fit(of_mediator(design, mediator_name, mediator), options);
    m.total = fit(design, options);
    m.full = fit(with_mediator(design, mediator_name, mediator), options);
    const Term &a = term_of(m.first, treatment), &b = term_of(m.full, mediator_name),
               &c = term_of(m.total, treatment), &direct = term_of(m.full, treatment);
    m.a = a.estimate, m.a_se = a.std_error;
    m.b = b.estimate, m.b_se = b.std_error;
    m.c = c.estimate, m.c_se = c.std_error;
    m.direct = direct.estimate, m.direct_se = direct.std_error;
    m.indirect = m.a * m.b;
    const double aa = m.a * m.a * m.b_se * m.b_se, bb = m.b * m.b * m.a_se * m.a_se,
                 cross = m.a_se * m.a_se * m.b_se * m.b_se;
    m.sobel = test(m.indirect, aa + bb);
    m.aroian = test(m.indirect, aa + bb + cross);
    m.goodman = test(m.indirect, aa + bb - cross);
    m.share = m.indirect / m.c;
    if (!(c.conf_low > 0 || c.conf_high < 0)) {
        m.share = nan;
        m.share_note = fmt::format("the total effect is not clearly different from zero: [{:.4g}, {:.4g}]",
                                   c.conf_low, c.conf_high);
    }
    return m;
}

MediationEffects mediation_effects(const Eigen::MatrixXd& Q, Eigen::Index treatment) {
    const Eigen::Index k = Q.rows() - 2;
    // Unit diagonal: pivots do not depend on the units of the columns.
    const Eigen::VectorXd unit = Q.diagonal().cwiseSqrt().cwiseInverse();
    const Eigen::MatrixXd R = unit.asDiagonal() * Q * unit.asDiagonal();
    if (!R.allFinite()) return {nan, nan, nan, nan};
    const Eigen::LLT<Eigen::MatrixXd> all(R.topLeftCorner(k + 1, k + 1)), some(R.topLeftCorner(k, k));
    if (all.info() != Eigen::Success || all.matrixLLT().diagonal().minCoeff() < 1e-5)
        return {nan, nan, nan, nan};
    const Eigen::VectorXd full = all.solve(R.col(k + 1).head(k + 1));
    const auto units = [&](double value, Eigen::Index of, Eigen::Index on) {
        return value * unit[of] / unit[on];
    };
    MediationEffects effects;
    effects.a = units(some.solve(R.col(k).head(k))[treatment], treatment, k);
    effects.c = units(some.solve(R.col(k + 1).head(k))[treatment], treatment, k + 1);
    effects.b = units(full[k], k, k + 1);
    effects.direct = units(full[treatment], treatment, k + 1);
    return effects;
}

}  // namespace greenfront::panel

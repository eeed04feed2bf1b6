#include "kernels/limited/refit.hpp"

#include <cmath>

#include "kernels/error.hpp"
#include "kernels/limited/sample.hpp"

namespace greenfront::limited {
namespace {

/// Residuals this small against the outcome leave nothing to estimate sigma from.
constexpr double perfect = 1e-10;

}  // namespace

TruncatedRefit::TruncatedRefit(const Eigen::MatrixXd& Z, std::vector<std::string> names, double lower)
    : lower_(lower) {
    Sample sample;
    sample.design.X = Z;
    sample.design.x_name = std::move(names);
    // An outcome that no regressor fits perfectly: only the basis of the regressors is kept.
    sample.design.y = Eigen::VectorXd::LinSpaced(Z.rows(), 0, 1).array().square().sin();
    sample.state.assign(static_cast<std::size_t>(Z.rows()), 0);
    Settings settings;
    settings.model = Model::fractional_logit;  // takes the outcome as it is
    regressors_ = make_problem(sample, settings, false);
}

Problem TruncatedRefit::problem_of(const Eigen::VectorXd& y) const {
    Problem p = regressors_;
    const auto n = static_cast<double>(y.size());
    const Eigen::VectorXd c = p.Q.transpose() * y / n, fitted = p.Q * c;
    p.e = y - fitted;
    p.unit = p.e.norm() / std::sqrt(n);
    if (!(p.e.norm() > perfect * (y.array() - y.mean()).matrix().norm()))
        throw Error(Fault::data,
                    "the outcome is fitted perfectly by the regressors: sigma goes to 0 and there "
                    "is no maximum-likelihood estimate");
    p.origin = p.T * c;
    p.e /= p.unit;
    p.lower = (lower_ - fitted.array()) / p.unit;
    p.upper = Eigen::VectorXd::Constant(y.size(), std::numeric_limits<double>::infinity());
    return p;
}

TruncatedRefit::Estimate TruncatedRefit::fit(const Eigen::VectorXd& y, const Estimate& start) const {
    const Problem p = problem_of(y);
    const Functions& model = functions(Model::truncated);
    const auto n = static_cast<double>(y.size());
    // beta = origin + unit T c / tau, sigma = unit / sqrt(tau); Q = X T, so T^-1 = Q'X / n.
    const double tau = std::pow(p.unit / start.sigma, 2);
    Eigen::VectorXd c = p.Q.transpose() * (p.X * (start.beta - p.origin)) * (tau / (n * p.unit));
    Maximum maximum;
    try {
        maximum = maximise(model, p, std::move(c), tau);
    } catch (const Error&) {  // from the usual start, which says what is wrong if something is
        maximum = maximise(model, p, Eigen::VectorXd::Zero(p.Q.cols()), 1);
    }
    const Printed printed = model.printed(p, maximum);
    return {printed.beta, printed.sigma};
}

}  // namespace greenfront::limited

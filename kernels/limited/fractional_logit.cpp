#include <algorithm>
#include <cmath>

#include "kernels/limited/model.hpp"

/// Bernoulli quasi-likelihood with a logit mean: l = y ln p + (1 - y) ln(1 - p), p = Lambda(q'c),
/// dl = y - p, d2l = -p (1 - p).
namespace greenfront::limited {
namespace {

/// p, 1 - p and p (1 - p) without cancellation in either tail; small = exp(-|q'c|), more = 1 / (1 + small).
struct Logit {
    double p, q, product, small, more;
};
Logit logit(double index) {
    const double small = std::exp(-std::abs(index)), more = 1 / (1 + small), less = small * more;
    const bool up = index >= 0;
    return {up ? more : less, up ? less : more, less * more, small, more};
}

/// ln(1 + small) to the last digits of whatever size: the logarithm of the rounded sum, and what rounding
/// took from it (faster than log1p of the C library).
double log_of_one_and(const Logit& at) {
    const double sum = 1 + at.small;
    return std::log(sum) + (at.small - (sum - 1)) * at.more;
}

void rows(const Problem& p, const Eigen::VectorXd& index, double, Rows& out) {
    const Eigen::Index n = index.size();
    out.value.resize(n);
    out.first.resize(n, 1);
    out.second.resize(n, 1);
    for (Eigen::Index i = 0; i < n; ++i) {
        const Logit at = logit(index[i]);
        const double y = p.e[i];
        // -ln p is that logarithm, and -index more where the index is negative; -ln(1 - p) the same,
        // mirrored.
        out.value[i] = (index[i] < 0 ? y : y - 1) * index[i] - log_of_one_and(at);
        out.first(i, 0) = y * at.q - (1 - y) * at.p;  // y - p
        out.second(i, 0) = -at.product;
    }
}

double index_unit(double) {
    return 1;
}

/// Rows inside must not move, rows at 1 only up, rows at 0 only down.
std::string recession(const Problem& p, const Eigen::VectorXd& index, double) {
    const double tolerance = 1e-6 * index.cwiseAbs().maxCoeff();
    for (Eigen::Index i = 0; i < index.size(); ++i) {
        const double y = p.e[i];
        const bool up = y == 1 && index[i] >= -tolerance, down = y == 0 && index[i] <= tolerance;
        if (!up && !down && std::abs(index[i]) > tolerance) return {};
    }
    return tolerance > 0 ? "perfect prediction: a combination of the regressors tells rows with an outcome "
                           "of exactly 0 "
                           "or 1 apart from all others"
                         : "";
}

std::string runaway(double) {
    return {};
}

Printed printed(const Problem& p, const Maximum& m) {
    return {p.T * m.c, std::nan(""), p.T};
}

std::vector<Margin> margins(const Problem& p, const Maximum& m) {
    const Eigen::VectorXd index = p.Q * m.c;
    Margin margin{"mean", "E[y|x] = Lambda(x'beta)", 0, Eigen::VectorXd::Zero(m.c.size())};
    for (Eigen::Index i = 0; i < index.size(); ++i) {
        const Logit at = logit(index[i]);
        margin.share += at.product;
        margin.gradient += at.product * (at.q - at.p) * p.Q.row(i).transpose();
    }
    const auto n = static_cast<double>(index.size());
    margin.share /= n;
    margin.gradient /= n;
    return {margin};
}

}  // namespace

const Functions& fractional_logit() {
    static const Functions made{false, rows, index_unit, recession, runaway, printed, margins};
    return made;
}

}  // namespace greenfront::limited

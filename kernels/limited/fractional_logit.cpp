#include <algorithm>
#include <cmath>

#include "kernels/limited/model.hpp"

/// Bernoulli quasi-likelihood with a logit mean: l = y ln p + (1 - y) ln(1 - p), p = Lambda(q'c),
/// dl = y - p, d2l = -p (1 - p).
namespace greenfront::limited {
namespace {

/// p, 1 - p and p (1 - p) without cancellation in either tail, and -ln p, -ln(1 - p).
struct Logit {
    double p, q, product, minus_log_p, minus_log_q;
};
Logit logit(double index) {
    const double small = std::exp(-std::abs(index)), tail = std::log1p(small);
    const double less = small / (1 + small), more = 1 / (1 + small);
    const bool up = index >= 0;
    return {up ? more : less, up ? less : more, less * more, tail + (up ? 0 : -index),
            tail + (up ? index : 0)};
}

void rows(const Problem& p, const Eigen::VectorXd& index, double, Rows& out) {
    const Eigen::Index n = index.size();
    out.value.resize(n);
    out.first.resize(n, 1);
    out.second.resize(n, 1);
    for (Eigen::Index i = 0; i < n; ++i) {
        const Logit at = logit(index[i]);
        const double y = p.e[i];
        out.value[i] = -y * at.minus_log_p - (1 - y) * at.minus_log_q;
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

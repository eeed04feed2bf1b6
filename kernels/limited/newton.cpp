#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "kernels/error.hpp"
#include "kernels/limited/model.hpp"

namespace greenfront::limited {
namespace {

constexpr int most_iterations = 200;
constexpr double nearly = 1e-12;  ///< from this decrement on a full step squares what is left
constexpr double small_step = 1e-3;

/// Value, gradient and information at a point.
struct Point {
    Eigen::VectorXd c, index;
    double ancillary = 1, value = 0;
    Rows rows;
};

bool evaluate(const Functions& model, const Problem& problem, Point& point) {
    point.index.noalias() = problem.Q * point.c;
    model.rows(problem, point.index, point.ancillary, point.rows);
    point.value = point.rows.value.sum();
    return std::isfinite(point.value);
}

Eigen::VectorXd gradient(const Functions& model, const Problem& problem, const Rows& rows) {
    const Eigen::Index k = problem.Q.cols();
    Eigen::VectorXd g(k + (model.ancillary ? 1 : 0));
    g.head(k).noalias() = problem.Q.transpose() * rows.first.col(0);
    if (model.ancillary) g[k] = rows.first.col(1).sum();
    return g;
}

/// A = Q' diag(w) Q, w = -d2l / d index^2: one triangle, a column at a time of as many rows as stay in the
/// cache (the blocked product of Eigen takes twice the instructions for a handful of columns).
void set_curvature(const Eigen::MatrixXd& Q, const Eigen::VectorXd& second, Eigen::Ref<Eigen::MatrixXd> A) {
    constexpr Eigen::Index most = 256;
    const Eigen::Index n = Q.rows(), k = Q.cols();
    A.setZero();
    Eigen::VectorXd weighted;
    for (Eigen::Index begin = 0; begin < n; begin += most) {
        const auto rows = Q.middleRows(begin, std::min(most, n - begin));
        for (Eigen::Index j = 0; j < k; ++j) {
            weighted = -rows.col(j).cwiseProduct(second.segment(begin, rows.rows()));
            A.col(j).tail(k - j).noalias() += rows.rightCols(k - j).transpose() * weighted;
        }
    }
    A.triangularView<Eigen::StrictlyUpper>() = A.transpose();
}

Eigen::MatrixXd information(const Functions& model, const Problem& problem, const Rows& rows) {
    const Eigen::Index k = problem.Q.cols();
    Eigen::MatrixXd A(k + (model.ancillary ? 1 : 0), k + (model.ancillary ? 1 : 0));
    set_curvature(problem.Q, rows.second.col(0), A.topLeftCorner(k, k));
    if (model.ancillary) {
        A.col(k).head(k).noalias() = -(problem.Q.transpose() * rows.second.col(1));
        A.row(k).head(k) = A.col(k).head(k).transpose();
        A(k, k) = -rows.second.col(2).sum();
    }
    return A;
}

/// The regressors that a direction of c moves: those with a thousandth of the largest part or more.
std::string moved(const Problem& problem, const Eigen::VectorXd& direction) {
    const Eigen::VectorXd by_column = problem.T * direction;
    Eigen::VectorXd size(by_column.size());
    for (Eigen::Index j = 0; j < size.size(); ++j) {
        const auto column = problem.X.col(j).array();
        const double sd = std::sqrt((column - column.mean()).square().mean());
        size[j] = std::abs(by_column[j]) * sd;  // a constant moves nothing apart
    }
    const double largest = size.maxCoeff();
    std::string names;
    int count = 0;
    for (Eigen::Index j = 0; j < size.size() && largest > 0; ++j) {
        if (size[j] < 1e-3 * largest) continue;
        if (++count > 5) return names + ", ...";
        names += (names.empty() ? "" : ", ") + problem.names[static_cast<std::size_t>(j)];
    }
    return names.empty() ? "the constant" : names;
}

/// A step along which the likelihood rises for ever is proof that there is no maximum.
void check_recession(const Functions& model, const Problem& problem, const Eigen::VectorXd& step) {
    const Eigen::Index k = problem.Q.cols();
    const std::string cause =
        model.recession(problem, problem.Q * step.head(k), model.ancillary ? step[k] : 0);
    if (cause.empty()) return;
    throw Error(
        Fault::data,
        fmt::format("there is no maximum-likelihood estimate: {} (along {}); leave out the regressors or "
                    "levels that do it",
                    cause, moved(problem, step.head(k))));
}

[[noreturn]] void flat(const Functions& model, const Problem& problem, const Eigen::MatrixXd& A) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(A);
    const Eigen::VectorXd direction = eigen.eigenvectors().col(0);
    check_recession(model, problem, direction);
    check_recession(model, problem, -direction);
    throw Error(Fault::data,
                fmt::format("the likelihood is flat to rounding along {}: the data do not tell these "
                            "coefficients apart; leave one out",
                            moved(problem, direction.head(problem.Q.cols()))));
}

[[noreturn]] void stuck(int iterations, double decrement) {
    throw Error(
        Fault::data,
        fmt::format("no convergence: after {} Newton steps the scaled gradient g'(-H)^-1 g is still {:.3g}; "
                    "look for regressors that all but determine the outcome, or for outliers",
                    iterations, decrement));
}

/// Halves the step until the value rises as concavity promises, less what rounding can hide.
Point search(const Functions& model, const Problem& problem, const Point& from, const Eigen::VectorXd& step,
             double decrement, int iteration) {
    const Eigen::Index k = problem.Q.cols();
    double t = 1;
    if (model.ancillary && step[k] < 0) t = std::min(1.0, -0.9 * from.ancillary / step[k]);
    const double slack = 1e-13 * (std::abs(from.value) + static_cast<double>(from.index.size()));
    Point next;
    for (int halving = 0; halving < 60; ++halving, t /= 2) {
        next.c = from.c + t * step.head(k);
        next.ancillary = from.ancillary + (model.ancillary ? t * step[k] : 0);
        if (!evaluate(model, problem, next)) continue;
        if (next.value >= from.value + 1e-4 * t * decrement - slack) return next;
    }
    stuck(iteration, decrement);
}

}  // namespace

Maximum maximise(const Functions& model, const Problem& problem, Eigen::VectorXd c, double ancillary) {
    const Eigen::Index k = problem.Q.cols();
    Point point;
    point.c = std::move(c);
    point.ancillary = ancillary;
    if (!evaluate(model, problem, point)) stuck(0, NAN);
    bool polished = false;
    for (int iteration = 0;; ++iteration) {
        const std::string cause = model.runaway(point.ancillary);
        if (!cause.empty()) throw Error(Fault::data, "there is no maximum-likelihood estimate: " + cause);
        Eigen::MatrixXd A = information(model, problem, point.rows);
        const Eigen::LLT<Eigen::MatrixXd> factor(A);
        if (factor.info() != Eigen::Success || !(factor.rcond() > 1e-15)) flat(model, problem, A);
        const Eigen::VectorXd g = gradient(model, problem, point.rows);
        const Eigen::VectorXd step = factor.solve(g);
        const double decrement = g.dot(step);
        const double largest =
            (problem.Q * step.head(k)).cwiseAbs().maxCoeff() / model.index_unit(point.ancillary);
        const bool small = decrement <= nearly && largest <= small_step;
        if (small && (polished || decrement == 0)) {
            return {std::move(point.c),    point.ancillary, point.value, std::move(A),
                    std::move(point.rows), iteration,       decrement};
        }
        if (iteration >= most_iterations) stuck(iteration, decrement);
        if (iteration >= 4 && !small) check_recession(model, problem, step);
        if (small) {  // the value no longer tells; the step is within rounding of the maximum
            polished = true;
            point.c += step.head(k);
            if (model.ancillary) point.ancillary += step[k];
            if (!evaluate(model, problem, point)) stuck(iteration, decrement);
            continue;
        }
        polished = false;
        point = search(model, problem, point, step, decrement, iteration);
    }
}

const Functions& functions(Model model) {
    switch (model) {
        case Model::truncated:
            return truncated();
        case Model::tobit:
            return tobit();
        case Model::fractional_logit:
            return fractional_logit();
    }
    throw Error(Fault::data, "this model is not known");
}

}  // namespace greenfront::limited

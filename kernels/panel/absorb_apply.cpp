#include <oneapi/tbb/parallel_for.h>

#include <array>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/panel/absorb_state.hpp"

namespace greenfront::panel {
namespace {

constexpr int step_limit = 20'000;

}  // namespace

void Absorber::State::transpose(const double* x, Eigen::VectorXd& h) const {
    for (std::size_t f = 1; f < basis.size(); ++f) basis[f].coefficients_of(x, h.data() + offset[f]);
}

void Absorber::State::subtract(const Eigen::VectorXd& gamma, double* x) const {
    for (std::size_t f = 1; f < basis.size(); ++f) basis[f].subtract(gamma.data() + offset[f], x);
}

void Absorber::State::solve_blocks(Eigen::VectorXd& h) const {
    const Eigen::VectorXd& count = basis[1].count();
    Eigen::VectorXd gamma = Eigen::VectorXd::Zero(h.size());
    Eigen::VectorXd part;
    for (const AbsorbBlock& block : blocks) {
        const auto size = static_cast<Eigen::Index>(block.level.size());
        part.resize(size);
        for (Eigen::Index j = 0; j < size; ++j) {
            const std::int32_t level = block.level[static_cast<std::size_t>(j)];
            part[j] = h[level] * std::sqrt(count[level]);
        }
        solve_factorised(block.factor, part);
        for (Eigen::Index j = 0; j < size; ++j) {
            const std::int32_t level = block.level[static_cast<std::size_t>(j)];
            gamma[level] = part[j] * std::sqrt(count[level]);
        }
    }
    h = gamma;
}

/// Conjugate gradients on H gamma = h, diagonally preconditioned; h <- gamma. The energy norm of the error is
/// estimated by the last five terms of sum alpha r'z (Hestenes and Stiefel 1952; Strakos and Tichy 2002).
void Absorber::State::gradients(const double* x, Eigen::VectorXd& h, Eigen::VectorXd& work) const {
    double size = 0;
    for (Eigen::Index i = 0; i < rows; ++i) size += x[i] * x[i];
    const double target = 1e-26 * size;
    Eigen::VectorXd r = h, z = preconditioner.cwiseProduct(r), p = z, Hp(coefficients), t(rows);
    h.setZero();
    double rz = r.dot(z);
    std::array<double, 5> recent{};
    recent.fill(std::numeric_limits<double>::infinity());
    for (int step = 0; step < step_limit; ++step) {
        if (!(rz > 0)) return;
        t.setZero();
        subtract(p, t.data());
        basis[0].remove(t.data(), work.data());
        transpose(t.data(), Hp);  // -H p
        const double curvature = -p.dot(Hp);
        if (!(curvature > 0)) return;  // h has no part left in the range of H
        const double alpha = rz / curvature;
        h += alpha * p;
        r += alpha * Hp;
        recent[static_cast<std::size_t>(step) % recent.size()] = alpha * rz;
        if (std::accumulate(recent.begin(), recent.end(), 0.0) <= target) return;
        z = preconditioner.cwiseProduct(r);
        const double next = r.dot(z);
        p = z + (next / rz) * p;
        rz = next;
    }
    throw Error(
        Fault::data,
        "the fixed effects cannot be absorbed: conjugate gradients did not converge in 20,000 steps; the "
        "effects are almost disconnected; leave out levels with few links, or one of the effects");
}

void Absorber::State::pass(double* x, Eigen::VectorXd& work, Eigen::VectorXd& h) const {
    const LevelBasis& a = basis[0];
    a.remove(x, work.data());
    switch (method) {
        case AbsorbMethod::balanced:
            // h of the first, demeaned effect sums to zero, so that what is subtracted has mean zero in each
            // level.
            basis[1].remove(x, h.data());
            return;
        case AbsorbMethod::blocks:
            transpose(x, h);
            solve_blocks(h);
            break;
        case AbsorbMethod::dense:
            transpose(x, h);
            dense.solve(h);
            break;
        case AbsorbMethod::gradients:
            transpose(x, h);
            gradients(x, h, work);
            break;
        case AbsorbMethod::nothing:
        case AbsorbMethod::mean:
        case AbsorbMethod::one:
            return;
    }
    subtract(h, x);
    a.remove(x, work.data());
}

/// The column less its (weighted) mean, in weighted coordinates.
void Absorber::State::remove_mean(Eigen::Ref<Eigen::VectorXd> column) const {
    if (root.size() == 0) {
        column.array() -= column.mean();
    } else {
        column -= root * (root.dot(column) / root.squaredNorm());
    }
}

void Absorber::State::apply_column(double* x) const {
    if (method == AbsorbMethod::nothing) return;
    Eigen::Map<Eigen::VectorXd> column(x, rows);
    if (has_mean) remove_mean(column);
    if (method == AbsorbMethod::mean) {
        remove_mean(column);
        return;
    }
    Eigen::VectorXd work(basis[0].levels()), h(coefficients);
    double before = column.squaredNorm();
    // A pass that takes away nearly everything leaves the rounding errors of what was there.
    const double enough = method == AbsorbMethod::gradients ? 0.99 : 1e-3;
    for (int repeat = 0; repeat < 3; ++repeat) {
        pass(x, work, h);
        const double after = column.squaredNorm();
        if (after >= enough * before || after == 0) return;
        before = after;
    }
}

void Absorber::apply(Eigen::Ref<Eigen::MatrixXd> columns) const {
    const State& s = *state_;
    const auto one = [&](Eigen::Index j) { s.apply_column(columns.col(j).data()); };
    if (columns.size() < 200'000 && s.method != AbsorbMethod::gradients) {
        for (Eigen::Index j = 0; j < columns.cols(); ++j) one(j);
        return;
    }
    // A column is computed by one thread alone: the result does not depend on their number.
    tbb::parallel_for(Eigen::Index{0}, columns.cols(), one);
}

}  // namespace greenfront::panel

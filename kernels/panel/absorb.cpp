#include "kernels/panel/absorb.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/error.hpp"
#include "kernels/panel/graph.hpp"
#include "kernels/panel/level_basis.hpp"
#include "kernels/panel/pivoted_cholesky.hpp"

namespace greenfront::panel {
namespace {

constexpr Eigen::Index dense_limit = 600;       ///< coefficients of D2 that are factorised
constexpr Eigen::Index component_limit = 1500;  ///< levels of one component
constexpr Eigen::Index component_memory = 4'000'000;
constexpr Eigen::Index rank_limit = 3000;
constexpr int step_limit = 20'000;
constexpr double pivot_tolerance = 1e-10;

enum class Method { nothing, mean, one, balanced, blocks, dense, gradients };

/// One connected component of two plain effects: the levels of the second effect that are solved for, and the
/// Cholesky factor of their block of H.
struct Block {
    std::vector<std::int32_t> level;
    Eigen::MatrixXd factor;
};

/// Rows in the order of their level in the first effect, for sums over C = A'D2 one level at a time.
std::vector<Eigen::Index> rows_by_level(const LevelBasis& basis) {
    std::vector<std::size_t> start(static_cast<std::size_t>(basis.levels()) + 1, 0);
    for (const std::int32_t level : basis.code()) ++start[static_cast<std::size_t>(level) + 1];
    std::partial_sum(start.begin(), start.end(), start.begin());
    std::vector<Eigen::Index> order(basis.code().size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[start[static_cast<std::size_t>(basis.code()[i])]++] = static_cast<Eigen::Index>(i);
    }
    return order;
}

}  // namespace

struct Absorber::State {
    Eigen::Index rows = 0;
    Method method = Method::nothing;
    bool has_mean = false;             ///< the constant lies in the span of D
    std::vector<LevelBasis> basis;     ///< basis[0] is A, the others D2
    std::vector<Eigen::Index> offset;  ///< of each basis in the coefficients of D2
    Eigen::Index coefficients = 0;     ///< of D2
    std::vector<Block> blocks;
    std::int64_t component_count = 0;
    PivotedCholesky dense;
    Eigen::VectorXd preconditioner;  ///< 1 / diag H, 0 where a column is nested in A

    void choose_two_plain();
    bool make_blocks(const Components& parts);
    template <class Visit>
    void visit_levels(Visit visit) const;
    [[nodiscard]] Eigen::MatrixXd dense_matrix() const;
    void make_preconditioner();

    void transpose(const double* x, Eigen::VectorXd& h) const;
    void subtract(const Eigen::VectorXd& gamma, double* x) const;
    void pass(double* x, Eigen::VectorXd& work, Eigen::VectorXd& h) const;
    void solve_blocks(Eigen::VectorXd& h) const;
    void gradients(const double* x, Eigen::VectorXd& h, Eigen::VectorXd& work) const;
    void apply_column(double* x) const;
};

/// Calls visit(columns, C) for every level of A: the D2 columns that occur there and their products with the
/// level's columns of A (per_level x columns).
template <class Visit>
void Absorber::State::visit_levels(Visit visit) const {
    const LevelBasis& a = basis[0];
    const auto order = rows_by_level(a);
    std::vector<Eigen::Index> slot(static_cast<std::size_t>(coefficients), -1), touched;
    Eigen::MatrixXd products(a.per_level(), coefficients);
    std::size_t begin = 0;
    while (begin < order.size()) {
        const std::int32_t level = a.code()[static_cast<std::size_t>(order[begin])];
        std::size_t end = begin;
        touched.clear();
        for (; end < order.size() && a.code()[static_cast<std::size_t>(order[end])] == level; ++end) {
            const Eigen::Index row = order[end];
            for (std::size_t f = 1; f < basis.size(); ++f) {
                const auto code = basis[f].code()[static_cast<std::size_t>(row)];
                for (Eigen::Index j = 0; j < basis[f].per_level(); ++j) {
                    const Eigen::Index column = offset[f] + j * basis[f].levels() + code;
                    Eigen::Index& place = slot[static_cast<std::size_t>(column)];
                    if (place < 0) {
                        place = static_cast<Eigen::Index>(touched.size());
                        products.col(place).setZero();
                        touched.push_back(column);
                    }
                    const double value = basis[f].value(row, j);
                    for (Eigen::Index i = 0; i < a.per_level(); ++i)
                        products(i, place) += a.value(row, i) * value;
                }
            }
        }
        visit(touched, products);
        for (const Eigen::Index column : touched) slot[static_cast<std::size_t>(column)] = -1;
        begin = end;
    }
}

/// H = D2'D2 - C'C.
Eigen::MatrixXd Absorber::State::dense_matrix() const {
    Eigen::MatrixXd H = Eigen::MatrixXd::Zero(coefficients, coefficients);
    std::vector<Eigen::Index> column;
    std::vector<double> value;
    for (Eigen::Index row = 0; row < rows; ++row) {
        column.clear();
        value.clear();
        for (std::size_t f = 1; f < basis.size(); ++f) {
            for (Eigen::Index j = 0; j < basis[f].per_level(); ++j) {
                column.push_back(offset[f] + j * basis[f].levels() +
                                 basis[f].code()[static_cast<std::size_t>(row)]);
                value.push_back(basis[f].value(row, j));
            }
        }
        for (std::size_t p = 0; p < column.size(); ++p) {
            for (std::size_t q = 0; q < column.size(); ++q) H(column[p], column[q]) += value[p] * value[q];
        }
    }
    visit_levels([&H](const std::vector<Eigen::Index>& touched, const Eigen::MatrixXd& C) {
        for (std::size_t p = 0; p < touched.size(); ++p) {
            for (std::size_t q = 0; q < touched.size(); ++q) {
                H(touched[p], touched[q]) -=
                    C.col(static_cast<Eigen::Index>(p)).dot(C.col(static_cast<Eigen::Index>(q)));
            }
        }
    });
    return H;
}

void Absorber::State::make_preconditioner() {
    preconditioner = Eigen::VectorXd::Zero(coefficients);
    for (Eigen::Index row = 0; row < rows; ++row) {
        for (std::size_t f = 1; f < basis.size(); ++f) {
            for (Eigen::Index j = 0; j < basis[f].per_level(); ++j) {
                const double value = basis[f].value(row, j);
                preconditioner[offset[f] + j * basis[f].levels() +
                               basis[f].code()[static_cast<std::size_t>(row)]] += value * value;
            }
        }
    }
    visit_levels([this](const std::vector<Eigen::Index>& touched, const Eigen::MatrixXd& C) {
        for (std::size_t p = 0; p < touched.size(); ++p) {
            preconditioner[touched[p]] -= C.col(static_cast<Eigen::Index>(p)).squaredNorm();
        }
    });
    for (double& diagonal : preconditioner) diagonal = diagonal > pivot_tolerance ? 1 / diagonal : 0;
}

/// Blocks of H, in units of rows (not orthonormal columns): H_c = diag(n_j) - sum_i n_ij n_ij' / n_i.
bool Absorber::State::make_blocks(const Components& parts) {
    const LevelBasis& b = basis[1];
    blocks.assign(static_cast<std::size_t>(parts.count), {});
    for (std::size_t level = 0; level < parts.of_second.size(); ++level) {
        if (parts.of_second[level] < 0) continue;
        blocks[static_cast<std::size_t>(parts.of_second[level])].level.push_back(
            static_cast<std::int32_t>(level));
    }
    Eigen::Index memory = 0;
    for (const Block& block : blocks) {
        const auto size = static_cast<Eigen::Index>(block.level.size());
        memory += size * size;
        if (size > component_limit || memory > component_memory) return false;
    }
    // The level with most rows is the one set to zero: it goes to the end of its block.
    std::vector<Eigen::Index> place(static_cast<std::size_t>(b.levels()), -1);
    for (Block& block : blocks) {
        const auto largest = std::max_element(block.level.begin(), block.level.end(),
                                              [&](auto p, auto q) { return b.count()[p] < b.count()[q]; });
        std::rotate(largest, largest + 1, block.level.end());
        block.level.pop_back();
        const auto size = static_cast<Eigen::Index>(block.level.size());
        block.factor = Eigen::MatrixXd::Zero(size, size);
        for (Eigen::Index j = 0; j < size; ++j) {
            const std::int32_t level = block.level[static_cast<std::size_t>(j)];
            place[static_cast<std::size_t>(level)] = j;
            block.factor(j, j) = b.count()[level];
        }
    }
    visit_levels([&](const std::vector<Eigen::Index>& touched, const Eigen::MatrixXd& C) {
        Block& block =
            blocks[static_cast<std::size_t>(parts.of_second[static_cast<std::size_t>(touched[0])])];
        for (std::size_t p = 0; p < touched.size(); ++p) {
            const Eigen::Index row = place[static_cast<std::size_t>(touched[p])];
            if (row < 0) continue;
            const double root_p = std::sqrt(b.count()[touched[p]]);
            for (std::size_t q = 0; q < touched.size(); ++q) {
                const Eigen::Index column = place[static_cast<std::size_t>(touched[q])];
                if (column < 0) continue;
                block.factor(row, column) -= C(0, static_cast<Eigen::Index>(p)) *
                                             C(0, static_cast<Eigen::Index>(q)) * root_p *
                                             std::sqrt(b.count()[touched[q]]);
            }
        }
    });
    // One level short of a connected component: positive definite.
    for (Block& block : blocks) factorise(block.factor);
    return true;
}

/// Balanced (every pair of levels once): H = L1 (I - 11'/L2), so that gamma = h / L1.
void Absorber::State::choose_two_plain() {
    const LevelBasis &a = basis[0], &b = basis[1];
    if (a.levels() * b.levels() == rows) {
        std::vector<char> seen(static_cast<std::size_t>(rows), 0);
        bool once = true;
        for (std::size_t i = 0; once && i < seen.size(); ++i) {
            char& cell = seen[static_cast<std::size_t>(a.code()[i] * b.levels() + b.code()[i])];
            once = cell == 0;
            cell = 1;
        }
        if (once) {
            method = Method::balanced;
            component_count = 1;
            return;
        }
    }
    const Components parts = components(a.code(), static_cast<std::int32_t>(a.levels()), b.code(),
                                        static_cast<std::int32_t>(b.levels()));
    component_count = parts.count;
    method = make_blocks(parts) ? Method::blocks : Method::gradients;
}

Absorber::Absorber(const std::vector<FixedEffect>& effects, Eigen::Index rows, bool constant)
    : state_(std::make_unique<State>()) {
    State& s = *state_;
    s.rows = rows;
    if (rows == 0) return;
    if (effects.empty()) {
        s.method = constant ? Method::mean : Method::nothing;
        s.has_mean = constant;
        return;
    }
    for (const FixedEffect& effect : effects) s.basis.emplace_back(effect, rows);
    s.has_mean =
        std::any_of(effects.begin(), effects.end(), [](const FixedEffect& e) { return e.intercept; });
    // The effect with most coefficients is the one that costs nothing to eliminate.
    const auto largest = std::max_element(
        s.basis.begin(), s.basis.end(),
        [](const LevelBasis& p, const LevelBasis& q) { return p.coefficients() < q.coefficients(); });
    std::rotate(s.basis.begin(), largest, largest + 1);
    s.offset.assign(s.basis.size(), 0);
    for (std::size_t f = 1; f < s.basis.size(); ++f) {
        s.offset[f] = s.coefficients;
        s.coefficients += s.basis[f].coefficients();
    }
    if (s.basis.size() == 1) {
        s.method = Method::one;
    } else if (s.basis.size() == 2 && s.basis[0].plain() && s.basis[1].plain()) {
        s.choose_two_plain();
    } else if (s.coefficients <= dense_limit) {
        s.method = Method::dense;
        s.dense = PivotedCholesky(s.dense_matrix(), pivot_tolerance);
    } else {
        s.method = Method::gradients;
    }
    if (s.method == Method::gradients) s.make_preconditioner();
}

Absorber::~Absorber() = default;
Absorber::Absorber(Absorber&&) noexcept = default;
Absorber& Absorber::operator=(Absorber&&) noexcept = default;

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
    for (const Block& block : blocks) {
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
        case Method::balanced:
            // h of the first, demeaned effect sums to zero, so that what is subtracted has mean zero in each
            // level.
            basis[1].remove(x, h.data());
            return;
        case Method::blocks:
            transpose(x, h);
            solve_blocks(h);
            break;
        case Method::dense:
            transpose(x, h);
            dense.solve(h);
            break;
        case Method::gradients:
            transpose(x, h);
            gradients(x, h, work);
            break;
        case Method::nothing:
        case Method::mean:
        case Method::one:
            return;
    }
    subtract(h, x);
    a.remove(x, work.data());
}

void Absorber::State::apply_column(double* x) const {
    if (method == Method::nothing) return;
    Eigen::Map<Eigen::VectorXd> column(x, rows);
    if (has_mean) column.array() -= column.mean();
    if (method == Method::mean) {
        column.array() -= column.mean();
        return;
    }
    Eigen::VectorXd work(basis[0].levels()), h(coefficients);
    double before = column.squaredNorm();
    // A pass that takes away nearly everything leaves the rounding errors of what was there.
    const double enough = method == Method::gradients ? 0.99 : 1e-3;
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
    if (columns.size() < 200'000 && s.method != Method::gradients) {
        for (Eigen::Index j = 0; j < columns.cols(); ++j) one(j);
        return;
    }
    // A column is computed by one thread alone: the result does not depend on their number.
    tbb::parallel_for(Eigen::Index{0}, columns.cols(), one);
}

std::int64_t Absorber::rank() const {
    const State& s = *state_;
    switch (s.method) {
        case Method::nothing:
            return 0;
        case Method::mean:
            return 1;
        case Method::one:
            return s.basis[0].active();
        case Method::balanced:
        case Method::blocks:
            return s.basis[0].active() + s.basis[1].active() - s.component_count;
        case Method::dense:
            return s.basis[0].active() + s.dense.rank();
        case Method::gradients:
            break;
    }
    if (s.basis.size() == 2 && s.basis[0].plain() && s.basis[1].plain()) {
        return s.basis[0].active() + s.basis[1].active() - s.component_count;
    }
    if (s.coefficients > rank_limit) {
        throw Error(Fault::data,
                    "the exact rank of these fixed effects needs too large a factorisation; use another "
                    "rule for the degrees of freedom (reghdfe, ivreghdfe or fixest)");
    }
    return s.basis[0].active() + PivotedCholesky(s.dense_matrix(), pivot_tolerance).rank();
}

}  // namespace greenfront::panel

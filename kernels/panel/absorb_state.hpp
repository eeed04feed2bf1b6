#pragma once
#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/panel/absorb.hpp"
#include "kernels/panel/graph.hpp"
#include "kernels/panel/level_basis.hpp"
#include "kernels/panel/pivoted_cholesky.hpp"

/// What the parts of the absorber share: its factorisation (absorb.cpp makes it, absorb_apply.cpp and
/// absorb_leverage.cpp use it). The formulas are in absorb.hpp.
namespace greenfront::panel {

constexpr double absorb_pivot_tolerance = 1e-10;
constexpr Eigen::Index absorb_rank_limit = 3000;

enum class AbsorbMethod { nothing, mean, one, balanced, blocks, dense, gradients };

/// One connected component of two plain effects: the levels of the second effect that are solved for, and the
/// Cholesky factor of their block of H.
struct AbsorbBlock {
    std::vector<std::int32_t> level;
    Eigen::MatrixXd factor;
};

/// Rows in the order of their level in the first effect, for sums over C = A'D2 one level at a time.
inline std::vector<Eigen::Index> rows_by_level(const LevelBasis& basis) {
    std::vector<std::size_t> start(static_cast<std::size_t>(basis.levels()) + 1, 0);
    for (const std::int32_t level : basis.code()) ++start[static_cast<std::size_t>(level) + 1];
    std::partial_sum(start.begin(), start.end(), start.begin());
    std::vector<Eigen::Index> order(basis.code().size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[start[static_cast<std::size_t>(basis.code()[i])]++] = static_cast<Eigen::Index>(i);
    }
    return order;
}

/// Parts of a symmetric generalised inverse of H: entries between columns of one connected component.
struct InverseOfH {
    std::vector<std::int32_t> part;   ///< of each coefficient; -1: its row and column are zero
    std::vector<Eigen::Index> place;  ///< within the part
    std::vector<double> unit;         ///< an entry is unit_p inverse(place_p, place_q) unit_q
    std::vector<Eigen::MatrixXd> inverse;
    /// Rows and columns `which`, which lie in one component.
    [[nodiscard]] Eigen::MatrixXd between(const std::vector<Eigen::Index>& which) const;
};

struct Absorber::State {
    Eigen::Index rows = 0;
    Eigen::VectorXd root;  ///< square roots of the weights; empty without
    AbsorbMethod method = AbsorbMethod::nothing;
    bool has_mean = false;             ///< the constant lies in the span of D
    std::vector<LevelBasis> basis;     ///< basis[0] is A, the others D2
    std::vector<Eigen::Index> offset;  ///< of each basis in the coefficients of D2
    Eigen::Index coefficients = 0;     ///< of D2
    std::vector<AbsorbBlock> blocks;
    std::int64_t component_count = 0;
    PivotedCholesky dense;
    Eigen::VectorXd preconditioner;  ///< 1 / diag H, 0 where a column is nested in A

    void choose_two_plain();
    bool make_blocks(const Components& parts);
    /// One level of A: its rows, the columns of D2 that occur there, and their products with the level's
    /// columns of A (per_level x touched, more columns than that are allocated).
    struct LevelView {
        std::vector<Eigen::Index> rows, touched;
        Eigen::MatrixXd C;
    };
    template <class Visit>
    void visit_levels(Visit visit) const;
    [[nodiscard]] Eigen::MatrixXd dense_matrix() const;
    void make_preconditioner();

    void transpose(const double* x, Eigen::VectorXd& h) const;
    void subtract(const Eigen::VectorXd& gamma, double* x) const;
    void pass(double* x, Eigen::VectorXd& work, Eigen::VectorXd& h) const;
    void solve_blocks(Eigen::VectorXd& h) const;
    void gradients(const double* x, Eigen::VectorXd& h, Eigen::VectorXd& work) const;
    void remove_mean(Eigen::Ref<Eigen::VectorXd> column) const;
    void apply_column(double* x) const;
    [[nodiscard]] bool row_wise() const;
    [[nodiscard]] Eigen::RowVectorXd eliminate(
        RowBlock& block, const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>& sums_a,
        const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>& sums_b,
        Eigen::MatrixXd& products) const;
    /// A symmetric H^- on all coefficients of D2, block by block or as a whole.
    [[nodiscard]] InverseOfH inverse() const;
};

/// Calls visit(level) for every level of A that has rows.
template <class Visit>
void Absorber::State::visit_levels(Visit visit) const {
    const LevelBasis& a = basis[0];
    const auto order = rows_by_level(a);
    std::vector<Eigen::Index> slot(static_cast<std::size_t>(coefficients), -1);
    LevelView view;
    view.C.resize(a.per_level(), coefficients);
    std::size_t begin = 0;
    while (begin < order.size()) {
        const std::int32_t level = a.code()[static_cast<std::size_t>(order[begin])];
        std::size_t end = begin;
        view.touched.clear();
        for (; end < order.size() && a.code()[static_cast<std::size_t>(order[end])] == level; ++end) {
            const Eigen::Index row = order[end];
            for (std::size_t f = 1; f < basis.size(); ++f) {
                const auto code = basis[f].code()[static_cast<std::size_t>(row)];
                for (Eigen::Index j = 0; j < basis[f].per_level(); ++j) {
                    const Eigen::Index column = offset[f] + j * basis[f].levels() + code;
                    Eigen::Index& place = slot[static_cast<std::size_t>(column)];
                    if (place < 0) {
                        place = static_cast<Eigen::Index>(view.touched.size());
                        view.C.col(place).setZero();
                        view.touched.push_back(column);
                    }
                    const double value = basis[f].value(row, j);
                    for (Eigen::Index i = 0; i < a.per_level(); ++i)
                        view.C(i, place) += a.value(row, i) * value;
                }
            }
        }
        view.rows.assign(order.begin() + static_cast<std::ptrdiff_t>(begin),
                         order.begin() + static_cast<std::ptrdiff_t>(end));
        visit(std::as_const(view));
        for (const Eigen::Index column : view.touched) slot[static_cast<std::size_t>(column)] = -1;
        begin = end;
    }
}

}  // namespace greenfront::panel

#include <cmath>

#include "kernels/panel/absorb_state.hpp"
#include "kernels/panel/rows.hpp"

namespace greenfront::panel {
namespace {

using Table = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Table means(const Table& sums, const Eigen::VectorXd& count) {
    return count.cwiseInverse().asDiagonal() * sums;
}

/// sum_l s_l^2 / n_l for every column.
Eigen::RowVectorXd between(const Table& sums, const Eigen::VectorXd& count) {
    return count.cwiseInverse().transpose() * sums.array().square().matrix();
}

}  // namespace

bool Absorber::State::row_wise() const {
    if (root.size() > 0) return false;
    if (method == AbsorbMethod::one) return basis[0].plain();
    return method == AbsorbMethod::balanced || method == AbsorbMethod::blocks;
}

/// One elimination of all effects; sums of the levels of A (and B, when balanced) are given. Returns the sum
/// of squares that the effects took from each column, the mean not counted.
Eigen::RowVectorXd Absorber::State::eliminate(RowBlock& block, const Table& sums_a, const Table& sums_b,
                                              Eigen::MatrixXd& products) const {
    const LevelSums none;
    const std::int32_t* const code_a = basis[0].code().data();
    Table a = means(sums_a, basis[0].count());
    const Eigen::RowVectorXd total = sums_a.colwise().sum();
    const auto n = static_cast<double>(rows);
    Eigen::RowVectorXd taken = between(sums_a, basis[0].count()) - (total.array().square() / n).matrix();
    if (method == AbsorbMethod::one) {
        subtract_levels(block, {code_a, a.data()}, none, none, products.data());
        return taken;
    }
    const std::int32_t* const code_b = basis[1].code().data();
    if (method == AbsorbMethod::balanced) {
        Table b = means(sums_b, basis[1].count());
        a.rowwise() -= total / n;
        subtract_levels(block, {code_a, a.data()}, {code_b, b.data()}, none, products.data());
        return taken + between(sums_b, basis[1].count()) - (total.array().square() / n).matrix();
    }
    Table h = Table::Zero(basis[1].levels(), block.width), gamma = h;
    subtract_levels(block, {code_a, a.data()}, none, {code_b, h.data()}, nullptr);
    const Eigen::ArrayXd unit = basis[1].count().array().rsqrt();
    for (Eigen::Index j = 0; j < block.width; ++j) {
        Eigen::VectorXd column = h.col(j).array() * unit;
        const Eigen::VectorXd right = column;
        solve_blocks(column);
        taken[j] += right.dot(column);
        gamma.col(j) = column.array() * unit;
    }
    a.setZero();
    add_levels(block, {code_a, a.data()}, {code_b, gamma.data()});
    a = -means(a, basis[0].count());
    subtract_levels(block, {code_a, a.data()}, {code_b, gamma.data()}, none, products.data());
    return taken;
}

bool Absorber::row_wise() const {
    return state_->row_wise();
}

RowProducts Absorber::apply_rows(const double* const* column, Eigen::Index columns, RowBlock& block) const {
    const State& s = *state_;
    const Eigen::Index width = block.width;
    const bool two = s.method == AbsorbMethod::balanced;
    // The first row is near enough to the mean to keep large means out of the sums.
    std::vector<double> shift(static_cast<std::size_t>(columns));
    for (Eigen::Index j = 0; j < columns; ++j) shift[static_cast<std::size_t>(j)] = column[j][0];
    Table a = Table::Zero(s.basis[0].levels(), width), b = Table::Zero(two ? s.basis[1].levels() : 0, width);
    const LevelSums into_a{s.basis[0].code().data(), a.data()};
    const LevelSums into_b{two ? s.basis[1].code().data() : nullptr, b.data()};
    load_rows(column, columns, shift.data(), block, into_a, into_b);
    RowProducts result;
    const auto n = static_cast<double>(s.rows);
    result.mean = a.colwise().sum().head(columns).transpose() / n;
    for (Eigen::Index j = 0; j < columns; ++j) result.mean[j] += shift[static_cast<std::size_t>(j)];
    result.products.resize(width, width);
    const Eigen::RowVectorXd taken = s.eliminate(block, a, b, result.products);
    result.centred = (result.products.diagonal() + taken.transpose()).head(columns);
    // What is left of a column that lost nearly everything holds the rounding errors of what was there.
    if ((result.products.diagonal().head(columns).array() < 1e-3 * result.centred.array()).any()) {
        a.setZero();
        b.setZero();
        add_rows(block, into_a);
        if (two) add_rows(block, into_b);
        (void)s.eliminate(block, a, b, result.products);
    }
    result.products.triangularView<Eigen::StrictlyLower>() = result.products.transpose();
    return result;
}

}  // namespace greenfront::panel

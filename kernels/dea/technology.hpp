#pragma once
#include <Eigen/Core>

#include "kernels/dea/dea.hpp"
#include "kernels/lp/columns.hpp"

namespace greenfront::dea {

/// The reference set as shared columns of linear programs, scaled.
///
/// Rows are X, Y, B and, unless returns are constant, a row of ones (returns to scale). Row i is multiplied
/// by row_factor_i, a power of two near the reciprocal of the mean of its positive entries (a row of zeros:
/// 1); column j then by column_factor_j, the power of two that brings its largest entry into [1/2, 1). Powers
/// of two change no digit. Kuosmanen's technology of weak disposability has two columns a unit (twofold).
struct Technology {
    int m = 0, s1 = 0, s2 = 0;
    std::int32_t units = 0;  ///< n
    bool returns_row = false;
    bool twofold = false;        ///< n columns more, of the second intensities mu: inputs and returns only
    Eigen::VectorXd row_factor;  ///< m + s1 + s2
    Eigen::VectorXd row_reciprocal;  ///< 1 / row_factor, exact
    Eigen::VectorXd column_factor;   ///< one a column
    Eigen::VectorXd mean;            ///< m + s1 + s2: mean over the reference set, user's units
    lp::Columns columns;

    Technology(const Quantities& reference, Returns returns, bool twofold_ = false);
    [[nodiscard]] int variables() const { return m + s1 + s2; }
    /// Column factor of a unit with these values, in the reference set or not.
    [[nodiscard]] double factor_of(const Eigen::VectorXd& values) const;

  private:
    void fill_column(const Quantities& reference, std::int32_t column, Eigen::Index unit, int rows);
};

/// Some columns of a technology, in the order given.
[[nodiscard]] lp::Columns part_of(const Technology& technology, const std::vector<std::int32_t>& columns);

/// Value of variable i (inputs, goods, bads counted through) of unit j.
[[nodiscard]] double value_of(const Quantities& units, int i, Eigen::Index j);

}  // namespace greenfront::dea

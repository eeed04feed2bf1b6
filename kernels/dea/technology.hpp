#pragma once
#include <Eigen/Core>

#include "kernels/dea/dea.hpp"
#include "kernels/lp/columns.hpp"

namespace greenfront::dea {

/// The reference set as shared columns of linear programs, scaled.
///
/// Rows are X, Y, B and, unless returns are constant, a row of ones (returns to scale). Row i is multiplied
/// by row_factor_i, a power of two near the reciprocal of the mean of its positive entries (a row of zeros:
/// 1); column j then by column_factor_j, the power of two that brings its largest entry among those that
/// bound its intensity (inputs, bads, the row of ones under vrs and nirs; of a column without any: of all)
/// into [1/2, 1). So an intensity of the scaled program is hardly above 1, whatever the sizes of the units,
/// and a reduced cost of -1e-9 cannot be worth more than about 1e-9. Powers of two change no digit.
/// That is said of data of some orders of magnitude. Of `wide` data, with a variable whose positive values
/// span more than `ordinary_span`, a column may be tiny beside the unit that it is compared with; every
/// answer is then proved with more digits and by what each intensity can be at most (lp::Problem::wide).
/// Kuosmanen's technology of weak disposability has two columns a unit (twofold).
inline constexpr double ordinary_span = 1e12;

struct Technology {
    int m = 0, s1 = 0, s2 = 0;
    std::int32_t units = 0;  ///< n
    bool returns_row = false;
    bool bounded_intensities = false;  ///< by the row of ones: vrs, nirs
    bool twofold = false;        ///< n columns more, of the second intensities mu: inputs and returns only
    Eigen::VectorXd row_factor;  ///< m + s1 + s2
    Eigen::VectorXd row_reciprocal;  ///< 1 / row_factor, exact
    Eigen::VectorXd column_factor;   ///< one a column
    Eigen::VectorXd mean;            ///< m + s1 + s2: mean over the reference set, user's units
    bool wide = false;
    /// Every column has a positive input, so that inputs limit all intensities and these all outputs.
    bool limited = false;
    lp::Columns columns;

    Technology(const Quantities& reference, Returns returns, bool twofold_ = false);
    [[nodiscard]] int variables() const { return m + s1 + s2; }
    /// Column factor of a unit, in the reference set or not, whose column has the first `rows` variables.
    [[nodiscard]] double factor_of(const double* values, int rows) const;

  private:
    /// Largest over smallest positive value.
    double measure_row(const Quantities& reference, int i);
    void fill_column(const Eigen::VectorXd& values, std::int32_t column, Eigen::Index unit, int rows);
};

/// Some columns of a technology, in the order given.
[[nodiscard]] lp::Columns part_of(const Technology& technology, const std::vector<std::int32_t>& columns);

/// Value of variable i (inputs, goods, bads counted through) of unit j.
[[nodiscard]] double value_of(const Quantities& units, int i, Eigen::Index j);

/// All values of unit j; `values` has one entry a variable.
void read_values(const Quantities& units, Eigen::Index j, Eigen::VectorXd& values);

}  // namespace greenfront::dea

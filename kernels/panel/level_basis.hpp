#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kernels/panel/regression.hpp"

/// The columns of one fixed effect, orthonormal within each level: an intercept (1/sqrt(rows of the level))
/// and the slope variables after modified Gram-Schmidt, so that the projection on the effect is Q Q'.
/// With weights the columns stand in weighted coordinates: row i of a dummy is r_i = sqrt(w_i), of a slope
/// r_i x_i, so that Q Q' is an orthogonal projection of weighted columns; the intercept is r_i/sqrt(sum of
/// w). A slope that adds nothing in a level (relative norm below 1e-10) is zero there.
namespace greenfront::panel {

class LevelBasis {
  public:
    /// `root` holds the square roots of the weights (empty: ones) and must outlive the basis.
    LevelBasis(const FixedEffect& effect, Eigen::Index rows, const Eigen::VectorXd& root);

    [[nodiscard]] Eigen::Index levels() const { return levels_; }
    [[nodiscard]] Eigen::Index per_level() const { return (intercept_ ? 1 : 0) + slope_.cols(); }
    [[nodiscard]] Eigen::Index coefficients() const { return levels_ * per_level(); }
    [[nodiscard]] Eigen::Index active() const {
        return active_;
    }  ///< coefficients that are not zero: the rank
    [[nodiscard]] bool plain() const { return intercept_ && slope_.cols() == 0; }
    [[nodiscard]] bool intercept() const { return intercept_; }
    [[nodiscard]] const std::vector<std::int32_t>& code() const { return code_; }
    /// Sum of weights of each level (its rows, without weights).
    [[nodiscard]] const Eigen::VectorXd& count() const { return count_; }
    /// Q(row, j) of the column j of the row's level.
    [[nodiscard]] double value(Eigen::Index row, Eigen::Index j) const {
        if (intercept_ && j == 0) {
            const double value = inverse_root_[code_[static_cast<std::size_t>(row)]];
            return root_ == nullptr ? value : root_[row] * value;
        }
        return slope_(row, j - (intercept_ ? 1 : 0));
    }

    /// x <- x - Q Q'x; `work` has at least `levels` elements and its content is lost.
    void remove(double* x, double* work) const;
    /// coefficient <- Q'x; column j of level l stands at j * levels + l.
    void coefficients_of(const double* x, double* coefficient) const;
    /// x <- x - Q coefficient.
    void subtract(const double* coefficient, double* x) const;

  private:
    void subtract_column(Eigen::Index j, const double* coefficient, double* x) const;
    void column_coefficients(Eigen::Index j, const double* x, double* coefficient) const;

    std::vector<std::int32_t> code_;
    const double* root_ = nullptr;  ///< null without weights
    Eigen::Index levels_ = 0;
    bool intercept_ = true;
    Eigen::Index active_ = 0;
    Eigen::VectorXd count_, inverse_root_;
    Eigen::MatrixXd slope_;
};

}  // namespace greenfront::panel

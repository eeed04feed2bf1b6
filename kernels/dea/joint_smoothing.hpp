#pragma once
#include <Eigen/Core>

#include "kernels/rng/philox.hpp"

/// Draws from a normal kernel estimate of a joint density, some of whose columns end at 1.
///
/// Z n x d, Sigma its covariance (divisor n - 1), F the columns that are at least 1. The density is made of
/// the rows of Z and of their mirror images, z_F -> 2 - z_F for every subset of F (2^|F| n rows), the kernel
/// of a row being normal with covariance h^2 D Sigma D, D = diag(-1 in mirrored columns, else 1). A draw of
/// n:
///     a_i      a row, below(2^|F| n): row number modulo n, mirrored by the bits of the quotient
///     v_i      = a_i + h D L e_i, L L' = Sigma, e_i d standard normals
///     z_i      = c + (v_i - c) / sqrt(1 + h^2), c the mean of the a_i; then 2 - z_F where that is below 1
///
/// h = (4 / ((d + 2) n))^(1 / (d + 4)), the normal reference rule (Silverman 1986, p. 87), unless given.
/// A column that does not vary, or that others determine, has no kernel of its own (L with a zero column).
///
/// Method: Simar and Wilson (1999), EJOR 115, section 3, for two scores; Simar and Wilson (2000), Journal of
/// Applied Statistics 27, section 4, for one score and the place of the unit. Cost: n d^2 a draw.
namespace greenfront::dea {

class JointSmoothing {
  public:
    /// The last `bounded` columns are at least 1. `bandwidth` 0: the rule.
    JointSmoothing(Eigen::MatrixXd Z, int bounded, double bandwidth);
    [[nodiscard]] double bandwidth() const { return h_; }

    /// One draw of n; rows can be drawn again about the same centre.
    class Draw {
      public:
        /// n numbers below(2^|F| n), then row by row d normals.
        Draw(const JointSmoothing& smoothing, rng::Stream& stream);
        [[nodiscard]] const Eigen::MatrixXd& rows() const { return rows_; }
        /// One number below(..) and d normals for row i.
        void again(Eigen::Index i);

      private:
        void place(Eigen::Index i, std::uint64_t number);
        const JointSmoothing& s_;
        rng::Stream& stream_;
        Eigen::RowVectorXd centre_;
        Eigen::MatrixXd rows_;
    };

  private:
    [[nodiscard]] Eigen::RowVectorXd row(std::uint64_t number) const;
    [[nodiscard]] std::uint64_t mirrored(std::uint64_t number) const;

    Eigen::MatrixXd Z_, L_;
    int bounded_;
    double h_ = 0;
};

}  // namespace greenfront::dea

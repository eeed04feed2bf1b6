#pragma once
#include <Eigen/Core>
#include <vector>

/// Cholesky factorisations of symmetric matrices that may be singular.
namespace greenfront::panel {

/// P'HP = L L' with diagonal pivoting, stopped where the largest pivot left is not above `tolerance`. H is
/// positive semi-definite, its columns in units that make a pivot of one "nothing explained".
/// Cost: m rank^2.
class PivotedCholesky {
  public:
    PivotedCholesky() = default;
    PivotedCholesky(Eigen::MatrixXd H, double tolerance);
    [[nodiscard]] Eigen::Index rank() const { return rank_; }
    /// h <- a solution of H gamma = h (columns beyond the rank get zero), for h in the range of H.
    void solve(Eigen::VectorXd& h) const;
    /// The symmetric generalised inverse that `solve` applies: zero beyond the rank.
    [[nodiscard]] Eigen::MatrixXd inverse() const;

  private:
    Eigen::MatrixXd factor_;
    std::vector<Eigen::Index> order_;
    Eigen::Index rank_ = 0;
};

/// H <- lower Cholesky factor of a positive definite H (an assertion fails when it is not).
void factorise(Eigen::MatrixXd& H);
/// h <- (L L')^-1 h.
void solve_factorised(const Eigen::MatrixXd& factor, Eigen::VectorXd& h);

}  // namespace greenfront::panel

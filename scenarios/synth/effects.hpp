#pragma once
#include <Eigen/Core>
#include <vector>

namespace greenfront::synth {

/// The projection off city and period effects on a sample, exact.
///
/// Problem   v - D (D'D)^- D'v with dummies D of cities and of periods (a period may be a year, or a year of
/// a
///           province). With city means taken out, the period effects solve
///               (N - B' C^-1 B) g = b - B' C^-1 a,
///           a, b: sums of v by city and by period; C, N: their counts; B: cities x periods incidence.
/// Method    the small matrix on the left (periods x periods) is decomposed once; its null space has one
///           dimension for each connected part of the sample.
/// Rows      cities and periods with a single observation are dropped first, repeatedly, as regression
///           programs do.
/// Cost      O(n + P^2) a vector.
class Effects {
  public:
    /// `city` and `period` of every row of the panel, `keep` the sample; codes from 0.
    Effects(const std::vector<int>& city, const std::vector<int>& period, std::vector<char> keep);

    [[nodiscard]] const std::vector<Eigen::Index>& rows() const { return rows_; }
    [[nodiscard]] Eigen::Index size() const { return static_cast<Eigen::Index>(rows_.size()); }
    [[nodiscard]] Eigen::Index rank() const { return rank_; }
    /// Elements of a panel-wide vector in the sample's order.
    [[nodiscard]] Eigen::VectorXd pick(const Eigen::VectorXd& panel_wide) const;
    [[nodiscard]] Eigen::VectorXd residual(const Eigen::VectorXd& v) const;

  private:
    std::vector<Eigen::Index> rows_;
    std::vector<int> city_, period_;  // of the sample, recoded
    Eigen::VectorXd city_count_;
    Eigen::MatrixXd inverse_;  // generalised inverse of the matrix of the period effects
    Eigen::Index rank_ = 0;
};

}  // namespace greenfront::synth

#pragma once
#include <optional>

#include "scenarios/synth/equations.hpp"

namespace greenfront::synth {

/// A variable that winsorising will leave inside [low, high]: the extreme rows stand at the bounds and stay
/// there, the others move inside through y = low + (high - low) / (1 + exp(-u)).
class Bounded {
  public:
    Bounded() = default;
    /// The `tied` smallest values of `start` go to `low`, as many of the largest to `high`.
    Bounded(const VectorXd& start, double low, double high, Index tied);

    [[nodiscard]] const VectorXd& value() const { return value_; }
    /// dy/du; 0 where the row is at a bound.
    [[nodiscard]] VectorXd slope() const;
    void move(const VectorXd& by);
    /// Sets a row between the bounds to a value, for good.
    void fix(Index row, double value);
    [[nodiscard]] bool fixed(Index row) const { return side_[static_cast<std::size_t>(row)] == 2; }
    [[nodiscard]] bool inside(Index row) const { return side_[static_cast<std::size_t>(row)] == 0; }
    /// At the end of its reach in the direction of `by`.
    [[nodiscard]] bool blocked(Index row, double by) const;
    /// Values outside the bounds in the order of the start: what is winsorised gives value() back.
    [[nodiscard]] VectorXd with_tails(double beyond_low, double beyond_high) const;

  private:
    double low_ = 0, high_ = 1;
    VectorXd start_, value_, u_, drawn_;
    std::vector<int> side_;  ///< -1 at low, 1 at high, 0 between, 2 fixed between
};

/// Gauss-Newton with least changes for more unknowns than equations.
///
/// Problem   r(y, s) = 0 for the equations of equations.hpp, in y (through u) and in the logarithms xi of the
///           three sub-indices s = s0 exp(xi); nqp = sum_d part_d s_d
/// Step      (J S J' + mu diag) l = r, (du, dxi) = S J' l: the smallest step, in units of the trust of each
///           unknown, that solves the linear equations; damped by mu, halved until the merit falls
/// Merit     Huber's function of the weighted residuals, linear beyond 4 units (of a coefficient) and 40 %
/// (of a
///           standard error), so that one equation that cannot hold does not spoil the others
/// Cost      about 0.3 n R^2 multiplications a step for R equations in n rows
class Solver {
  public:
    std::vector<Regression> regressions;
    std::optional<Effects> instrumented;  ///< rows with a lag; the controls below belong to it
    MatrixXd instrumented_controls;
    bool with_moments = false;
    Bounded outcome;
    MatrixXd sub_index;                               ///< rows x 3, before winsorising
    MatrixXd least, most;                             ///< rows x 3: bounds of sub_index
    Eigen::Vector3d part;                             ///< of the sub-indices in nqp
    double outcome_trust = 0.25, index_trust = 0.05;  ///< 0: the indices stay

    /// One step; false when no damping helps any more.
    bool step();
    /// Up to `count` steps.
    void run(int count);
    /// nqp, nql, nqo, nqm after winsorising.
    [[nodiscard]] std::array<VectorXd, 4> indices() const;
    /// Largest |r| of coefficients (in standard errors) and of logarithms of standard errors.
    [[nodiscard]] std::pair<double, double> worst() const;

  private:
    struct Linear;
    struct Step;
    [[nodiscard]] Linear linear(const Equations& now, const std::array<VectorXd, 4>& inside) const;
    [[nodiscard]] MatrixXd normal(const Linear& at) const;
    [[nodiscard]] Step direction(const Linear& at, const MatrixXd& K) const;
    [[nodiscard]] bool hold(Linear& at, const Step& step) const;
    [[nodiscard]] Equations equations(std::array<VectorXd, 4>* inside = nullptr) const;
    double damping_ = 1e-2;
};

}  // namespace greenfront::synth

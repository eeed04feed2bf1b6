#pragma once
#include <Eigen/Core>
#include <span>

#include "kernels/dea/dea.hpp"

// clang-format off
/// A score proved from its peers and multipliers alone: no solver, no scaling, user's units.
///
/// The peers give a point of the technology and with it a value of the model that can be attained (primal);
/// the multipliers v, u, w, omega give a bound that no point passes (dual), because no reference unit has a
/// negative reduced cost d_j = v'x_j - u'y_j + w'b_j - omega. Where both equal the score, it is the optimum
/// (weak duality). With pi = v'x_o - u'y_o + w'b_o - omega the bounds and the conditions on the multipliers
/// are
///   radial, input    theta >= 1 - pi,  v'x_o = 1
///   radial, output   phi <= 1 + pi,  u'y_o = 1
///   SBM              rho >= 1 - pi,  v_i >= w_i/x_io,  u_r >= rho w_r/y_ro,  w_k >= rho w_k/b_ko
///   SBM, input       rho >= 1 - pi,  v_i >= w_i/x_io
///   SBM, output      rho >= 1/(1 + pi),  u_r >= w_r/y_ro, ...
///   super SBM        the same with <=, delta for rho
///   additive         score <= pi,  v_i >= w_i, ...  (BAM, crs: score <= pi + sum max(0, w_i - v_i) distance_i)
///   ddf              beta <= pi,  v'g_x + u'g_y + w'g_b >= 1  (= 1 where beta may be negative)
///   nddf             score <= pi,  v_i g_i >= w_i, ...
///   cost             score >= 1 - pi (with v'x_o = 1 in pi),  v_i <= p_i / p'x_o
///   revenue          score >= 1/(1 + pi) (with u'y_o = 1 in pi),  u_r >= q_r / q'y_o
/// omega is 0 (crs), <= 0 (nirs), >= 0 (ndrs); all multipliers >= 0, but w of weakly disposable bads. For fdh
/// every unit is tried. Source: docs/methods/dea.md; Charnes, Cooper and Rhodes (1978), Tone (2001).
///
/// Slacks and targets follow from the peers' point and the score, by the definitions of engine/efficiency.hpp.
/// Whatever is not a number proves nothing: every condition is one that holds, not one that is not broken.
///
/// Cost: O((m+s) n) a unit.
// clang-format on
namespace greenfront::dea {

/// What is said of one evaluated unit.
struct Claim {
    double score = 0;
    Eigen::VectorXd multiplier;  ///< m+s1+s2+1
    Eigen::VectorXd beta;        ///< nddf: m+s1+s2
    std::span<const std::int32_t> peer;
    std::span<const double> lambda, idle;  ///< idle may be empty
    Eigen::VectorXd slack{}, target{};     ///< m+s1+s2, or empty: not claimed
};

struct Finding {
    double primal = 0;            ///< value that the peers attain
    double dual = 0;              ///< bound that the multipliers prove
    double min_reduced_cost = 0;  ///< least d_j over the sum of the magnitudes of its terms or, where that is
                                  ///< larger, over the size of j in units of o (multipliers may be all zero)
    double infeasibility = 0;     ///< of the peers' point, relative to the unit's own values
    double multiplier_fault = 0;  ///< how far a condition on the multipliers is missed, relative
    double projection_fault = 0;  ///< how far slacks and targets are from those of the peers, relative
    double scale = 1;             ///< max(1, |score|); additive: or the weighted sum of the unit's own values
    /// The score is proved within a tolerance relative to the scale.
    [[nodiscard]] bool proves(double score, double tolerance) const;
    /// The same for slacks and targets.
    [[nodiscard]] bool places(double tolerance) const { return projection_fault <= tolerance; }
};

/// The variables of a task and what their spread says.
struct Frame {
    Frame(const Quantities& evaluated, const Quantities& reference, const Settings& chosen);
    [[nodiscard]] bool is_input(Eigen::Index i) const { return i < m; }
    [[nodiscard]] bool is_good(Eigen::Index i) const { return i >= m && i < m + s1; }
    [[nodiscard]] bool is_bad(Eigen::Index i) const { return i >= m + s1; }
    [[nodiscard]] double sign(Eigen::Index i) const { return is_good(i) ? -1 : 1; }
    [[nodiscard]] bool equality(Eigen::Index i) const {
        return is_bad(i) && settings.disposability != Disposability::strong;
    }
    /// SBM, additive: the score counts the slack. Radial, fdh: the score scales the variable.
    [[nodiscard]] bool scored(Eigen::Index i) const;
    [[nodiscard]] bool moves(Eigen::Index i) const;
    /// Cost, revenue: the amount is chosen.
    [[nodiscard]] bool chosen(Eigen::Index i) const;
    /// A bad that stands above the line of a super-efficient SBM.
    [[nodiscard]] bool above_line(Eigen::Index i) const;
    [[nodiscard]] bool super_sbm() const { return settings.model == Model::sbm && settings.super; }
    /// BAM under crs: slacks are bounded by the distance to the best value.
    [[nodiscard]] bool bounded() const;

    Settings settings;
    Eigen::Index m, s1, s2;
    Eigen::VectorXd mean;                    ///< of the reference columns
    Eigen::VectorXd best, range, deviation;  ///< additive weights
};

/// Checks units of `evaluated` against `reference`. `evaluated` as in evaluate(): the whole batch, since some
/// weights are made of it.
class Checker {
  public:
    Checker(const Quantities& evaluated, const Quantities& reference, const Settings& settings);
    /// The score of unit o, for which the columns `left_out` do not count; `inside`: it is itself among the
    /// others. Peers are columns of the reference set; spans and vectors have their full lengths.
    [[nodiscard]] Finding check(Eigen::Index o, const Claim& claim, ColumnRange left_out, bool inside) const;

  private:
    void check_columns(const Eigen::VectorXd& value, const Claim& claim, ColumnRange left_out,
                       Finding& finding) const;
    /// Free disposal hull: the best score that any single unit gives.
    [[nodiscard]] double best_of_hull(const Eigen::VectorXd& own) const;

    const Quantities& evaluated_;
    Frame frame_;
    Eigen::MatrixXd columns_;  ///< (m+s1+s2) x n
};

}  // namespace greenfront::dea

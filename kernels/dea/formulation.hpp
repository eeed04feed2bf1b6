#pragma once
#include <span>

#include "kernels/dea/technology.hpp"
#include "kernels/lp/simplex.hpp"

/// How each model becomes a linear program (kernels/lp/problem.hpp) and how its answer is read.
///
/// Rows: X, Y, B, then returns to scale, then the normalisation of Charnes and Cooper. Row i is divided by
/// the evaluated unit's own value v_io (a zero value: by the row's scale), so its coefficients are 1 and
/// slacks are relative changes. Extras: a slack for each variable (+1 in X and B rows, -1 in Y rows), then t,
/// theta or phi, then the slack of returns to scale. An intensity is lambda = z * column_factor_j /
/// column_factor_o.
///
///   SBM, no orientation   min t - sum w_i S_i        t + sum w_r S_r = 1,  XL + S = t, YL - S = t, BL + S =
///   t, [1L <> t] SBM, input            min -sum w_i s_i           Xl + s = 1, Yl - s = 1, Bl + s = 1, rho =
///   1 + min SBM, output           min -sum w_r s_r           the same rows,                          rho = 1
///   / (1 - min) radial, input         min theta                  Xl + s = theta, Yl - s = 1, Bl + s = 1
///   radial, output        min -phi                   Xl + s = 1, Yl - s = phi, Bl + s = 1
namespace greenfront::dea {

struct Shape {
    int m, s1, s2;
    Model model;
    Orientation orientation;
    Returns returns;
    Shape(const Technology& technology, const Settings& settings);
    [[nodiscard]] int variables() const { return m + s1 + s2; }
    [[nodiscard]] bool fractional() const { return model == Model::sbm && orientation == Orientation::none; }
    [[nodiscard]] bool has_special() const { return model == Model::radial || fractional(); }
    [[nodiscard]] int special() const { return variables(); }  ///< number of t, theta or phi
    [[nodiscard]] int shared() const { return variables() + (returns == Returns::crs ? 0 : 1); }
    [[nodiscard]] int rows() const { return shared() + (fractional() ? 1 : 0); }
    [[nodiscard]] bool returns_slack() const { return returns == Returns::nirs || returns == Returns::ndrs; }
    [[nodiscard]] int extras() const {
        return variables() + (has_special() ? 1 : 0) + (returns_slack() ? 1 : 0);
    }
    [[nodiscard]] bool is_input(int i) const { return i < m; }
    [[nodiscard]] bool is_good(int i) const { return i >= m && i < m + s1; }
    /// Whether the score counts the slack of variable i.
    [[nodiscard]] bool scored(int i) const;
};

/// One evaluated unit in the program's units.
struct Unit {
    Eigen::VectorXd row_unit;     ///< multiplies the user's row: 1 / v_io, or the row's scale where v_io = 0
    Eigen::VectorXd row_scale;    ///< the same for the scaled columns; one entry more for returns to scale
    Eigen::VectorXd value;        ///< v_io
    double factor = 1;            ///< its column factor
    std::int64_t zero_terms = 0;  ///< scored inputs and bads that are zero
    explicit Unit(const Shape& shape)
        : row_unit(shape.variables()), row_scale(shape.variables() + 1), value(shape.variables()) {}
};

/// What a model says before any program is solved: `optimal` means that there is a program.
[[nodiscard]] Status read_unit(const Shape& shape, const Technology& technology, const Settings& settings,
                               const Quantities& evaluated, Eigen::Index o, Unit& unit);

/// Writes what all programs of a shape have in common.
void write_frame(const Shape& shape, lp::Problem& problem);

/// Writes the program of one unit. `self` is its column in the reference set or -1; `left_out` says that this
/// column does not count (super-efficiency).
void write_unit(const Shape& shape, const Settings& settings, const Unit& unit, std::int32_t self,
                bool left_out, lp::Problem& problem);

/// Score from the objective.
[[nodiscard]] double score_of(const Shape& shape, double objective);

}  // namespace greenfront::dea

#pragma once
#include <span>

#include "kernels/dea/technology.hpp"
#include "kernels/lp/simplex.hpp"

// clang-format off
/// How each model becomes a linear program (kernels/lp/problem.hpp) and how its answer is read.
///
/// Rows: X, Y, B, then returns to scale, then the normalisation of Charnes and Cooper, or for BAM under crs
/// one bound for each slack. Row i is divided by the evaluated unit's own value v_io (a zero value: by the
/// row's scale), so its coefficients are 1 and slacks are relative changes. Extras: a slack for each variable
/// (+1 in X and B rows, -1 in Y rows), then where the model has them a step for each variable, then t, theta,
/// phi or beta (ddf: beta = beta+ - beta-), the unit's own intensity where its column is not shared, and last
/// the slack of returns to scale. An intensity is lambda = z * column_factor_j / column_factor_o. L, S, E and
/// B-rows stand for the quantities times t.
///
///   SBM                  min t - sum w_i S_i      t + sum w_r S_r = 1,
///                                                 XL + S = t, YL - S = t, BL + S = t  [1L <> t]
///   SBM, input           min -sum w_i s_i         Xl + s = 1, Yl - s = 1, Bl + s = 1;   rho = 1 + min
///   SBM, output          min -sum w_r s_r         the same rows;                        rho = 1 / (1 - min)
///   super SBM            min t + sum w_i E_i      t - sum w_r E_r = 1,
///                                                 XL - E + S = t, YL + E - S = t, BL - E + S = t
///   super SBM, input     min sum w_i e_i          Xl - e + s = 1, ...;                  delta = 1 + min
///   super SBM, output    min sum w_r e_r          the same rows;                        delta = 1 / (1 - min)
///   radial, input        min theta                Xl + s = theta, Yl - s = 1, Bl + s = 1
///   radial, output       min -phi                 Xl + s = 1, Yl - s = phi, Bl + s = 1
///   additive             min -sum c_i s_i         Xl + s = 1, Yl - s = 1, Bl + s = 1
///                                                 [BAM, crs: s + u = distance]
///   ddf                  min beta- - beta+        Xl + s + beta g = 1, Yl - s - beta g = 1, Bl + s + beta g = 1
///   nddf                 min -sum w_i beta_i      Xl + s + beta_i g_i = 1, ...  (beta_i scaled: coefficient 1)
///   cost                 min sum p_i z_i          Xl - z = 0, Yl - s = 1, Bl + s = 1
///   revenue              min -sum q_r z_r         Xl + s = 1, Yl - z = 0, Bl + s = 1
/// A slack that must be 0 (weak disposability, zero data in SBM, no weight) is barred.
// clang-format on
namespace greenfront::dea {

struct Shape {
    int m, s1, s2;
    Model model;
    Orientation orientation;
    Returns returns;
    Disposability disposability;
    bool super, numerator, own_column;
    bool own_weights;  ///< additive: weights are given, and 0 means that a slack does not count
    bool bounded;      ///< BAM under crs
    /// `own_column_`: the evaluated unit's intensity is an extra column.
    Shape(const Technology& technology, const Settings& settings, bool own_column_ = false);
    [[nodiscard]] int variables() const { return m + s1 + s2; }
    [[nodiscard]] bool fractional() const { return model == Model::sbm && orientation == Orientation::none; }
    [[nodiscard]] bool super_sbm() const { return model == Model::sbm && super; }
    /// A second column for each variable: expansions, steps, optimal amounts, room below a bound.
    [[nodiscard]] bool has_steps() const {
        return super_sbm() || model == Model::nddf || model == Model::cost || model == Model::revenue ||
               bounded;
    }
    [[nodiscard]] bool has_special() const {
        return model == Model::radial || model == Model::ddf || fractional();
    }
    /// The objective is the special column: programs of different units differ by the scales of rows alone
    /// and share their starts (kernels/lp/facets.hpp).
    [[nodiscard]] bool priced_alone() const { return model == Model::radial || model == Model::ddf; }
    [[nodiscard]] int step(int i) const { return variables() + i; }
    [[nodiscard]] int special() const { return variables() * (has_steps() ? 2 : 1); }
    [[nodiscard]] int specials() const { return model == Model::ddf ? 2 : has_special() ? 1 : 0; }
    [[nodiscard]] int own() const { return special() + specials(); }
    [[nodiscard]] int extras() const { return own() + (own_column ? 1 : 0) + (returns_slack() ? 1 : 0); }
    [[nodiscard]] int shared() const { return variables() + (returns == Returns::crs ? 0 : 1); }
    [[nodiscard]] int rows() const { return shared() + (fractional() ? 1 : 0) + (bounded ? variables() : 0); }
    [[nodiscard]] bool returns_slack() const { return returns == Returns::nirs || returns == Returns::ndrs; }
    [[nodiscard]] bool is_input(int i) const { return i < m; }
    [[nodiscard]] bool is_good(int i) const { return i >= m && i < m + s1; }
    [[nodiscard]] bool is_bad(int i) const { return i >= m + s1; }
    /// SBM, additive: whether the score counts the slack of variable i.
    [[nodiscard]] bool scored(int i) const;
    /// Whether the row of variable i is an equality by the model's disposability.
    [[nodiscard]] bool equality(int i) const { return is_bad(i) && disposability != Disposability::strong; }
    /// Radial: whether the score scales variable i.
    [[nodiscard]] bool moves(int i) const;
    [[nodiscard]] bool priced() const { return model == Model::cost || model == Model::revenue; }
    /// Cost, revenue: whether the amount of variable i is chosen.
    [[nodiscard]] bool chosen(int i) const {
        return model == Model::cost ? is_input(i) : model == Model::revenue && is_good(i);
    }
};

/// What additive weights are made of, over the evaluated units, by variable.
struct Spread {
    Eigen::VectorXd best;       ///< smallest input and bad, largest good
    Eigen::VectorXd range;      ///< largest - smallest
    Eigen::VectorXd deviation;  ///< standard deviation, divided by n - 1
    Spread() = default;
    explicit Spread(const Quantities& evaluated);
};

/// What all evaluated units share.
struct Sample {
    Spread spread;           ///< additive models
    Eigen::VectorXd thirds;  ///< weights of the nddf where none are given
};

/// One evaluated unit in the program's units.
struct Unit {
    Eigen::VectorXd row_unit;   ///< multiplies the user's row: 1 / v_io, or the row's scale where v_io = 0
    Eigen::VectorXd row_scale;  ///< the same for the scaled columns; one entry more for returns to scale
    Eigen::VectorXd row_value;  ///< what row_scale is the reciprocal of, exactly; 0: of nothing
    Eigen::VectorXd value;      ///< v_io
    Eigen::VectorXd pull;       ///< ddf, nddf: the direction g_i; additive: bound of the slack (BAM, crs)
    Eigen::VectorXd
        length;  ///< ddf, nddf: the direction in multiples of the unit's own values (exactly 1: observed)
    Eigen::VectorXd weight;  ///< of the slack, step or amount of variable i in the objective, user's units
    double factor = 1;       ///< its column factor
    double scale = 1;        ///< the score is scale times the objective (additive, nddf), or its divisor
    std::int64_t zero_terms = 0;  ///< scored inputs and bads that are zero
    bool uniform = false;         ///< all values positive, and nothing but the rows' scales is its own
    bool wide = false;            ///< it or the technology is (Technology::wide)
    bool limited = false;         ///< it has a good output, and the technology limits all intensities
    bool read_uniform = false;    ///< weights and scale are those of a uniform unit already
    explicit Unit(const Shape& shape);
};

/// What a model says before any program is solved: `optimal` means that there is a program.
[[nodiscard]] Status read_unit(const Shape& shape, const Technology& technology, const Settings& settings,
                               const Sample& sample, const Quantities& evaluated, Eigen::Index o, Unit& unit);

/// Writes what all programs of a shape have in common.
void write_frame(const Shape& shape, lp::Problem& problem);

/// Where the evaluated unit stands among the shared columns.
struct Place {
    std::int32_t self = -1;               ///< its column, or -1
    std::array<lp::Range, 2> left_out{};  ///< columns that do not count (super-efficiency)
    bool own = false;                     ///< its intensity is the extra column
    bool inside = true;                   ///< it is in the reference set, in whichever way
};

/// Writes the program of one unit.
void write_unit(const Shape& shape, const Unit& unit, const Place& place, lp::Problem& problem);

/// Score from the objective.
[[nodiscard]] double score_of(const Shape& shape, const Unit& unit, double objective);

/// Whether a unit with this objective is efficient, weakly at least, within 1e-8 of relative changes.
[[nodiscard]] bool efficient(const Shape& shape, double objective);

}  // namespace greenfront::dea

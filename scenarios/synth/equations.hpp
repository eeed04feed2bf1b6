#pragma once
#include "scenarios/synth/draft.hpp"
#include "scenarios/synth/effects.hpp"
#include "scenarios/synth/published.hpp"

/// The published figures as equations in the panel, with their derivatives.
///
/// Symbols   y: outcome, rows; x: the index in question after winsorising, rows; Z: controls; after effects
///           are projected out (P = I - D (D'D)^- D'): X = P [x Z], A = (X'X)^-1 X', b = A y, e = M y with
///           M = P - X A; c = n / (n - rank D - k), the factor of robust standard errors.
/// Figures   coefficient b_k;  variance v_k = c sum_i A_ki^2 e_i^2;  1 - adjusted R2 ~ e'e /
/// (y-ybar)'(y-ybar) In y      db_k = A_k;  dv_k = 2 c M (A_k^2 e) In x      with G = (X'X)^-1:  db_k = P
/// (G_k0 e - b_0 A_k)
///           dv_k = 2 c P [G_k0 M w - A_k (A_0 w) - b_0 M u - e (A_0 u)],  w = A_k e^2, u = A_k^2 e
///           (products of vectors are elementwise)
/// 2SLS      one instrument z, the lag of x; everything residualised on effects and controls:
///           b = z'y / z'x;  v = c sum z^2 (y - b x)^2 / (z'x)^2;  first stage pi = z'x / z'z with variance
///           c sum z^2 (x - pi z)^2 / (z'z)^2;  rk LM = (z'x)^2 / sum z^2 x^2
/// Source    derivatives of least squares by the product rule; each is compared with finite differences in
///           the tests.
namespace greenfront::synth {

enum class Kind { coefficient, std_error, fit };

/// Equations side by side: residual (aim less value; coefficients and means in units of the published
/// standard error, standard errors and fits as logarithms of the ratio) and gradients of the value.
class Equations {
  public:
    explicit Equations(Index rows, bool with_gradients = true) : gradients(with_gradients), rows_(rows) {}
    void add(Kind which, double value) {  ///< without gradients
        kind.push_back(which);
        residual.push_back(value);
    }
    /// Gradients over `at` (rows of the panel); `series` says which index `by_index` belongs to, -1 none.
    void add(Kind kind, double residual, const std::vector<Index>& at, const VectorXd& by_outcome, int series,
             const VectorXd& by_index);

    /// The equations of another set after one's own.
    void append(Equations&& other);

    const bool gradients;
    std::vector<Kind> kind;
    std::vector<double> residual;
    std::vector<int> series;
    std::vector<VectorXd> by_outcome, by_index;  ///< rows each; empty: zero

  private:
    Index rows_;
};

/// One published regression on its sample.
struct Regression {
    Effects effects;
    int series = 0;
    MatrixXd controls;         ///< sample x 5, or x 0
    MatrixXd controls_within;  ///< the same after effects
    std::vector<Figure> figures;
    double adjusted_r2 = 0;
    double constant = 0;  ///< aimed at where `constant_unit` > 0
    double constant_unit = 0;
};
/// Columns after effects.
[[nodiscard]] MatrixXd residuals(const Effects& effects, const MatrixXd& columns);
/// `controls_within` of the regression must be there.
void add_regression(const Regression& regression, const VectorXd& outcome, const VectorXd& index,
                    Equations& equations);

/// The instrumented regression; `effects` of the rows after the first period.
void add_instrumented(const Effects& effects, const MatrixXd& controls, const VectorXd& outcome,
                      const VectorXd& index, const PublishedInstrument& published, Equations& equations);

/// Mean (relative to `unit`) and sd of an index (series >= 0) or of the outcome (series -1).
void add_moments(const VectorXd& values, int series, const Moments& aim, double unit, Equations& equations);

}  // namespace greenfront::synth

#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/panel/regression.hpp"

/// Residuals from fixed effects.
///
///     x  ->  M x = x - D (D'D)^+ D'x
///
/// D (n x m) holds the dummies of every effect's levels and, for a slope effect, level x variable.
///
/// With weights w everything is in weighted coordinates: the columns given are r x, r = sqrt(w), and D stands
/// for r D, so that M is an orthogonal projection still and Mrx = r times the weighted residual of x.
///
/// Method. Within each level the columns of an effect (intercept, slopes) are orthonormalised (modified
/// Gram-Schmidt, twice), so the projection on one effect costs one pass. The effect with most coefficients,
/// A, is eliminated exactly; the others, D2, are solved for (method 4.1 of the unbalanced two-way within
/// transformation, written for any effects):
///     H = D2' M_A D2,   h = D2' M_A x,   gamma = H^+ h,   M x = M_A (x - D2 gamma).
/// - one effect: M_A alone;
/// - two plain effects, one of them small in every connected component of the graph of levels: H falls into a
///   block for each component, each singular in one direction only; one level of each is set to zero and the
///   rest is a Cholesky factorisation. rank(D) = L1 + L2 - components;
/// - otherwise, up to 600 coefficients in D2: Cholesky of H with diagonal pivoting, stopped at a relative
/// pivot
///   of 1e-10;
/// - otherwise: conjugate gradients on H (unit diagonal by construction), stopped when the energy norm of the
///   error is estimated below 1e-13 of |M_A x|, and repeated on its own result.
/// The direct methods are applied twice as well when columns are ill-scaled: "twice is enough" makes D'Mx
/// zero to rounding.
///
/// Errors: Error(Fault::data) when the gradients do not converge in 20,000 steps.
/// Cost: n x columns x effects for the direct methods, times the number of steps for the iterative one.
namespace greenfront::panel {

/// How several effects are solved. The automatic choice is what the program uses; the others are for tests
/// that compare them. `direct` factorises H whatever its size, `iterative` never does. One effect alone is
/// removed exactly by every route.
enum class AbsorbRoute : std::int8_t { automatic, direct, iterative };

struct RowBlock;  // kernels/panel/rows.hpp

/// What one pass over rows leaves: cross-products of the partialled columns, and the columns' means and sums
/// of squares about them.
struct RowProducts {
    Eigen::MatrixXd products;  ///< width x width
    Eigen::VectorXd mean, centred;
};

class Absorber {
  public:
    /// Every code must be in 0..levels-1; levels may be empty. Without effects: the overall mean when
    /// `constant`, else nothing is removed. `root` are the square roots of the weights, or empty. Nothing of
    /// the arguments is referred to later.
    Absorber(const std::vector<FixedEffect>& effects, Eigen::Index rows, bool constant = true,
             const Eigen::VectorXd& root = {}, AbsorbRoute route = AbsorbRoute::automatic);
    ~Absorber();
    Absorber(Absorber&&) noexcept;
    Absorber& operator=(Absorber&&) noexcept;

    /// Replaces every column (n rows) by its residual.
    void apply(Eigen::Ref<Eigen::MatrixXd> columns) const;

    /// Exact rank of D. Throws Error(Fault::data) where more than 3,000 coefficients of D2 would need a dense
    /// factorisation.
    [[nodiscard]] std::int64_t rank() const;

    /// The diagonal of D (D'D)^+ D' (n): the part of each row's leverage that the effects have.
    ///     diag = sum_j Q_A(i,j)^2 + v_i' H^+ v_i,   v_i = D2' M_A e_i
    /// v_i has entries for the levels that occur beside the row's level of A only. Throws
    /// Error(Fault::data) where more than 3,000 coefficients of D2 would need a dense factorisation.
    [[nodiscard]] Eigen::VectorXd leverage() const;

    /// The fewest rows (least weight) of any level of any effect; infinity without effects.
    [[nodiscard]] double smallest_level() const;

    /// Whether `apply_rows` can be used: no weights, one or two plain effects that are solved directly.
    [[nodiscard]] bool row_wise() const;
    /// The same residuals as `apply`, stored by rows, for small regressions that are solved from
    /// cross-products. `block` has the absorber's rows and room for the columns.
    [[nodiscard]] RowProducts apply_rows(const double* const* column, Eigen::Index columns,
                                         RowBlock& block) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace greenfront::panel

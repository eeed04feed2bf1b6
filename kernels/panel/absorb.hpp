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

class Absorber {
  public:
    /// Every code must be in 0..levels-1; levels may be empty. Without effects: the overall mean when
    /// `constant`, else nothing is removed. Nothing of the arguments is referred to later.
    Absorber(const std::vector<FixedEffect>& effects, Eigen::Index rows, bool constant = true);
    ~Absorber();
    Absorber(Absorber&&) noexcept;
    Absorber& operator=(Absorber&&) noexcept;

    /// Replaces every column (n rows) by its residual.
    void apply(Eigen::Ref<Eigen::MatrixXd> columns) const;

    /// Exact rank of D. Throws Error(Fault::data) where more than 3,000 coefficients of D2 would need a dense
    /// factorisation.
    [[nodiscard]] std::int64_t rank() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace greenfront::panel

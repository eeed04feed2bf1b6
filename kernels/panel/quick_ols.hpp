#pragma once
#include <optional>

#include "kernels/panel/estimation.hpp"
#include "kernels/panel/regression.hpp"

/// The usual regression, fast: one or two plain fixed effects, no weights, iid, robust or one-way clustered
/// errors, all regressors kept, no singletons.
///
/// The columns are stored by rows (kernels/panel/rows.hpp), partialled in two to four passes and reduced to
/// their cross-products G = [y X]'[y X]:
///     R'R = S^-1 X'X S^-1, S = diag |x_j|   b = (X'X)^-1 X'y   and one step of refinement on the residual
/// A last pass makes residuals and scores. The numbers are those of the general way to rounding; whatever is
/// out of the ordinary (an absorbed or nearly collinear regressor, a near-perfect fit, values that are not
/// finite, an empty level) is left to it, so that every decision and message is made in one place.
/// Cost: about 6 n k + n k^2, memory 8 n (k + 1).
namespace greenfront::panel {

/// The fit of a design without singletons and empty levels; nothing when this is not the usual regression.
[[nodiscard]] std::optional<Fit> quick_ols(const Design& design, const Options& options, Fit fit);

}  // namespace greenfront::panel

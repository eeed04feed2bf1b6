#pragma once
#include "kernels/lp/simplex.hpp"

/// Parts of the simplex method that solve() and improve_on_face() share.
namespace greenfront::lp {

/// Primal residual that double precision must keep.
inline constexpr double double_residual = 0.01 * double_tolerance;
/// Multipliers above this make rounding of the data worth more than 1e-10.
inline constexpr double multiplier_limit = 1e6;

/// A reduced cost and the sum of the magnitudes of its terms.
struct Reduced {
    double value, terms;
};

Reduced reduced_cost(const Workspace& w, std::int32_t j);
Reduced reduced_extra(const Workspace& w, int e);
bool basic(const Workspace& w, std::int32_t code);
/// Reduced cost up to which a column may move without cost. In a fine stage costs may differ by many
/// orders of magnitude, so only what rounding of the multipliers explains counts as zero.
double zero_bound(const Workspace& w, bool fine, double terms);
bool on_face(const Workspace& w, const Reduced& d, bool fine);
/// Whether a column outside the basis has reduced cost 0. Reads what price_extras() found.
bool has_other_optima(const Workspace& w, double shared_at_zero, bool fine);
double residual_of_rows(const Core& core, double residual);
double primal_residual(const Core& core, double residual);
std::int64_t pivot_budget(const Problem& p);
void set_costs(Core& core, const double* extra_cost, double artificial_cost, bool tie_costs);
/// Costs of the basis and multipliers anew, after the costs changed.
void reprice(Core& core);

}  // namespace greenfront::lp

#include "kernels/lp/parts.hpp"

#include <algorithm>
#include <cmath>

namespace greenfront::lp {

Reduced reduced_cost(const Workspace& w, std::int32_t j) {
    Reduced d{0.0, 0.0};
    for (int i = 0; i < w.problem.shared; ++i) {
        const double term = w.core.ys[static_cast<std::size_t>(i)] * w.core.columns->row(i)[j];
        d.value -= term;
        d.terms += std::abs(term);
    }
    return d;
}

Reduced reduced_extra(const Workspace& w, int e) {
    Reduced d{w.core.extra_cost[e], std::abs(w.core.extra_cost[e])};
    for (int i = 0; i < w.problem.rows; ++i) {
        const double term = w.core.y[static_cast<std::size_t>(i)] * w.problem.entry(i, e);
        d.value -= term;
        d.terms += std::abs(term);
    }
    return d;
}

bool basic(const Workspace& w, std::int32_t code) {
    const auto end = w.core.basis.begin() + w.problem.rows;
    return std::find(w.core.basis.begin(), end, code) != end;
}

/// Reduced cost up to which a column may move without cost. In a fine stage costs may differ by many
/// orders of magnitude, so only what rounding of the multipliers explains counts as zero.
double zero_bound(const Workspace& w, bool fine, double terms) {
    if (!fine) return std::max(face_tolerance, rounding_share * terms);
    double largest = 0;
    for (int i = 0; i < w.problem.rows; ++i) {
        largest = std::max(largest, std::abs(w.core.y[static_cast<std::size_t>(i)]));
    }
    return std::max(1e-12 * terms, 4e-15 * largest);
}

bool on_face(const Workspace& w, const Reduced& d, bool fine) {
    return d.value <= zero_bound(w, fine, d.terms);
}

/// Whether a column outside the basis has reduced cost 0.
bool has_other_optima(const Workspace& w, double shared_at_zero, bool fine) {
    double basic_shared = 0;
    for (int k = 0; k < w.problem.rows; ++k) {
        basic_shared += w.core.basis[static_cast<std::size_t>(k)] >= w.problem.extra_width ? 1.0 : 0.0;
    }
    if (shared_at_zero > basic_shared) return true;
    for (int e = 0; e < w.problem.extras; ++e) {
        const auto x = static_cast<std::size_t>(e);
        const Reduced d{w.core.extra_reduced[x], w.core.extra_terms[x]};
        if (on_face(w, d, fine) && w.core.extra_cost[e] < barred && !basic(w, e)) return true;
    }
    return false;
}

/// |rhs - basis x|, in each row relative to 1 or the sum of the magnitudes of its terms, which is what
/// rounding is relative to. `residual` is the absolute one; small, it will do.
double residual_of_rows(const Core& core, double residual) {
    constexpr double small = 1e-13;
    if (residual <= small) return residual;
    double worst = 0;
    for (int i = 0; i < core.problem->rows; ++i) {
        const auto row = static_cast<std::size_t>(i);
        double off = core.rhs[row], terms = std::max(1.0, std::abs(off));
        for (int k = 0; k < core.problem->rows; ++k) {
            const double term = core.matrix[static_cast<std::size_t>(k * core.width + i)] *
                                core.x[static_cast<std::size_t>(k)];
            off -= term;
            terms += std::abs(term);
        }
        if (!(std::abs(off) <= worst * terms)) worst = std::abs(off) / terms;  // NaN is off
    }
    return worst;
}

/// What is below zero counts by what it moves in the rows, as if the variable were put to zero.
double primal_residual(const Core& core, double residual) {
    for (int k = 0; k < core.problem->rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        const bool must_vanish = core.basis[r] < 0 && core.artificial_cost == 0.0;
        const double off = must_vanish ? std::abs(core.x[r]) : -core.x[r];
        if (off <= 0) continue;
        double largest = 1.0;
        for (int i = 0; i < core.problem->rows; ++i)
            largest = std::max(largest, std::abs(core.matrix[static_cast<std::size_t>(k * core.width + i)]));
        if (!(off * largest <= residual)) residual = off * largest;  // NaN is off
    }
    return residual;
}

std::int64_t pivot_budget(const Problem& p) {
    return 2000 + 200 * static_cast<std::int64_t>(p.rows);
}

void set_costs(Core& core, const double* extra_cost, double artificial_cost, bool tie_costs) {
    core.extra_cost = extra_cost;
    core.artificial_cost = artificial_cost;
    core.tie_costs = tie_costs;
}

/// Costs of the basis and multipliers anew, after the costs changed.
void reprice(Core& core) {
    for (int k = 0; k < core.problem->rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        core.basic_cost[r] = code_cost(core, core.basis[r]);
    }
    compute_solution(core);
}

}  // namespace greenfront::lp

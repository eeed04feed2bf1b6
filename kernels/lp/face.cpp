// Later objectives on the optimal face of earlier ones.
#include <algorithm>
#include <cmath>

#include "kernels/lp/parts.hpp"

namespace greenfront::lp {
namespace {

Reduced reduced_in_stage(const Workspace& w, std::int32_t j) {
    Reduced d = reduced_cost(w, j);
    const double cost = shared_cost(w.core, j);
    return {d.value + cost, d.terms + std::abs(cost)};
}

/// Extras and shared columns with reduced cost 0 under the objective of `solve`.
void gather_face(Workspace& w) {
    w.face_list.clear();
    for (std::int32_t j = 0; j < w.core.columns->count; ++j) {
        if (!w.problem.is_left_out(j) && on_face(w, reduced_cost(w, j), false)) w.face_list.push_back(j);
    }
    for (int e = 0; e < w.problem.extras; ++e) {
        const bool barred_there = w.problem.cost[static_cast<std::size_t>(e)] >= barred;
        const bool on = !barred_there && (basic(w, e) || on_face(w, reduced_extra(w, e), false));
        w.stage_cost[static_cast<std::size_t>(e)] = on ? 0.0 : barred;
    }
}

/// The face of the last stage within the face so far.
void narrow_face(Workspace& w) {
    std::size_t kept = 0;
    for (const std::int32_t j : w.face_list) {
        const bool stays =
            basic(w, w.problem.extra_width + j) || on_face(w, reduced_in_stage(w, j), w.last_fine);
        if (stays) w.face_list[kept++] = j;
    }
    w.face_list.resize(kept);
    for (int e = 0; e < w.problem.extras; ++e) {
        double& cost = w.stage_cost[static_cast<std::size_t>(e)];
        if (cost >= barred) continue;
        // A basic column has reduced cost 0 whatever rounding says.
        cost = basic(w, e) || on_face(w, reduced_extra(w, e), w.last_fine) ? 0.0 : barred;
    }
}

/// The objective of `solve` at the solution at hand is the one that was certified.
bool keeps_objective(const Workspace& w, double limit) {
    double objective = 0;
    for (int k = 0; k < w.problem.rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        const std::int32_t code = w.core.basis[r];
        if (code >= 0 && code < w.problem.extra_width) {
            objective += w.problem.cost[static_cast<std::size_t>(code)] * w.core.x[r];
        }
    }
    return std::abs(objective - w.objective) <= limit * std::max(1.0, std::abs(w.objective));
}

Status pivot_on_face(Workspace& w, Stage& stage) {
    Core& core = w.core;
    core.pool = w.face;
    core.tolerance = stage.fine ? 1e-15 : entering_tolerance;
    reprice(core);
    const std::int64_t before = core.pivots;
    core.pivot_limit = before + pivot_budget(w.problem);
    const End end = pool_simplex(core);
    core.tolerance = entering_tolerance;
    stage.pivots += core.pivots - before;
    if (end == End::unbounded) return Status::unbounded;
    if (end == End::limit) return Status::failed;
    double residual = residual_of_rows(core, refine(core));
    if (!(residual <= 1e-11)) {
        if (!factor(core)) return Status::failed;
        residual = residual_of_rows(core, refine(core));
    }
    const bool keeps =
        primal_residual(core, residual) <= stage.residual_limit && keeps_objective(w, stage.objective_limit);
    return keeps ? Status::optimal : Status::failed;
}

}  // namespace

Status improve_on_face(Workspace& w, Stage& stage) {
    if (!w.face_ready) {
        gather_face(w);
        w.face_ready = true;
        if (w.from_last_rung && !factor(w.core)) return Status::failed;  // its inverse is not in `core`
    } else {
        narrow_face(w);
    }
    for (int e = 0; e < w.problem.extras; ++e) {
        double& cost = w.stage_cost[static_cast<std::size_t>(e)];
        if (cost < barred) cost = stage.cost[e];
    }
    w.last_fine = stage.fine;
    set_costs(w.core, w.stage_cost.data(), 0.0, stage.tie_costs);
    w.face->clear();
    for (const std::int32_t j : w.face_list) w.face->add(*w.core.columns, j, shared_cost(w.core, j));
    const Status status = pivot_on_face(w, stage);
    if (status != Status::optimal) return status;
    double at_zero = 0;
    for (const std::int32_t j : w.face_list)
        at_zero += on_face(w, reduced_in_stage(w, j), stage.fine) ? 1.0 : 0.0;
    (void)price_extras(w.core);
    stage.other_optima = has_other_optima(w, at_zero, stage.fine);
    return Status::optimal;
}

}  // namespace greenfront::lp

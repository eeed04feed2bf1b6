#include "kernels/lp/simplex.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/lp/extended.hpp"
#include "kernels/lp/parts.hpp"

namespace greenfront::lp {
namespace {

constexpr double dual_limit = 5e-15;       // what large multipliers may be off, relative to what they add up
constexpr double start_tolerance = 1e-14;  // negative part of x that still counts as feasible at the start

bool feasible(const Core& core, double tolerance) {
    for (int k = 0; k < core.problem->rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        if (core.x[r] < -tolerance) return false;
        if (core.basis[r] < 0 && core.x[r] > tolerance) return false;  // an artificial column must be zero
    }
    return true;
}

bool improves(const Reduced& d) {
    return d.value < -std::max(entering_tolerance, rounding_share * d.terms);
}

struct Found {
    int added = 0;        ///< columns that joined the pool
    bool pooled = false;  ///< a pooled column improves under the refined multipliers
    double least = 0;     ///< least (relative) reduced cost over the shared columns
};

/// Makes sure that a pass can add what it found: a full pool is emptied but for the basis at hand.
void make_room(Workspace& w) {
    Pool& pool = *w.pool;
    if (static_cast<std::size_t>(pool.size) + Pass::lanes <= pool.stride) return;
    pool.clear();
    for (int k = 0; k < w.problem.rows; ++k) {
        const std::int32_t j = w.core.basis[static_cast<std::size_t>(k)] - w.problem.extra_width;
        if (j >= 0) pool.add(*w.core.columns, j, 0.0);
    }
}

/// The pass again, one column after the other, each reduced cost judged by its own rounding error.
Found find_carefully(Workspace& w) {
    Found found;
    for (std::int32_t j = 0; j < w.core.columns->count; ++j) {
        if (w.problem.is_left_out(j)) continue;
        const Reduced d = reduced_cost(w, j);
        found.least = std::min(found.least, d.value / std::max(1.0, d.terms));
        if (!improves(d)) continue;
        if (w.pool->holds(j)) {
            found.pooled = true;
        } else if (found.added < Pass::lanes) {
            w.pool->add(*w.core.columns, j, 0.0);
            ++found.added;
        }
    }
    return found;
}

Found find(Workspace& w, const Pass& pass) {
    make_room(w);
    Found found;
    found.least = std::min(0.0, pass.least);
    bool doubtful = false;
    for (std::size_t lane = 0; lane < pass.lowest.size(); ++lane) {
        if (pass.lowest[lane] >= -entering_tolerance) continue;
        const auto j = static_cast<std::int32_t>(pass.column[lane]);
        if (!improves(reduced_cost(w, j))) {
            doubtful = true;  // it may hide another column of the same lane
        } else if (w.pool->holds(j)) {
            found.pooled = true;
        } else {
            w.pool->add(*w.core.columns, j, 0.0);
            ++found.added;
        }
    }
    return doubtful && found.added == 0 ? find_carefully(w) : found;
}

/// Least reduced cost of the extras, each in the unit of what it may become at most, and relative to its own
/// cost where that is small.
double least_of_extras(Workspace& w) {
    double least = price_extras(w.core);
    for (int e = 0; e < w.problem.extras; ++e) {
        const double d = w.core.extra_reduced[static_cast<std::size_t>(e)];
        if (d >= 0) continue;
        double worth = 1;
        const std::int32_t row = w.problem.surplus_row[static_cast<std::size_t>(e)];
        if (row >= 0) {
            const auto i = static_cast<std::size_t>(row);
            worth = std::max(worth, w.problem.row_scale[i] * w.core.columns->row_max[i]);
        }
        const double cost = std::abs(w.core.extra_cost[e]);
        if (cost > 0) worth = std::max(worth, 1 / cost);
        least = std::min(least, d * worth);
    }
    return least;
}

void close(Workspace& w, double least_shared, double residual, Solution& s) {
    Core& core = w.core;
    double primal = 0, dual = 0;
    for (int k = 0; k < w.problem.rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        primal += core.basic_cost[r] * core.x[r];
        dual += core.rhs[r] * core.y[r];
    }
    s.objective = primal;
    s.proof.min_reduced_cost = std::min(least_shared, least_of_extras(w));
    s.proof.primal_residual = primal_residual(core, residual);
    s.proof.gap = std::abs(primal - dual) / std::max(1.0, std::abs(primal));
}

/// Refines x and y of the basis at hand. False: it is singular.
bool refine_basis(Workspace& w) {
    Core& core = w.core;
    w.residual = residual_of_rows(core, refine(core));
    if (w.residual <= 1e-11 && !(core.dual_residual > dual_limit)) return true;
    if (!factor(core)) return false;  // the inverse has drifted
    w.residual = residual_of_rows(core, refine(core));
    return true;
}

/// Pivots among the pool until nothing there improves, then refines. Status `failed` means that this attempt
/// has no proof.
Status pivot_on_pool(Workspace& w) {
    Core& core = w.core;
    core.pool = w.pool;
    for (bool again = true;; again = false) {
        const End end = w.on_facet ? End::optimal : pool_simplex(core);
        w.on_facet = false;
        if (end == End::limit) return Status::failed;
        if (end == End::unbounded) return Status::unbounded;
        if (!refine_basis(w)) return Status::failed;
        // What rounding left below zero leaves the basis, which costs nothing: it is dual feasible.
        const bool below = !core.any_fixed && primal_residual(core, w.residual) > double_residual;
        if (!again || !below) return Status::optimal;
        w.optimal_basis = core.basis;
        if (dual_simplex(core)) continue;
        core.basis = w.optimal_basis;  // it is optimal as far as doubles can tell: more digits begin there
        return factor(core) && refine_basis(w) ? Status::optimal : Status::failed;
    }
}

/// Double precision is asked for more than the certificate: what misses this is better solved with more
/// digits. So is what large multipliers make of the last digits of the data.
bool good_enough(const Workspace& w) {
    const Proof& proof = w.solution.proof;
    return proof.min_reduced_cost >= -double_tolerance && proof.primal_residual <= double_residual &&
           proof.gap <= double_tolerance && w.core.dual_residual <= dual_limit &&
           w.core.largest_multiplier <= multiplier_limit;
}

void begin_pivots(Workspace& w) {
    w.core.pivot_limit = w.core.pivots + pivot_budget(w.problem);
    w.pivots_at_pass = -1;
}

/// Pivots and passes by turns until a pass finds nothing, beginning with the pass at hand if there is one.
Status optimise(Workspace& w, const Pass* priced) {
    Core& core = w.core;
    Solution& s = w.solution;
    Pass pass;
    for (;;) {
        if (priced == nullptr) {
            const Status status = pivot_on_pool(w);
            if (status != Status::optimal) return status;
            price_all(*core.columns, w.problem.left_out, core.ys.data(), face_tolerance, pass);
            priced = &pass;
        }
        ++s.passes;
        const Found found = find(w, *priced);
        const bool standing = core.pivots == w.pivots_at_pass;
        w.pivots_at_pass = core.pivots;
        if (found.added > 0 || (found.pooled && !standing)) {
            priced = nullptr;
            continue;
        }
        close(w, found.least, w.residual, s);
        // A start on a facet went without pricing extras until here.
        const bool unpriced = s.passes == 1 && s.proof.min_reduced_cost < -entering_tolerance && !standing;
        if (unpriced && w.problem.priced >= 0) {
            priced = nullptr;
            continue;
        }
        w.near_optimum = w.core.artificial_cost == 0;
        if (!good_enough(w)) return Status::failed;
        s.other_optima = has_other_optima(w, priced->at_most, false);
        return Status::optimal;
    }
}

/// Whether the program has the column of a code.
bool exists(const Problem& p, std::int32_t code) {
    if (code < 0) return true;
    if (code < p.extra_width) return p.cost[static_cast<std::size_t>(code)] < barred;
    return !p.is_left_out(code - p.extra_width);
}

bool begin(Workspace& w, const std::int32_t* codes) {
    Core& core = w.core;
    if (!std::all_of(codes, codes + w.problem.rows, [&](auto code) { return exists(w.problem, code); }))
        return false;
    std::copy(codes, codes + w.problem.rows, core.basis.begin());
    return factor(core) && feasible(core, start_tolerance);
}

/// All rows held by artificial columns.
void artificial_basis(Workspace& w) {
    for (int k = 0; k < w.problem.rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        w.core.basis[r] = -1 - k;
        w.core.artificial_sign[r] = w.core.rhs[r] < 0 ? std::int8_t{-1} : std::int8_t{1};
    }
}

/// Minimises the sum of the artificial columns. Optimal: a feasible basis stands in `core`. An artificial
/// column that ends in it at zero stays there (core.fixed).
Status first_phase(Workspace& w) {
    Core& core = w.core;
    for (int e = 0; e < w.problem.extras; ++e) {
        const auto x = static_cast<std::size_t>(e);
        w.phase_cost[x] = w.problem.cost[x] < barred ? 0.0 : barred;
    }
    set_costs(core, w.phase_cost.data(), 1.0, false);
    artificial_basis(w);
    if (!factor(core)) return Status::failed;
    begin_pivots(w);
    if (optimise(w, nullptr) != Status::optimal)
        return Status::failed;  // bounded below by 0: there is an optimum
    if (w.solution.objective > certificate_tolerance)
        return w.problem.has_start() ? Status::failed : Status::infeasible;
    set_costs(core, w.problem.cost.data(), 0.0, false);
    return factor(core) && feasible(core, certificate_tolerance) ? Status::optimal : Status::failed;
}

/// The start that all uniform programs have in common.
bool begin_uniform(Workspace& w) {
    Core& core = w.core;
    Snapshot& kept = w.snapshot;
    const auto copy = [](const Aligned& from, Aligned& to) {
        std::copy(from.begin(), from.end(), to.begin());
    };
    if (!kept.ready) {
        if (!begin(w, w.problem.start.data())) return false;
        kept = {true,       core.inverse, core.matrix,    core.x,    core.y, core.basic_cost,
                core.fixed, core.hair,    core.any_fixed, core.basis};
        return true;
    }
    copy(kept.inverse, core.inverse);
    copy(kept.matrix, core.matrix);
    copy(kept.x, core.x);
    copy(kept.y, core.y);
    copy(kept.basic_cost, core.basic_cost);
    copy(kept.fixed, core.fixed);
    copy(kept.hair, core.hair);
    core.any_fixed = kept.any_fixed;
    std::copy(kept.basis.begin(), kept.basis.end(), core.basis.begin());
    return true;
}

/// A start nearer to the optimum, if the program is of the family that the workspace has facets of.
bool begin_on_facet(Workspace& w) {
    if (w.facets == nullptr || w.facets->size == 0) return false;
    const Snapshot& kept = w.snapshot;
    if (!kept.ready && !begin_uniform(w)) return false;
    double objective = 0;
    for (std::size_t r = 0; r < kept.x.size(); ++r) objective += kept.basic_cost[r] * kept.x[r];
    w.core.pool = w.pool;
    w.on_facet = start_on_facet(w.core, *w.facets, objective);
    return w.on_facet;
}

/// Optimal: a feasible basis for the second phase stands in `core`.
Status feasible_basis(Workspace& w, bool cold) {
    set_costs(w.core, w.problem.cost.data(), 0.0, false);
    const bool warm = !w.warm.empty() && (w.loaded || !w.problem.uniform);
    w.loaded = false;
    const bool found =
        !cold &&
        ((warm && begin(w, w.warm.data())) ||
         (w.problem.uniform ? begin_on_facet(w) || begin_uniform(w) : begin(w, w.problem.start.data())));
    const Status status = found ? Status::optimal : first_phase(w);
    begin_pivots(w);
    return status;
}

/// The right-hand side moves so that every basic variable is a little positive: no ties in the ratio test.
Status perturbed(Workspace& w) {
    Core& core = w.core;
    const Status start = feasible_basis(w, false);
    if (start != Status::optimal) return start;
    for (int k = 0; k < w.problem.rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        if (core.fixed[r] != 0) continue;
        const double epsilon =
            1e-7 * (1.0 + 0.618033988749895 * (k + 1) - std::floor(0.618033988749895 * (k + 1)));
        for (int i = 0; i < w.problem.rows; ++i) {
            core.rhs[static_cast<std::size_t>(i)] +=
                epsilon * core.matrix[static_cast<std::size_t>(k * core.width + i)];
        }
        core.x[r] += epsilon;
    }
    const Status status = optimise(w, nullptr);
    std::copy(w.problem.rhs.begin(), w.problem.rhs.end(), core.rhs.begin());
    if (status != Status::optimal) return status;
    if (!factor(core)) return Status::failed;
    const double residual = residual_of_rows(core, refine(core));
    if (!feasible(core, start_tolerance)) return Status::failed;
    Solution& s = w.solution;
    close(w, std::min(0.0, s.proof.min_reduced_cost), residual, s);
    return good_enough(w) ? Status::optimal : Status::failed;
}

/// The last rung.
Status on_last_rung(Workspace& w) {
    const std::int64_t passes = w.solution.passes;
    const Solution s = solve_extended(w.problem, *w.core.columns, w.core, w.near_optimum, w.digits);
    w.near_optimum = false;
    w.solution = s;
    w.solution.passes += passes;
    w.core.pivots += s.pivots;
    set_costs(w.core, w.problem.cost.data(), 0.0, false);
    return s.status;
}

Status attempt(Workspace& w, int rung) {
    w.core.bland = rung == 2;
    if (rung == 1) return perturbed(w);
    if (rung == 3) return on_last_rung(w);
    const Status start = feasible_basis(w, rung == 2);
    return start == Status::optimal ? optimise(w, nullptr) : start;
}

/// Hides pooled columns that this program must not use, or shows them again.
void mask_pool(Workspace& w, bool hide) {
    if (w.problem.left_out[0].first >= w.problem.left_out[0].last) return;
    for (int s = 0; s < w.pool->size; ++s) {
        const auto slot = static_cast<std::size_t>(s);
        w.pool->cost[slot] = hide && w.problem.is_left_out(w.pool->column[slot]) ? barred : 0.0;
    }
}

/// Climbs the ladder until there is an answer.
Solution climb(Workspace& w, Status status, int rung) {
    // A ray that double precision takes for endless may end where a tiny pivot stands: the last rung decides.
    if (status == Status::unbounded) rung = 2;
    // What has an optimal basis and lacks digits only has no use for the rungs between.
    if (status == Status::failed && w.near_optimum) rung = 2;
    const int last = w.digits > double_digits ? 3 : 2;
    while ((status == Status::failed || status == Status::unbounded) && rung < last)
        status = attempt(w, ++rung);
    if (status == Status::unbounded && rung < 3) status = Status::failed;  // as said: nobody has decided
    if (status == Status::unbounded && w.problem.limited) status = Status::failed;
    Solution& s = w.solution;
    s.status = status;
    s.rung = rung;
    s.pivots = w.core.pivots - w.pivots_before;
    w.core.bland = false;
    w.from_last_rung = rung == 3;
    w.objective = s.objective;
    if (status == Status::optimal) w.warm.assign(w.core.basis.begin(), w.core.basis.begin() + w.problem.rows);
    mask_pool(w, false);
    return s;
}

}  // namespace

Workspace::Workspace(const Columns& columns, int rows, int shared, int extras, Pool& pool_, Pool& face_)
    : problem(rows, shared, extras),
      core(problem, columns),
      pool(&pool_),
      face(&face_),
      phase_cost(problem.cost.size(), barred),
      stage_cost(problem.cost.size(), barred) {
    warm.reserve(static_cast<std::size_t>(rows));
    face_list.reserve(static_cast<std::size_t>(columns.count));
}

std::int32_t pool_capacity(const Columns& columns) {
    constexpr std::int32_t plenty = 4096;
    return std::min(columns.count, plenty) + Pass::lanes;
}

bool solve_on_pool(Workspace& w) {
    std::copy(w.problem.rhs.begin(), w.problem.rhs.end(), w.core.rhs.begin());
    w.face_ready = false;
    w.near_optimum = w.near_optimum && w.first_rung == 3;
    w.solution = Solution();
    w.pivots_before = w.core.pivots;
    mask_pool(w, true);
    if (w.first_rung > 0) {
        (void)climb(w, Status::failed, w.first_rung - 1);
        return false;
    }
    Status status = feasible_basis(w, false);
    if (status == Status::optimal) status = pivot_on_pool(w);
    if (status == Status::optimal) return true;
    (void)climb(w, status, 0);
    return false;
}

Solution solve_priced(Workspace& w, const Pass& pass) {
    return climb(w, optimise(w, &pass), 0);
}

Solution solve(Workspace& w) {
    if (!solve_on_pool(w)) return w.solution;
    Pass pass;
    price_all(*w.core.columns, w.problem.left_out, w.core.ys.data(), face_tolerance, pass);
    return solve_priced(w, pass);
}

}  // namespace greenfront::lp

#include "kernels/lp/simplex.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/lp/extended.hpp"
#include "kernels/lp/parts.hpp"

namespace greenfront::lp {
namespace {

constexpr double start_tolerance = 1e-12;  // negative part of x that still counts as feasible at the start

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

void add_to_pool(Workspace& w, std::int32_t j) {
    w.pool.add(*w.core.columns, j, 0.0);
    w.pooled[static_cast<std::size_t>(j)] = 1;
}

/// The pass again, one column after the other, each reduced cost judged by its own rounding error.
Found find_carefully(Workspace& w) {
    Found found;
    for (std::int32_t j = 0; j < w.core.columns->count; ++j) {
        if (j == w.problem.left_out) continue;
        const Reduced d = reduced_cost(w, j);
        found.least = std::min(found.least, d.value / std::max(1.0, d.terms));
        if (!improves(d)) continue;
        if (w.pooled[static_cast<std::size_t>(j)] != 0) {
            found.pooled = true;
        } else if (found.added < Pass::lanes) {
            add_to_pool(w, j);
            ++found.added;
        }
    }
    return found;
}

Found find(Workspace& w, const Pass& pass) {
    Found found;
    found.least = std::min(0.0, pass.least);
    bool doubtful = false;
    for (std::size_t lane = 0; lane < pass.lowest.size(); ++lane) {
        if (pass.lowest[lane] >= -entering_tolerance) continue;
        const std::int32_t j = pass.column[lane];
        if (j == w.problem.left_out || !improves(reduced_cost(w, j))) {
            doubtful = true;  // it may hide another column of the same lane
        } else if (w.pooled[static_cast<std::size_t>(j)] != 0) {
            found.pooled = true;
        } else {
            add_to_pool(w, j);
            ++found.added;
        }
    }
    return doubtful && found.added == 0 ? find_carefully(w) : found;
}

void close(const Workspace& w, double least_shared, double residual, Solution& s) {
    const Core& core = w.core;
    double primal = 0, dual = 0;
    for (int k = 0; k < w.problem.rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        primal += core.basic_cost[r] * core.x[r];
        dual += core.rhs[r] * core.y[r];
    }
    s.objective = primal;
    s.proof.min_reduced_cost = least_shared;
    for (int e = 0; e < w.problem.extras; ++e) {
        if (core.extra_cost[e] >= barred) continue;
        const Reduced d = reduced_extra(w, e);
        s.proof.min_reduced_cost = std::min(s.proof.min_reduced_cost, d.value / std::max(1.0, d.terms));
    }
    s.proof.primal_residual = primal_residual(core, residual);
    s.proof.gap = std::abs(primal - dual) / std::max(1.0, std::abs(primal));
}

/// Pivots and passes by turns, from a feasible basis, until a pass finds nothing. Status `failed` means
/// that this attempt has no proof.
Status optimise(Workspace& w, Solution& s) {
    Core& core = w.core;
    core.pool = &w.pool;
    const std::int64_t before = core.pivots;
    core.pivot_limit = before + pivot_budget(w.problem);
    std::int64_t at_last_pass = -1;
    Status status = Status::failed;
    for (;;) {
        const End end = pool_simplex(core);
        if (end == End::limit) break;
        if (end == End::unbounded) {
            status = Status::unbounded;
            break;
        }
        double residual = refine(core);
        if (!(residual <= 1e-11)) {  // the inverse has drifted
            if (!factor(core)) break;
            residual = refine(core);
        }
        Pass pass;
        price_all(*core.columns, core.ys.data(), face_tolerance, pass);
        ++s.passes;
        const Found found = find(w, pass);
        const bool standing = core.pivots == at_last_pass;
        at_last_pass = core.pivots;
        if (found.added > 0 || (found.pooled && !standing)) continue;
        close(w, found.least, residual, s);
        status = s.proof.holds() ? Status::optimal : Status::failed;
        if (status == Status::optimal) s.other_optima = has_other_optima(w, pass.at_most, false);
        break;
    }
    s.pivots += core.pivots - before;
    return status;
}

bool begin(Workspace& w, const std::int32_t* codes) {
    Core& core = w.core;
    const std::int32_t missing = w.problem.extra_width + w.problem.left_out;
    if (w.problem.left_out >= 0 &&
        std::find(codes, codes + w.problem.rows, missing) != codes + w.problem.rows)
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

/// Exchanges artificial columns that ended in the basis at zero for any column with an entry in their row. A
/// row in which no column has one is a combination of the others: its artificial column stays, at zero.
bool drive_out(Workspace& w) {
    Core& core = w.core;
    for (int k = 0; k < w.problem.rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        if (core.basis[r] >= 0) continue;
        std::int32_t best = -1;
        double largest = 1e-7;
        const auto consider = [&](std::int32_t code) {
            const auto end = core.basis.begin() + w.problem.rows;
            if (std::find(core.basis.begin(), end, code) != end) return;
            load_column(core, code, core.entering.data());
            forward(core);
            if (std::abs(core.alpha[r]) > largest) {
                largest = std::abs(core.alpha[r]);
                best = code;
            }
        };
        for (int e = 0; e < w.problem.extras; ++e) consider(e);
        for (std::int32_t j = 0; best < 0 && j < core.columns->count; ++j) {
            if (j != w.problem.left_out) consider(w.problem.extra_width + j);
        }
        if (best < 0) continue;
        load_column(core, best, core.entering.data());
        forward(core);
        pivot(core, k, best, 0.0, core.x[r] / core.alpha[r]);
    }
    return factor(core) && feasible(core, certificate_tolerance);
}

/// Minimises the sum of the artificial columns. Optimal: a feasible basis stands in `core`.
Status first_phase(Workspace& w, Solution& s) {
    Core& core = w.core;
    set_costs(core, w.phase_cost.data(), 1.0, false);
    artificial_basis(w);
    if (!factor(core)) return Status::failed;
    const Status status = optimise(w, s);
    if (status != Status::optimal) return Status::failed;  // bounded below by 0: there is always an optimum
    if (s.objective > certificate_tolerance) return Status::infeasible;
    set_costs(core, w.problem.cost.data(), 0.0, false);
    return drive_out(w) ? Status::optimal : Status::failed;
}

Status feasible_basis(Workspace& w, Solution& s, bool cold) {
    set_costs(w.core, w.problem.cost.data(), 0.0, false);
    if (!cold && !w.warm.empty() && begin(w, w.warm.data())) return Status::optimal;
    if (!cold && begin(w, w.problem.start.data())) return Status::optimal;
    return first_phase(w, s);
}

Status plain(Workspace& w, Solution& s, bool bland) {
    w.core.bland = bland;
    const Status start = feasible_basis(w, s, bland);
    return start == Status::optimal ? optimise(w, s) : start;
}

/// The right-hand side moves so that every basic variable is a little positive: no ties in the ratio test.
Status perturbed(Workspace& w, Solution& s) {
    Core& core = w.core;
    core.bland = false;
    const Status start = feasible_basis(w, s, false);
    if (start != Status::optimal) return start;
    for (int k = 0; k < w.problem.rows; ++k) {
        const auto r = static_cast<std::size_t>(k);
        const double epsilon =
            1e-7 * (1.0 + 0.618033988749895 * (k + 1) - std::floor(0.618033988749895 * (k + 1)));
        for (int i = 0; i < w.problem.rows; ++i) {
            core.rhs[static_cast<std::size_t>(i)] +=
                epsilon * core.matrix[static_cast<std::size_t>(k * core.width + i)];
        }
        core.x[r] += epsilon;
    }
    const Status status = optimise(w, s);
    std::copy(w.problem.rhs.begin(), w.problem.rhs.end(), core.rhs.begin());
    if (status != Status::optimal) return status;
    if (!factor(core)) return Status::failed;
    const double residual = refine(core);
    if (!feasible(core, start_tolerance)) return Status::failed;
    close(w, std::min(0.0, s.proof.min_reduced_cost), residual, s);
    return s.proof.holds() ? Status::optimal : Status::failed;
}

}  // namespace

Workspace::Workspace(const Columns& columns, int rows, int shared, int extras)
    : problem(rows, shared, extras),
      core(problem, columns),
      pool(columns),
      face(columns),
      pooled(static_cast<std::size_t>(columns.count), 0),
      phase_cost(problem.cost.size(), barred),
      stage_cost(problem.cost.size(), barred) {
    std::fill(phase_cost.begin(), phase_cost.begin() + extras, 0.0);
    warm.reserve(static_cast<std::size_t>(rows));
    face_list.reserve(static_cast<std::size_t>(columns.count));
}

void Workspace::restart(const std::vector<std::int32_t>& seeds) {
    warm.clear();
    for (int s = 0; s < pool.size; ++s)
        pooled[static_cast<std::size_t>(pool.column[static_cast<std::size_t>(s)])] = 0;
    pool.clear(*core.columns);
    for (const std::int32_t j : seeds) add_to_pool(*this, j);
}

Solution solve(Workspace& w) {
    Solution s;
    std::copy(w.problem.rhs.begin(), w.problem.rhs.end(), w.core.rhs.begin());
    w.face_ready = false;
    s.status = Status::failed;
    for (int rung = w.first_rung; rung <= 3 && s.status == Status::failed; ++rung) {
        s.rung = rung;
        switch (rung) {
            case 0:
                s.status = plain(w, s, false);
                break;
            case 1:
                s.status = perturbed(w, s);
                break;
            case 2:
                s.status = plain(w, s, true);
                break;
            default: {
                const std::int64_t pivots = s.pivots, passes = s.passes;
                s = solve_extended(w.problem, *w.core.columns, w.core);
                s.rung = rung;
                s.pivots += pivots;
                s.passes += passes;
                set_costs(w.core, w.problem.cost.data(), 0.0, false);
            }
        }
    }
    w.core.bland = false;
    w.long_double = s.rung == 3;
    w.objective = s.objective;
    if (s.status == Status::optimal)
        w.warm.assign(w.core.basis.begin(), w.core.basis.begin() + w.problem.rows);
    return s;
}

}  // namespace greenfront::lp

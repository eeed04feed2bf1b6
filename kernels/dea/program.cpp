#include "kernels/dea/program.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace greenfront::dea {
namespace {

/// Intensities and slacks that move nothing by more than this share of the unit's own values are rounding.
constexpr double rounding = 1e-12;
/// Fractional programs: primal residual, relative to t, that slacks and intensities may carry.
constexpr double residual_share = 1e-10;
/// A t below this is asked for with more digits at once.
constexpr double small_scale = 1e-6;
/// A t below this is zero, in quadruple precision too.
constexpr double no_scale = 1e-26;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool has_stage_two(const Shape& shape, const Settings& settings) {
    return settings.slacks && (shape.model == Model::radial || shape.model == Model::ddf);
}

/// Whether the model says anything about the slack of variable i.
bool speaks_of(const Shape& shape, const Settings& settings, int i) {
    switch (shape.model) {
        case Model::radial:
        case Model::ddf:
            return settings.slacks;
        case Model::sbm:
            return shape.scored(i);
        default:  // additive, oriented too: x = X lambda + s holds for every variable
            return !shape.chosen(i);
    }
}

}  // namespace

Draft::Draft(const Shape& shape)
    : slack(shape.variables()), beta(shape.variables()), multiplier(shape.variables() + 1) {
    const auto rows = static_cast<std::size_t>(shape.rows());
    peer.reserve(rows);
    lambda.reserve(rows);
    idle.reserve(rows);
}

Program::Program(const Job& job, const ColumnSet& columns, lp::Pool& pool, lp::Pool& face)
    : job_(&job),
      columns_(&columns),
      shape_(job.technology, job.settings, !columns.whole()),
      unit_(shape_),
      workspace_(std::make_unique<lp::Workspace>(*columns.columns, shape_.rows(), shape_.shared(),
                                                 shape_.extras(), pool, face)) {
    workspace_->digits = job.settings.digits;
    write_frame(shape_, workspace_->problem);
    cost_.assign(workspace_->problem.cost.size(), 0.0);
    kept_basis_ = workspace_->core.basis;
    kept_x_ = workspace_->core.x;
    no_slack_.resize(shape_.variables());
    for (int i = 0; i < shape_.variables(); ++i)
        no_slack_[i] = speaks_of(shape_, job.settings, i) ? 0.0 : nan;
}

Place Program::place_of(Eigen::Index o) const {
    Place place;
    const std::int32_t self = job_->self[static_cast<std::size_t>(o)];
    if (job_->settings.super) {
        const auto given = job_->left_out.empty() ? ColumnRange{self, self + 1}
                                                  : job_->left_out[static_cast<std::size_t>(o)];
        const std::int32_t units = job_->technology.units;
        if (self >= 0 || !job_->left_out.empty()) {
            place.left_out[0] = {given.first, given.last};
            if (job_->technology.twofold) place.left_out[1] = {units + given.first, units + given.last};
        }
        place.inside = false;
        return place;
    }
    place.inside = self >= 0;
    place.self = columns_->place_of(self);
    place.own = place.inside && place.self < 0;
    return place;
}

void Program::solve(Eigen::Index o, Draft& draft) {
    if (!begin(o, draft)) return;
    lp::Pass pass;
    lp::price_all(*columns_->columns, workspace_->problem.left_out, multipliers(), lp::face_tolerance, pass);
    end(pass, draft);
}

bool Program::begin(Eigen::Index o, Draft& draft) {
    at_ = o;
    draft.programs = draft.pivots = draft.passes = 0;
    draft.rung = 0;
    draft.unique = draft.efficient = draft.leans_on_itself = false;
    draft.peer.clear();
    draft.lambda.clear();
    draft.idle.clear();
    draft.status =
        read_unit(shape_, job_->technology, job_->settings, job_->sample, job_->evaluated, o, unit_);
    draft.zero_terms = draft.status == Status::optimal ? unit_.zero_terms : 0;
    if (draft.status != Status::optimal) return false;
    write_unit(shape_, unit_, place_of(o), workspace_->problem);
    if (lp::solve_on_pool(*workspace_)) return true;
    conclude(workspace_->solution, draft);
    return false;
}

void Program::end(const lp::Pass& pass, Draft& draft) {
    conclude(lp::solve_priced(*workspace_, pass), draft);
}

/// t of a fractional program, else 1.
double Program::scale_of_solution() const {
    if (!shape_.fractional()) return 1.0;
    const lp::Core& core = workspace_->core;
    for (int r = 0; r < shape_.rows(); ++r) {
        if (core.basis[static_cast<std::size_t>(r)] == shape_.special())
            return core.x[static_cast<std::size_t>(r)];
    }
    return 0.0;
}

/// Price of a chosen amount in the objective, 0 for other variables.
double Program::price_of(int i) const {
    if (!shape_.chosen(i)) return 0.0;
    return std::abs(workspace_->problem.cost[static_cast<std::size_t>(shape_.step(i))]);
}

/// What errors of the solution are divided by on their way to score and peers: t; 1 / score in
/// output-oriented super-SBM and in revenue efficiency; the largest price, which multiplies them.
double Program::divisor_of(const lp::Solution& solution) const {
    if (solution.status != Status::optimal) return 1.0;
    double divisor = scale_of_solution();
    if (shape_.super_sbm() && shape_.orientation == Orientation::output)
        divisor = std::min(divisor, std::max(0.0, 1.0 - solution.objective));
    if (!shape_.priced()) return divisor;
    if (shape_.model == Model::revenue) divisor = std::min(divisor, std::abs(solution.objective));
    for (int i = 0; i < shape_.variables(); ++i)
        divisor = std::min(divisor, 1.0 / std::max(1.0, price_of(i)));
    return divisor;
}

/// How much faster than the objective of the scaled program the score changes.
double Program::score_slope(double score) const {
    const bool reciprocal = shape_.model == Model::revenue ||
                            (shape_.model == Model::sbm && shape_.orientation == Orientation::output);
    return reciprocal ? score * score : score_unit();
}

/// A unit of the reference set is no worse than itself; what rounding says beyond that is taken off.
double Program::within(double score) const {
    const bool inside = !job_->settings.super && job_->self[static_cast<std::size_t>(at_)] >= 0;
    if (!inside || shape_.model == Model::revenue || shape_.model == Model::cost) return score;
    const bool inefficiency =
        shape_.model == Model::additive || shape_.model == Model::ddf || shape_.model == Model::nddf;
    if (inefficiency) return std::max(score, 0.0);
    const bool expands = shape_.model == Model::radial && shape_.orientation == Orientation::output;
    return expands ? std::max(score, 1.0) : std::min(score, 1.0);
}

void Program::conclude(lp::Solution solution, Draft& draft) {
    // What is divided by a small number needs as many more digits.
    const double divisor = divisor_of(solution);
    const bool coarse =
        solution.status == Status::optimal && solution.rung < 3 &&
        (solution.proof.primal_residual > residual_share * divisor || divisor < small_scale || unit_.wide);
    if (coarse && workspace_->digits == lp::double_digits) {
        solution.status = Status::failed;
    } else if (coarse) {
        const lp::Solution before = solution;
        workspace_->first_rung = 3;
        workspace_->near_optimum = workspace_->near_optimum || unit_.wide;
        solution = lp::solve(*workspace_);
        workspace_->first_rung = 0;
        solution.pivots += before.pivots;
        solution.passes += before.passes;
    }

    // What the last rung forgave a unit outside the technology grows when it is divided by t.
    const bool outside = job_->settings.super || job_->self[static_cast<std::size_t>(at_)] < 0;
    if (solution.status == Status::optimal && solution.rung == 3 && outside &&
        solution.proof.primal_residual > lp::certificate_tolerance * scale_of_solution())
        solution.status = Status::infeasible;

    draft.programs = 1;
    draft.pivots = solution.pivots;
    draft.passes = solution.passes;
    draft.rung = solution.rung;
    draft.proof = solution.proof;
    draft.status = solution.status;
    if (draft.status != Status::optimal) return;
    if (shape_.model == Model::revenue && !(solution.objective < 0)) {
        draft.status = Status::undefined;  // no revenue can be had: nothing to divide by
        return;
    }
    draft.score = within(score_of(shape_, unit_, solution.objective));
    if (shape_.super_sbm() && shape_.orientation == Orientation::output &&
        solution.objective >= 1.0 - lp::certificate_tolerance) {
        draft.status = Status::infeasible;  // only by giving up more than all outputs
        return;
    }
    draft.efficient = efficient(shape_, solution.objective);
    if (job_->only_scores) return;
    divisor_ = divisor_of(solution);
    draft.unique = !solution.other_optima;
    read_multipliers(draft);
    draft.status = settle(draft.score, solution.other_optima, draft);
    // Stage two without bound (inputs of zero), or broken off on an ill-conditioned face, leaves the
    // certified score as it is; only its slacks have no value. The basis is still on the optimal face. Where
    // only the tie rule broke off, the vertex at hand stands; its objectives are bounded, so that "without
    // bound" is rounding there.
    const bool stage_two = has_stage_two(shape_, job_->settings);
    const bool broken = draft.status == Status::unbounded || draft.status == Status::failed;
    const bool no_slacks = stage_two && broken;
    if (draft.status == Status::failed || (broken && !stage_two)) draft.rung = std::max(draft.rung, 1);
    draft.status = read_primal(draft);
    if (no_slacks) draft.slack.setConstant(nan);
}

/// A stage that breaks off leaves the solution as the stage before left it.
Status Program::stage(lp::Stage& stage, Draft& draft) {
    lp::Core& core = workspace_->core;
    stage.cost = cost_.data();
    stage.residual_limit = std::min(stage.residual_limit, residual_share * divisor_);
    // The score may change a thousand times as fast as the objective, and peers must reach the score.
    stage.objective_limit =
        std::min(stage.objective_limit,
                 lp::certificate_tolerance * std::max(1.0, std::abs(draft.score)) / score_slope(draft.score));
    kept_basis_ = core.basis;
    kept_x_ = core.x;
    const Status status = lp::improve_on_face(*workspace_, stage);
    if (status != Status::optimal) {
        core.basis = kept_basis_;
        core.x = kept_x_;
    }
    draft.pivots += stage.pivots;
    stage.pivots = 0;
    return status;
}

/// max sum of slack / mean, or of slack as it is, in multiples of the largest weight.
void Program::write_slack_costs() {
    std::fill(cost_.begin(), cost_.begin() + shape_.extras(), 0.0);
    double largest = 0;
    for (int i = 0; i < shape_.variables(); ++i) {
        const bool by_mean = job_->settings.slack_weights == SlackWeights::mean;
        const double scale = by_mean ? job_->technology.mean[i] : 1.0;
        const double weight = scale > 0 ? 1.0 / (unit_.row_unit[i] * scale) : 0.0;
        cost_[static_cast<std::size_t>(i)] = -weight;
        if (!shape_.equality(i)) largest = std::max(largest, weight);
    }
    for (int i = 0; i < shape_.variables(); ++i) {
        cost_[static_cast<std::size_t>(i)] /= largest > 0 ? largest : 1.0;
    }
}

void Program::write_tie_costs() {
    std::fill(cost_.begin(), cost_.begin() + shape_.extras(), 0.0);
    for (int i = 0; i < shape_.variables(); ++i) {
        const double turn = 0.618033988749895 * (i + 1);
        const double weight = 1.0 + 0.5 * (turn - std::floor(turn));
        cost_[static_cast<std::size_t>(i)] = weight;
        if (shape_.has_steps() && !shape_.bounded) cost_[static_cast<std::size_t>(shape_.step(i))] = weight;
    }
}

Status Program::settle(double score, bool other_optima, Draft& draft) {
    lp::Stage next;
    next.other_optima = other_optima;
    const bool stage_two = has_stage_two(shape_, job_->settings);
    if (stage_two) ++draft.programs;
    if (!other_optima) return Status::optimal;

    if (stage_two) {
        write_slack_costs();
        next.fine = true;
        const Status status = stage(next, draft);
        if (status != Status::optimal) return status;
        next.fine = false;
    } else if (shape_.fractional()) {
        // The total relative change is (s - m rho) / t + const on the optimal face, by the normalisation; for
        // super-efficiency (m delta - s) / t + const. In the numerator form the bads count with the inputs.
        const int above = shape_.m + (shape_.numerator ? shape_.s2 : 0);
        const int below = shape_.variables() - above;
        const double slope = (below - above * score) * (shape_.super ? -1.0 : 1.0);
        std::fill(cost_.begin(), cost_.begin() + shape_.extras(), 0.0);
        cost_[static_cast<std::size_t>(shape_.special())] = slope > 0 ? -1.0 : 1.0;
        const Status status = stage(next, draft);
        if (status != Status::optimal) return status;
    }
    if (!next.other_optima) return Status::optimal;
    write_tie_costs();
    next.tie_costs = true;
    return stage(next, draft);
}

double Program::score_unit() const {
    if (shape_.model == Model::additive || shape_.model == Model::nddf) return unit_.scale;
    return shape_.model == Model::ddf ? 1.0 / unit_.scale : 1.0;
}

void Program::read_multipliers(Draft& draft) const {
    const lp::Core& core = workspace_->core;
    const int n = shape_.variables();
    const double unit = score_unit();
    for (int i = 0; i < n; ++i) {
        const double y = core.y[static_cast<std::size_t>(i)] * unit_.row_unit[i] * unit;
        draft.multiplier[i] = shape_.is_good(i) ? y : -y;
        // >= 0 by the reduced cost of the slack, up to its tolerance.
        const bool sign = !shape_.equality(i) && !shape_.chosen(i);
        if (sign && draft.multiplier[i] < 0 && draft.multiplier[i] > -1e-11 * unit_.row_unit[i] * unit)
            draft.multiplier[i] = 0.0;
    }
    draft.multiplier[n] = shape_.returns == Returns::crs ? 0.0 : core.y[static_cast<std::size_t>(n)] * unit;
}

void Program::read_column(std::int32_t code, double value, Draft& draft) const {
    const int n = shape_.variables();
    const lp::Problem& problem = workspace_->problem;
    if (code < n) {
        // SBM: a zero input or bad has no slack; that of a zero good output is left out of everything.
        const bool left_out = shape_.model == Model::sbm && unit_.value[code] <= 0;
        if (!shape_.super_sbm() && !std::isnan(draft.slack[code]) && !left_out)
            draft.slack[code] = value / unit_.row_unit[code];
    } else if (shape_.has_steps() && code < 2 * n) {
        const int i = code - n;
        if (shape_.super_sbm() && !std::isnan(draft.slack[i])) draft.slack[i] = value / unit_.row_unit[i];
        if (shape_.model == Model::nddf) draft.beta[i] = value / (unit_.row_unit[i] * unit_.pull[i]);
    } else if (code >= problem.extra_width || code == shape_.own()) {
        const std::int32_t self = job_->self[static_cast<std::size_t>(at_)];
        const bool own = code < problem.extra_width;
        if (own && !shape_.own_column) return;  // the slack of returns to scale
        const std::int32_t j = own ? self : columns_->origin_of(code - problem.extra_width);
        const double intensity = own ? value : value * job_->technology.column_factor[j] / unit_.factor;
        draft.leans_on_itself = draft.leans_on_itself || (j == self && !job_->settings.super);
        const bool active = j < job_->technology.units;
        const std::int32_t peer = active ? j : j - job_->technology.units;
        const auto at = std::find(draft.peer.begin(), draft.peer.end(), peer) - draft.peer.begin();
        const auto slot = static_cast<std::size_t>(at);
        if (slot == draft.peer.size()) {
            draft.peer.push_back(peer);
            draft.lambda.push_back(0.0);
            draft.idle.push_back(0.0);
        }
        (active ? draft.lambda : draft.idle)[slot] += intensity;
    }
}

/// Largest entry of a basic column: what a unit of its variable moves, in multiples of the evaluated unit's
/// values. An amount that is chosen counts by its share of the cost or revenue, too: a price may make much of
/// a hair.
double Program::weight_of(std::int32_t code) const {
    const lp::Problem& problem = workspace_->problem;
    double largest = 1.0;
    if (code < problem.extra_width) {
        for (int i = 0; i < shape_.variables() && shape_.priced(); ++i) {
            if (shape_.chosen(i) && code == shape_.step(i)) largest = std::max(largest, price_of(i));
        }
        return largest;
    }
    const lp::Columns& columns = *columns_->columns;
    for (int i = 0; i < problem.shared; ++i) {
        const double entry = columns.row(i)[code - problem.extra_width];
        const double moved = problem.row_scale[static_cast<std::size_t>(i)] * entry;
        const bool priced = shape_.priced() && i < shape_.variables();
        largest = std::max(largest, priced ? moved * std::max(1.0, price_of(i)) : moved);
    }
    return largest;
}

Status Program::read_primal(Draft& draft) const {
    const lp::Core& core = workspace_->core;
    const double t = scale_of_solution();
    // Outputs grow without limit from inputs of zero.
    if (t <= no_scale) return unit_.limited ? Status::failed : Status::unbounded;
    draft.slack = no_slack_;
    draft.beta.setZero();
    for (int i = 0; i < shape_.variables() && shape_.model == Model::sbm; ++i) {
        if (unit_.value[i] <= 0 && !shape_.is_good(i)) draft.slack[i] = 0.0;
    }
    for (int r = 0; r < shape_.rows(); ++r) {
        const auto row = static_cast<std::size_t>(r);
        const double value = core.x[row] / t;
        const std::int32_t code = core.basis[row];
        if (code < 0) continue;
        // The slack of a variable that the unit has nothing of is measured in a unit that may be far too
        // large.
        const bool nothing = code < shape_.variables() && unit_.value[code] <= 0;
        const double least = nothing ? rounding * std::min(1.0, unit_.factor) : rounding;
        if (value > least || value * weight_of(code) > least)  // weights are at least 1
            read_column(code, value, draft);
    }
    for (std::size_t a = 1; a < draft.peer.size(); ++a) {  // ascending; a handful
        for (std::size_t b = a; b > 0 && draft.peer[b] < draft.peer[b - 1]; --b) {
            std::swap(draft.peer[b], draft.peer[b - 1]);
            std::swap(draft.lambda[b], draft.lambda[b - 1]);
            std::swap(draft.idle[b], draft.idle[b - 1]);
        }
    }
    return Status::optimal;
}

}  // namespace greenfront::dea

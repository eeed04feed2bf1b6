#include "kernels/dea/program.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace greenfront::dea {
namespace {

/// Intensities and relative slacks below this are rounding.
constexpr double rounding = 1e-12;

}  // namespace

Program::Program(const Technology& technology, const Shape& shape, const Settings& settings,
                 const Quantities& evaluated, std::span<const std::int32_t> self)
    : technology_(&technology),
      shape_(shape),
      settings_(&settings),
      evaluated_(&evaluated),
      self_(self),
      unit_(shape),
      workspace_(
          std::make_unique<lp::Workspace>(technology.columns, shape.rows(), shape.shared(), shape.extras())) {
    write_frame(shape_, workspace_->problem);
    cost_.assign(workspace_->problem.cost.size(), 0.0);
}

void Program::append_basis(std::vector<std::int32_t>& columns) const {
    const lp::Workspace& w = *workspace_;
    for (const std::int32_t code : w.warm) {
        if (code >= w.problem.extra_width) columns.push_back(code - w.problem.extra_width);
    }
}

void Program::solve(Eigen::Index o, Draft& draft) {
    draft.programs = draft.pivots = draft.passes = 0;
    draft.rung = 0;
    draft.peer.clear();
    draft.lambda.clear();
    draft.status = read_unit(shape_, *technology_, *settings_, *evaluated_, o, unit_);
    draft.zero_terms = draft.status == Status::optimal ? unit_.zero_terms : 0;
    if (draft.status != Status::optimal) return;
    write_unit(shape_, *settings_, unit_, self_[static_cast<std::size_t>(o)], settings_->super,
               workspace_->problem);
    const lp::Solution solution = lp::solve(*workspace_);
    draft.programs = 1;
    draft.pivots = solution.pivots;
    draft.passes = solution.passes;
    draft.rung = solution.rung;
    draft.proof = solution.proof;
    draft.status = solution.status;
    if (draft.status != Status::optimal) return;
    draft.score = score_of(shape_, solution.objective);
    read_multipliers(draft);
    draft.status = settle(draft.score, solution.other_optima, draft);
    // Stage two without bound (inputs of zero) leaves the score of stage one as it is; only the slacks have
    // no value. The basis is still on the optimal face.
    const bool no_slacks = shape_.model == Model::radial && draft.status == Status::unbounded;
    if (no_slacks) draft.status = Status::optimal;
    if (draft.status == Status::optimal) draft.status = read_primal(draft);
    if (no_slacks) draft.slack.setConstant(std::numeric_limits<double>::quiet_NaN());
}

Status Program::stage(lp::Stage& stage, Draft& draft) {
    stage.cost = cost_.data();
    const Status status = lp::improve_on_face(*workspace_, stage);
    draft.pivots += stage.pivots;
    stage.pivots = 0;
    return status;
}

Status Program::settle(double score, bool other_optima, Draft& draft) {
    lp::Stage next;
    next.other_optima = other_optima;
    const bool stage_two = shape_.model == Model::radial && settings_->slacks;
    if (stage_two) ++draft.programs;
    if (!other_optima) return Status::optimal;

    if (stage_two) {  // max sum of slack / mean, or of slack as it is, in multiples of the largest weight
        double largest = 0;
        for (int i = 0; i < shape_.variables(); ++i) {
            const bool by_mean = settings_->slack_weights == SlackWeights::mean;
            const double scale = by_mean ? technology_->mean[i] : 1.0;
            const double weight = scale > 0 ? 1.0 / (unit_.row_unit[i] * scale) : 0.0;
            cost_[static_cast<std::size_t>(i)] = -weight;
            largest = std::max(largest, weight);
        }
        for (int i = 0; i < shape_.variables(); ++i)
            cost_[static_cast<std::size_t>(i)] /= largest > 0 ? largest : 1.0;
        for (int e = shape_.variables(); e < shape_.extras(); ++e) cost_[static_cast<std::size_t>(e)] = 0.0;
        next.fine = true;
        const Status status = stage(next, draft);
        if (status != Status::optimal) return status;
        next.fine = false;
    } else if (shape_.fractional()) {
        // m sum w_i s_i/x_i + s sum w_r s_r/y_r = (s - m rho) / t + const on the optimal face, by the
        // normalisation.
        const double slope = shape_.s1 + shape_.s2 - shape_.m * score;
        std::fill(cost_.begin(), cost_.begin() + shape_.extras(), 0.0);
        cost_[static_cast<std::size_t>(shape_.special())] = slope > 0 ? -1.0 : 1.0;
        const Status status = stage(next, draft);
        if (status != Status::optimal) return status;
    }
    if (!next.other_optima) return Status::optimal;
    std::fill(cost_.begin(), cost_.begin() + shape_.extras(), 0.0);
    for (int i = 0; i < shape_.variables(); ++i) {
        const double turn = 0.618033988749895 * (i + 1);
        cost_[static_cast<std::size_t>(i)] = 1.0 + 0.5 * (turn - std::floor(turn));
    }
    next.tie_costs = true;
    return stage(next, draft);
}

void Program::read_multipliers(Draft& draft) const {
    const lp::Core& core = workspace_->core;
    const int n = shape_.variables();
    for (int i = 0; i < n; ++i) {
        const double y = core.y[static_cast<std::size_t>(i)] * unit_.row_unit[i];
        draft.multiplier[i] = shape_.is_good(i) ? y : -y;
        // >= 0 by the reduced cost of the slack, up to its tolerance.
        if (draft.multiplier[i] < 0 && draft.multiplier[i] > -1e-11 * unit_.row_unit[i])
            draft.multiplier[i] = 0.0;
    }
    draft.multiplier[n] = shape_.returns == Returns::crs ? 0.0 : core.y[static_cast<std::size_t>(n)];
}

Status Program::read_primal(Draft& draft) const {
    const lp::Core& core = workspace_->core;
    const lp::Problem& problem = workspace_->problem;
    const int n = shape_.variables();
    double t = 1.0;
    if (shape_.fractional()) {
        t = 0.0;
        for (int r = 0; r < shape_.rows(); ++r) {
            const auto row = static_cast<std::size_t>(r);
            if (core.basis[row] == shape_.special()) t = core.x[row];
        }
        if (t <= rounding) return Status::unbounded;  // outputs grow without limit from inputs of zero
    }
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (int i = 0; i < n; ++i) {
        const bool radial = shape_.model == Model::radial;
        const bool forced = !radial && unit_.value[i] <= 0 && !shape_.is_good(i);
        const bool spoken_of = radial ? settings_->slacks : shape_.scored(i);
        draft.slack[i] = spoken_of || forced ? 0.0 : nan;
    }
    for (int r = 0; r < shape_.rows(); ++r) {
        const auto row = static_cast<std::size_t>(r);
        const std::int32_t code = core.basis[row];
        const double value = core.x[row] / t;
        if (code < 0 || value <= rounding) continue;
        if (code < n) {
            // SBM: a zero input or bad has no slack; that of a zero good output is left out of everything.
            const bool left_out = shape_.model == Model::sbm && unit_.value[code] <= 0;
            if (!std::isnan(draft.slack[code]) && !left_out) draft.slack[code] = value / unit_.row_unit[code];
        } else if (code >= problem.extra_width) {
            const std::int32_t j = code - problem.extra_width;
            draft.peer.push_back(j);
            draft.lambda.push_back(value * technology_->column_factor[j] / unit_.factor);
        }
    }
    for (std::size_t a = 1; a < draft.peer.size(); ++a) {  // ascending; a handful
        for (std::size_t b = a; b > 0 && draft.peer[b] < draft.peer[b - 1]; --b) {
            std::swap(draft.peer[b], draft.peer[b - 1]);
            std::swap(draft.lambda[b], draft.lambda[b - 1]);
        }
    }
    return Status::optimal;
}

}  // namespace greenfront::dea

#include "kernels/dea/replay.hpp"

#include "kernels/lp/simplex.hpp"

namespace greenfront::dea {
namespace {

Eigen::MatrixXd column_of(const Eigen::MatrixXd& matrix, Eigen::Index o) {
    if (matrix.size() == 0) return Eigen::MatrixXd(matrix.rows(), matrix.cols() > 0 ? 1 : 0);
    return matrix.col(o);
}

Finding check_answer(const Task& task, const Scores& scores) {
    const auto unit = static_cast<std::size_t>(task.unit);
    const auto first = static_cast<std::size_t>(scores.peer_start[unit]);
    const auto count = static_cast<std::size_t>(scores.peer_start[unit + 1]) - first;
    Claim claim;
    claim.score = scores.score[task.unit];
    claim.multiplier = scores.multiplier.col(task.unit);
    if (scores.beta.size() > 0) claim.beta = scores.beta.col(task.unit);
    claim.peer = std::span(scores.peer).subspan(first, count);
    claim.lambda = std::span(scores.lambda).subspan(first, count);
    if (!scores.idle.empty()) claim.idle = std::span(scores.idle).subspan(first, count);
    ColumnRange left_out;
    if (task.settings.super && task.self >= 0) left_out = {task.self, task.self + 1};
    if (task.left_out) left_out = *task.left_out;
    const bool inside = !task.settings.super && task.self >= 0;
    return Checker(task.evaluated, task.reference, task.settings).check(task.unit, claim, left_out, inside);
}

Attempt attempt(const Task& task, int digits) {
    Settings settings = task.settings;
    settings.digits = digits;
    settings.price_all_columns = true;
    std::vector<std::int32_t> self(static_cast<std::size_t>(task.evaluated.units()), -1);
    self[static_cast<std::size_t>(task.unit)] = task.self;
    std::vector<ColumnRange> left_out;
    if (settings.super && task.left_out) {
        left_out.assign(self.size(), ColumnRange{});
        left_out[static_cast<std::size_t>(task.unit)] = *task.left_out;
    }
    const Scores scores = evaluate(task.evaluated, task.reference, self, settings, left_out);
    Attempt result{digits,
                   scores.status[static_cast<std::size_t>(task.unit)],
                   scores.score[task.unit],
                   scores.counters,
                   scores.certificate,
                   {}};
    if (result.status == Status::optimal) result.finding = check_answer(task, scores);
    return result;
}

}  // namespace

Task task_of(const Quantities& evaluated, const Quantities& reference, std::span<const std::int32_t> self,
             const Settings& settings, std::span<const ColumnRange> left_out, Eigen::Index o) {
    Task task;
    const bool whole = settings.model == Model::additive;
    if (whole) {
        task.evaluated = evaluated;
        task.unit = static_cast<std::int32_t>(o);
    } else {
        task.evaluated = {column_of(evaluated.X, o), column_of(evaluated.Y, o), column_of(evaluated.B, o),
                          column_of(evaluated.price, o)};
    }
    task.reference = reference;
    task.self = self[static_cast<std::size_t>(o)];
    if (!left_out.empty()) task.left_out = left_out[static_cast<std::size_t>(o)];
    task.settings = settings;
    return task;
}

std::vector<Attempt> replay(const Task& task) {
    std::vector<Attempt> attempts{attempt(task, lp::double_digits)};
    if (task.settings.model == Model::fdh) return attempts;
    attempts.push_back(attempt(task, lp::quadruple_digits));
    attempts.push_back(attempt(task, lp::hundred_digits));
    return attempts;
}

}  // namespace greenfront::dea

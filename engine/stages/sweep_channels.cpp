#include "engine/stages/sweep_channels.hpp"

#include <cmath>
#include <limits>
#include <map>

namespace greenfront::stages {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Endogenous variables first, then the exogenous regressors (n x K).
Eigen::MatrixXd regressors(const greenfront::panel::Design& design) {
    const auto n = static_cast<Eigen::Index>(design.row.size());
    Eigen::MatrixXd all(n, design.endogenous.cols() + design.X.cols());
    if (design.endogenous.cols() > 0) all.leftCols(design.endogenous.cols()) = design.endogenous;
    if (design.X.cols() > 0) all.rightCols(design.X.cols()) = design.X;
    return all;
}

double mean(double sum, std::int64_t count) {
    return count > 0 ? sum / static_cast<double>(count) : nan;
}

}  // namespace

MeanChange mean_change(const Panel& panel, const AveragedRows& rows, const std::vector<double>& change) {
    struct Sum {
        double value = 0;
        std::int64_t count = 0;
        void add(double x) { value += x, ++count; }
    };
    Sum total;
    std::vector<Sum> time(panel.time_value.size()), group(rows.group_name.size());
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (!rows.use[r] || std::isnan(change[r])) continue;
        total.add(change[r]);
        time[static_cast<std::size_t>(panel.time[r])].add(change[r]);
        if (rows.group[r] >= 0) group[static_cast<std::size_t>(rows.group[r])].add(change[r]);
    }
    MeanChange result{mean(total.value, total.count), {}, {}};
    for (const auto& sum : time) result.by_time.push_back(mean(sum.value, sum.count));
    for (const auto& sum : group) result.by_group.push_back(mean(sum.value, sum.count));
    return result;
}

EconometricChannel::EconometricChannel(const RegressionOutcome& regression, const resample::PairsDraws* draws)
    : regression_(regression), draws_(draws), base_(regressors(regression.design)) {
    std::vector<std::string> names = regression.design.endogenous_name;
    names.insert(names.end(), regression.design.x_name.begin(), regression.design.x_name.end());
    beta_ = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(names.size()));
    draw_row_.assign(names.size(), -1);
    for (std::size_t k = 0; k < names.size(); ++k) {
        for (const auto& term : regression.fit.terms) {
            if (term.name == names[k]) beta_[static_cast<Eigen::Index>(k)] = term.estimate;
        }
        for (std::size_t t = 0; draws != nullptr && t < draws->term.size(); ++t) {
            if (draws->term[t] == names[k]) draw_row_[k] = static_cast<Eigen::Index>(t);
        }
    }
}

std::vector<char> EconometricChannel::sample(std::size_t panel_rows) const {
    std::vector<char> rows(panel_rows, 0);
    for (const auto row : regression_.design.row) rows[static_cast<std::size_t>(row)] = 1;
    return rows;
}

EconometricChannel::Outcome EconometricChannel::evaluate(const Panel& changed,
                                                         const AveragedRows& rows) const {
    const auto& base = regression_.design;
    const auto design = build_design(regression_.formula, changed, regression_.keep, regression_.clusters);
    Outcome outcome;
    outcome.change.assign(changed.rows(), nan);
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(beta_.size());
    std::int64_t count = 0;
    // Both designs hold rows in panel order; a row that a lever makes incomplete stays NaN.
    const Eigen::MatrixXd changed_regressors = regressors(design);
    for (Eigen::Index i = 0, j = 0; i < base_.rows(); ++i) {
        const auto row = base.row[static_cast<std::size_t>(i)];
        while (j < changed_regressors.rows() && design.row[static_cast<std::size_t>(j)] < row) ++j;
        const bool used = rows.use[static_cast<std::size_t>(row)] != 0;
        if (j == changed_regressors.rows() || design.row[static_cast<std::size_t>(j)] != row) {
            outcome.lost += used;
            continue;
        }
        const Eigen::VectorXd dx = changed_regressors.row(j) - base_.row(i);
        outcome.change[static_cast<std::size_t>(row)] = dx.dot(beta_);
        if (used) {
            sum += dx;
            ++count;
        }
    }
    if (draws_ == nullptr || count == 0) return outcome;
    const Eigen::VectorXd mean_dx = sum / static_cast<double>(count);
    if (outcome.lost > 0) {
        outcome.draw = Eigen::VectorXd::Constant(draws_->draw.cols(), nan);
        return outcome;
    }
    outcome.draw = Eigen::VectorXd::Zero(draws_->draw.cols());
    for (std::size_t k = 0; k < draw_row_.size(); ++k) {
        const double dx = mean_dx[static_cast<Eigen::Index>(k)];
        // A regressor that does not move adds nothing, even in a replicate that does not identify it.
        if (draw_row_[k] >= 0 && dx != 0) outcome.draw += dx * draws_->draw.row(draw_row_[k]).transpose();
    }
    return outcome;
}

FrontierOutcome frontier_channel(const Panel& changed, const Panel& baseline, const DeaVariables& variables,
                                 const DeaOutcome& dea) {
    FrontierOutcome outcome;
    std::vector<char> moved(baseline.rows(), 0), meaningless(baseline.rows(), 0);
    for (const auto& name : variables.columns()) {
        const auto& before = baseline.number(name);
        const auto& after = changed.number(name);
        for (std::size_t r = 0; r < baseline.rows(); ++r) {
            moved[r] |= dea.usable[r] && after[r] != before[r];
            meaningless[r] |= !(after[r] >= 0 && std::isfinite(after[r]));
        }
    }
    std::vector<ReferenceGroup> groups;
    for (const auto& group : dea.groups) {
        ReferenceGroup part;
        for (const auto row : group.evaluated_rows) {
            if (moved[row] && !meaningless[row]) part.evaluated_rows.push_back(row);
        }
        if (part.evaluated_rows.empty()) continue;
        part.reference_rows = group.reference_rows;
        part.self.assign(part.evaluated_rows.size(), -1);
        groups.push_back(std::move(part));
    }
    auto settings = dea.settings;
    settings.slacks = false;
    const RowScores scores = score_rows(changed, baseline, variables, groups, settings);
    outcome.change.assign(baseline.rows(), nan);
    for (std::size_t r = 0; r < baseline.rows(); ++r) {
        if (std::isnan(dea.score[r])) continue;
        if (!moved[r]) {
            outcome.change[r] = 0;
            continue;
        }
        ++outcome.rows_changed;
        if (scores.status[r] == Status::optimal) {
            outcome.change[r] = scores.score[r] - dea.score[r];
        } else if (scores.status[r] == Status::infeasible) {
            ++outcome.beyond;
            outcome.change[r] = 1 - dea.score[r];
        } else {
            ++outcome.unscored;
            outcome.failed += scores.status[r] == Status::failed;
        }
    }
    return outcome;
}

}  // namespace greenfront::stages

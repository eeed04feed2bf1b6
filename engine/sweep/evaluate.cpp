#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/index_columns.hpp"
#include "engine/sweep/model.hpp"
#include "kernels/index/weights.hpp"
#include "kernels/stats/inequality.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::sweep {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> index_of(const ScenarioIndex& entry, const Panel& panel) {
    const IndexOutcome& outcome = *entry.outcome;
    if (entry.stage == nullptr) return index_column(panel, outcome.indicators, outcome.fit);
    const auto weighting =
        parse_weighting(entry.stage->method, entry.stage->shift, entry.stage->weights, Fault::study);
    const auto fit = index::fit_weights(complete_rows(panel, outcome.indicators).values, outcome.fit.negative,
                                        weighting, outcome.indicators);
    return index_column(panel, outcome.indicators, fit);
}

/// The scenario's panel in work.panel: levers on the completed panel, later preparation with the baseline's
/// bounds, indices, scores as in the baseline. Returns the cells that bounds cut.
std::int64_t make_panel(const Model& model, const std::vector<double>& intensity,
                        const LeverProgram::Parameters& parameters, Work& work) {
    model.program.apply(intensity, parameters, work.levers);
    const auto& columns = model.workspace.prepared.completed.columns();
    const auto& moved = model.program.columns();
    for (std::size_t c = 0; c < moved.size(); ++c)
        work.panel.set_number(columns[moved[c]].name, work.levers.value[c]);
    std::int64_t clipped = model.preparation->run(work.panel);
    for (const auto& entry : model.indices) {
        auto column = index_of(entry, work.panel);
        if (entry.outcome->bounds) clipped += clip(column, *entry.outcome->bounds);
        work.panel.set_number(entry.name, std::move(column));
    }
    return clipped;
}

std::int64_t rows_changed(const Model& model, const Work& work) {
    const auto& columns = model.workspace.prepared.completed.columns();
    const auto& moved = model.program.columns();
    std::vector<char> differs(work.panel.rows(), 0);
    for (std::size_t c = 0; c < moved.size(); ++c) {
        const auto& before = columns[moved[c]].number;
        const auto& after = work.levers.value[c];
        for (std::size_t r = 0; r < before.size(); ++r) {
            const bool same = before[r] == after[r] || (std::isnan(before[r]) && std::isnan(after[r]));
            differs[r] = static_cast<char>(differs[r] | !same);
        }
    }
    return std::count(differs.begin(), differs.end(), 1);
}

/// Means of a change over the cells of a partition; NaN over no rows.
void cell_means(const Partition& partition, const std::vector<double>& change, std::span<double> mean) {
    std::vector<double> count(mean.size(), 0);
    std::fill(mean.begin(), mean.end(), 0.0);
    for (std::size_t r = 0; r < change.size(); ++r) {
        if (partition.cell[r] < 0 || std::isnan(change[r])) continue;
        const auto cell = static_cast<std::size_t>(partition.cell[r]);
        mean[cell] += change[r];
        ++count[cell];
    }
    for (std::size_t c = 0; c < mean.size(); ++c) mean[c] = count[c] > 0 ? mean[c] / count[c] : nan;
}

struct Interval {
    double low = 0, high = 0;
};
Interval interval(std::vector<double> values, double confidence) {
    const double tail = 50 * (1 - confidence);
    return {stats::percentile_stata(values, tail), stats::percentile_stata(values, 100 - tail)};
}

void put_inequality(const Model& model, const std::vector<double>& baseline,
                    const std::vector<double>& change, std::span<double> measures, std::span<double> sigma) {
    std::vector<double> level(baseline.size(), nan);
    for (std::size_t r = 0; r < level.size(); ++r) level[r] = baseline[r] + change[r];
    const auto result = baseline_inequality(model, level);
    std::copy(result.measures.begin(), result.measures.end(), measures.begin());
    std::copy(result.sigma.begin(), result.sigma.end(), sigma.begin());
}

/// Fills one scenario's row, field by field.
class Filler {
  public:
    Filler(const Model& model, std::size_t scenario, std::span<double> row)
        : model_(model), scenario_(scenario), row_(row) {
        std::fill(row_.begin(), row_.end(), nan);
        for (const auto& field : model.layout.fields()) {
            if (field.whole) row_[field.offset] = 0;
        }
    }
    [[nodiscard]] std::span<double> part(std::size_t field) const { return model_.layout.part(row_, field); }
    void put(std::size_t field, double value) const { part(field)[0] = value; }

    void linear(Work& work, std::span<double> draw) const;
    void frontier(const Work& work) const;
    void variables(const Work& work) const;
    void effect(const Fields::Effect& field, const Partition& partition, Work& work) const;
    void intervals(const Fields::Effect& field, const Eigen::MatrixXd& draws) const;
    /// The frontier channel's answer to the panel at hand; programs that failed are kept.
    [[nodiscard]] FrontierChange score(const Panel& panel, std::int64_t replicate) const;

  private:
    const Model& model_;
    std::size_t scenario_;
    std::span<double> row_;
};

void Filler::intervals(const Fields::Effect& field, const Eigen::MatrixXd& draws) const {
    for (Eigen::Index c = 0; c < draws.rows(); ++c) {
        const Eigen::VectorXd cell = draws.row(c);
        const Interval ends = interval({cell.begin(), cell.end()}, model_.stage.confidence);
        part(field.low)[static_cast<std::size_t>(c)] = ends.low;
        part(field.high)[static_cast<std::size_t>(c)] = ends.high;
    }
}

void Filler::effect(const Fields::Effect& field, const Partition& partition, Work& work) const {
    const LinearChannel& channel = *model_.linear;
    const Eigen::MatrixXd dx = channel.means(work.change, partition.cell, partition.cells, work.count);
    const Eigen::VectorXd value = channel.effects(dx, LinearChannel::Part::all);
    for (Eigen::Index c = 0; c < partition.cells; ++c) {
        const bool empty = work.count[static_cast<std::size_t>(c)] == 0;
        part(field.value)[static_cast<std::size_t>(c)] = empty ? nan : value[c];
    }
    if (model_.replicates() == 0 || !model_.draws.empty()) return;
    Eigen::MatrixXd draws = channel.draws(dx);
    for (Eigen::Index c = 0; c < partition.cells; ++c) {
        if (work.count[static_cast<std::size_t>(c)] == 0) draws.row(c).setConstant(nan);
    }
    intervals(field, draws);
}

void Filler::linear(Work& work, std::span<double> draw) const {
    const LinearChannel& channel = *model_.linear;
    const Fields& f = model_.fields;
    channel.changes(work.panel, work.change);
    double lost = 0;
    for (std::size_t r = 0; r < model_.use.size(); ++r) lost += model_.use[r] && work.change.lost[r];
    put(f.lost, lost);
    if (lost > 0) {  // scenarios are compared over the same rows; one that loses some has no mean
        std::fill(draw.begin(), draw.end(), nan);
        return;
    }
    const Eigen::MatrixXd dx = channel.means(work.change, model_.total.cell, 1, work.count);
    put(f.total.value, channel.effects(dx, LinearChannel::Part::all)[0]);
    if (channel.mediated()) {
        const double direct = channel.effects(dx, LinearChannel::Part::direct)[0];
        put(f.direct, direct);
        put(f.mediated, part(f.total.value)[0] - direct);
    }
    if (model_.replicates() > 0 && model_.draws.empty()) {
        const Eigen::MatrixXd all = channel.draws(dx);
        std::copy(all.data(), all.data() + all.size(), draw.begin());
        intervals(f.total, all);
    }
    effect(f.by_time, model_.time, work);
    if (model_.grouped()) effect(f.by_group, model_.group, work);
    if (model_.stage.units) effect(f.by_unit, model_.unit, work);
    channel.row_effects(work.change, work.effect);
    put_inequality(model_, channel.outcome(), work.effect, part(f.inequality), part(f.sigma));
}

FrontierChange Filler::score(const Panel& panel, std::int64_t replicate) const {
    FrontierChange change = model_.frontier->evaluate(panel);
    if (!change.failures.empty()) {
        model_.workspace.keep(change.failures, {.stage = "sweep." + model_.sweep_name,
                                                .scenario = model_.design.scenario[scenario_],
                                                .scenario_number = static_cast<std::int64_t>(scenario_),
                                                .replicate = replicate});
    }
    return change;
}

void Filler::frontier(const Work& work) const {
    const FrontierChange change = score(work.panel, -1);
    const Fields& f = model_.fields;
    put(f.beyond, static_cast<double>(change.beyond));
    put(f.unscored, static_cast<double>(change.unscored));
    put(f.failed, static_cast<double>(change.failed));
    put(f.programs, static_cast<double>(change.counters.programs));
    put(f.pivots, static_cast<double>(change.counters.pivots));
    if (change.unscored > 0) return;
    cell_means(model_.total, change.change, part(f.frontier));
    cell_means(model_.time, change.change, part(f.frontier_by_time));
    if (model_.grouped()) cell_means(model_.group, change.change, part(f.frontier_by_group));
    if (model_.stage.units) cell_means(model_.unit, change.change, part(f.frontier_by_unit));
    put_inequality(model_, model_.frontier->score(), change.change, part(f.frontier_inequality),
                   part(f.frontier_sigma));
    if (!model_.frontier->moving()) return;
    cell_means(model_.total, change.catch_up, part(f.catch_up));
    cell_means(model_.total, change.shift, part(f.shift));
}

void Filler::variables(const Work& work) const {
    const Fields& f = model_.fields;
    const Panel& baseline = model_.workspace.panel();
    const auto T = static_cast<std::size_t>(model_.time.cells),
               G = static_cast<std::size_t>(model_.group.cells);
    auto by_time = part(f.variable_by_time);
    std::fill(by_time.begin(), by_time.end(), 0.0);
    std::span<double> by_group;
    if (model_.grouped()) {
        by_group = part(f.variable_by_group);
        std::fill(by_group.begin(), by_group.end(), 0.0);
    }
    for (std::size_t v = 0; v < model_.variables.size(); ++v) {
        const auto& before = baseline.number(model_.variables[v]);
        const auto& after = work.panel.number(model_.variables[v]);
        double sum = 0, change = 0;
        for (std::size_t r = 0; r < before.size(); ++r) {
            if (!model_.use[r] || std::isnan(before[r]) || std::isnan(after[r])) continue;
            const double moved = after[r] - before[r];
            sum += before[r];
            change += moved;
            by_time[v * T + static_cast<std::size_t>(model_.time.cell[r])] += moved;
            if (model_.group.cell[r] >= 0)
                by_group[v * G + static_cast<std::size_t>(model_.group.cell[r])] += moved;
        }
        part(f.variable_change)[v] = change;
        part(f.variable_relative)[v] = sum != 0 ? change / sum : nan;
    }
}

/// Uncertain levers: every replicate has its own panel.
class Replicates {
  public:
    Replicates(const Model& model, const Filler& filler, const std::vector<double>& intensity, Work& work)
        : model_(model), filler_(filler), intensity_(intensity), work_(work) {}

    void run(std::span<double> draw) {
        const Fields& f = model_.fields;
        const auto R = static_cast<Eigen::Index>(model_.replicates());
        for (const auto* partition : {&model_.total, &model_.time, &model_.group, &model_.unit})
            effect_.emplace_back(Eigen::MatrixXd::Constant(partition->cells, R, nan));
        const bool act = std::any_of(intensity_.begin(), intensity_.end(), [](double i) { return i != 0; });
        for (std::size_t r = 0; r < model_.draws.size(); ++r) {
            // Without a lever every replicate is the baseline.
            if ((!act && r > 0) || acts(r)) {
                one(static_cast<Eigen::Index>(r));
            } else {
                cost_.push_back(nan);
                if (static_cast<std::int64_t>(r) < model_.frontier_replicates()) frontier_.push_back(nan);
            }
        }
        if (R > 0) {
            std::copy(effect_[0].data(), effect_[0].data() + R, draw.begin());
            filler_.intervals(f.total, effect_[0]);
            filler_.intervals(f.by_time, effect_[1]);
            if (model_.grouped()) filler_.intervals(f.by_group, effect_[2]);
            if (model_.stage.units) filler_.intervals(f.by_unit, effect_[3]);
        }
        if (model_.program.costed()) {
            const Interval ends = interval(cost_, model_.stage.confidence);
            filler_.put(f.cost_low, ends.low);
            filler_.put(f.cost_high, ends.high);
        }
        if (frontier_.empty()) return;
        std::copy(frontier_.begin(), frontier_.end(), filler_.part(f.frontier_draw).begin());
        const Interval ends = interval(frontier_, model_.stage.confidence);
        filler_.put(f.frontier_low, ends.low);
        filler_.put(f.frontier_high, ends.high);
    }

  private:
    /// False where the parameters of this draw are too much for a lever: the replicate has no effect.
    bool acts(std::size_t r) {
        try {
            make_panel(model_, intensity_, model_.draws[r], work_);
            return true;
        } catch (const Error& error) {
            if (error.fault() != Fault::study) throw;
            return false;
        }
    }
    void one(Eigen::Index r) {
        double cost = 0;
        for (const double part : work_.levers.cost) cost += part;
        cost_.push_back(cost);
        if (r < model_.replicates()) econometric(r);
        if (r < model_.frontier_replicates()) {
            const FrontierChange change = filler_.score(work_.panel, r);
            double mean = nan;
            if (change.unscored == 0) cell_means(model_.total, change.change, {&mean, 1});
            frontier_.push_back(mean);
        }
    }
    void econometric(Eigen::Index r) {
        const LinearChannel& channel = *model_.linear;
        channel.changes(work_.panel, work_.change);
        for (std::size_t i = 0; i < model_.use.size(); ++i) {
            if (model_.use[i] && work_.change.lost[i]) return;  // no effect in this replicate
        }
        const Partition* partitions[] = {&model_.total, &model_.time, &model_.group, &model_.unit};
        for (std::size_t p = 0; p < effect_.size(); ++p) {
            const bool wanted = p < 2 || (p == 2 ? model_.grouped() : model_.stage.units);
            if (!wanted) continue;
            const auto dx =
                channel.means(work_.change, partitions[p]->cell, partitions[p]->cells, work_.count);
            effect_[p].col(r) = channel.effects(dx, r);
            for (Eigen::Index c = 0; c < dx.rows(); ++c) {
                if (work_.count[static_cast<std::size_t>(c)] == 0) effect_[p](c, r) = nan;
            }
        }
    }

    const Model& model_;
    const Filler& filler_;
    const std::vector<double>& intensity_;
    Work& work_;
    std::vector<Eigen::MatrixXd> effect_;  ///< cells x replicates: total, time, group, unit
    std::vector<double> cost_, frontier_;
};

}  // namespace

const std::vector<std::string>& inequality_measures() {
    static const std::vector<std::string> names{"variation", "sigma", "theil", "theil_between",
                                                "theil_within"};
    return names;
}

BaselineInequality baseline_inequality(const Model& model, const std::vector<double>& outcome) {
    const auto T = static_cast<std::size_t>(model.time.cells);
    BaselineInequality result;
    for (std::size_t t = 0; t < T; ++t) {
        std::vector<double> values;
        std::vector<std::int32_t> group;
        for (std::size_t r = 0; r < outcome.size(); ++r) {
            if (model.time.cell[r] != static_cast<std::int32_t>(t)) continue;
            values.push_back(outcome[r]);
            if (model.grouped()) group.push_back(model.group.cell[r]);
        }
        const auto all = stats::inequality(values, group, static_cast<std::int32_t>(model.group.cells));
        result.sigma.push_back(all.sigma);
        if (t + 1 == T) result.measures = {all.variation, all.sigma, all.theil, all.between, all.within};
    }
    return result;
}

void evaluate(const Model& model, std::size_t s, Work& work, std::span<double> row, std::span<double> draw,
              std::string& problem) {
    const Filler fill(model, s, row);
    const std::vector<double> intensity = model.design.intensities(s);
    try {
        fill.put(model.fields.clipped, static_cast<double>(make_panel(model, intensity, model.point, work)));
        fill.put(model.fields.rows_changed, static_cast<double>(rows_changed(model, work)));
        if (model.program.costed()) {
            double cost = 0;
            for (const double part : work.levers.cost) cost += part;
            fill.put(model.fields.cost, cost);
        }
        if (model.linear) fill.linear(work, draw);
        if (model.frontier) fill.frontier(work);
        if (!model.variables.empty()) fill.variables(work);
        if (!model.draws.empty()) Replicates(model, fill, intensity, work).run(draw);
    } catch (const Error& error) {
        if (error.fault() != Fault::study) throw;
        const Filler blank(model, s, row);
        blank.put(model.fields.refused, 1);
        std::fill(draw.begin(), draw.end(), nan);
        problem = error.what();
    }
}

}  // namespace greenfront::sweep

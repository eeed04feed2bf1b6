#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/efficiency.hpp"
#include "engine/plan/costs.hpp"
#include "engine/plan/programs.hpp"
#include "engine/productivity.hpp"

namespace greenfront::planning {
namespace {

using dea::Disposability, dea::Model, dea::Returns;

/// Rows of the pilot.
constexpr std::size_t pilot_rows = 400;
/// Reference sets below this size are priced whole (kernels/dea/frame.cpp).
constexpr std::size_t least_framed = 64;

bool has_frame(const dea::Settings& settings) {
    return !settings.super && settings.disposability == Disposability::strong &&
           settings.model != Model::cost && settings.model != Model::revenue && settings.model != Model::fdh;
}

bool scores_itself(const ReferenceGroup& group) {
    return group.evaluated_rows == group.reference_rows && group.reference_rows.size() >= least_framed;
}

/// Every s-th usable row, s without a common divisor with the periods, so that all of them are there.
std::vector<char> thinned(const std::vector<char>& usable, std::size_t periods) {
    const auto rows = static_cast<std::size_t>(std::count(usable.begin(), usable.end(), 1));
    std::size_t step = std::max<std::size_t>(1, rows / pilot_rows);
    while (std::gcd(step, std::max<std::size_t>(1, periods)) != 1) ++step;
    std::vector<char> kept(usable.size(), 0);
    std::size_t seen = 0;
    for (std::size_t r = 0; r < usable.size(); ++r) kept[r] = usable[r] && seen++ % step == 0;
    return kept;
}

/// The frame of one group of the whole panel: f of m rows of a pilot become f (n / m)^growth of n.
class Frames {
  public:
    Frames(const Panel& panel, const DeaChoice& choice, const std::vector<char>& usable, bool known) {
        if (!known) return;
        auto settings = choice.settings;
        settings.slacks = false;
        const auto few = thinned(usable, panel.time_value.size());
        double frame = 0, rows = 0, groups = 0;
        for (const auto& group : groups_of(choice, panel, few, nullptr, Fault::study)) {
            if (group.evaluated_rows != group.reference_rows) continue;
            const auto data = quantities(panel, choice.variables, group.evaluated_rows);
            settings.price_all_columns = false;
            const auto scores = dea::evaluate(data, data, group.self, settings);
            const auto efficient = static_cast<double>(
                std::count_if(scores.score.begin(), scores.score.end(), [&](double score) {
                    const double off =
                        choice.settings.model == Model::sbm || choice.settings.model == Model::radial
                            ? std::fabs(score - 1)
                            : std::fabs(score);
                    return off < 1e-9;
                }));
            frame += efficient;
            rows += static_cast<double>(group.evaluated_rows.size());
            ++groups;
        }
        if (groups == 0) return;
        sampled_rows_ = rows / groups;
        sampled_frame_ = std::max(1.0, frame / groups);
    }
    [[nodiscard]] double of(double rows) const {
        if (sampled_rows_ == 0) return std::min(rows, cost::frame_unknown * std::sqrt(rows));
        return std::min(rows, sampled_frame_ * std::pow(rows / sampled_rows_, cost::frame_growth));
    }

  private:
    double sampled_rows_ = 0, sampled_frame_ = 0;
};

double count_variables(const DeaVariables& variables) {
    return static_cast<double>(variables.all().size());
}

/// Programs of a row: stage two is one of its own.
double stages_of(const dea::Settings& settings) {
    if (settings.model == Model::fdh) return 0;  // compares, solves nothing
    return settings.slacks && (settings.model == Model::radial || settings.model == Model::ddf) ? 2 : 1;
}

/// Numbers that one row leaves in one group of the file, peers included; bytes.
double stored_row(const DeaStage& stage, const dea::Settings& settings, double V, bool slacks) {
    const bool second_stage = settings.model == Model::radial || settings.model == Model::ddf;
    double numbers = 1;
    if (settings.model == Model::nddf) numbers += V;
    if (!second_stage || slacks) numbers += V;
    if (slacks) numbers += V;
    if (settings.model != Model::fdh) numbers += V + 1 + (stage.bad.empty() ? 0 : V);
    const double peers = settings.returns == Returns::crs ? 1.5 : 2.5;
    return numbers * cost::value + 3 + peers * 6 * cost::value;
}

}  // namespace

double program_seconds(const dea::Settings& settings, double variables, double reference, double frame) {
    using namespace cost;
    const double columns = reference * variables;
    if (settings.model == Model::fdh) return columns * free_hull_column;
    const bool constant = settings.returns == Returns::crs;
    double seconds = program * (constant ? 1 : variable_returns);
    if (stages_of(settings) == 2) seconds += second_stage;
    if (frame > 0) return seconds + frame * variables * program_column;
    if (settings.super && settings.model == Model::sbm) return seconds + columns * super_sbm_column;
    if (settings.disposability == Disposability::weak && !constant)
        return seconds + columns * kuosmanen_column;
    return seconds + columns * passes_column;
}

EfficiencyWork efficiency_work(const Setting& setting, const std::string& name, const DeaStage& stage) {
    const Workspace& workspace = setting.workspace;
    const Panel& panel = setting.complete;
    DeaChoice choice = choose_dea(stage, Fault::study);
    const bool known = setting.known(choice.variables.columns());
    const auto selected = setting.selected(stage.where);
    EfficiencyWork work;
    work.usable = known ? usable_rows(panel, choice.variables, selected)
                        : (selected.empty() ? std::vector<char>(panel.rows(), 1) : selected);
    if (known) set_means(choice, panel, work.usable);
    const Panel* other = workspace.references.find(name);
    const double V = count_variables(choice.variables);
    const auto groups = groups_of(choice, panel, work.usable, other, Fault::study);
    // Additive programs keep their frame only where every slack has a weight, as all named rules give it.
    const bool framed = has_frame(choice.settings) && other == nullptr;
    const Frames frames(panel, choice, work.usable, known && framed);
    auto plain = choice.settings;
    plain.slacks = false;
    auto alone = choice.settings;
    alone.super = false;
    for (const auto& group : groups) {
        const auto n = static_cast<double>(group.evaluated_rows.size()),
                   reference = static_cast<double>(group.reference_rows.size());
        const double frame = framed && scores_itself(group) ? frames.of(n) : 0;
        work.scored += n;
        work.frame += frame;
        work.reference_links += reference;
        const double super = n * program_seconds(choice.settings, V, reference, frame);
        const double main = choice.combine ? n * program_seconds(alone, V, reference, frames.of(n)) +
                                                 cost::efficient_share * super
                                           : super;
        work.main_seconds += main;
        work.seconds += main;
        if (choice.scale_efficiency) work.seconds += 2 * n * program_seconds(plain, V, reference, frame);
        if (!stage.groups.empty()) work.seconds += main;
    }
    const double each = stages_of(choice.settings);
    work.programs = work.scored * (each + (choice.scale_efficiency ? 2 * stages_of(plain) : 0) +
                                   (stage.groups.empty() ? 0 : each));
    return work;
}

StageCost dea_cost(const Setting& setting, const std::string& name, const DeaStage& stage) {
    const EfficiencyWork work = efficiency_work(setting, name, stage);
    const DeaChoice choice = choose_dea(stage, Fault::study);
    const double V = count_variables(choice.variables), rows = setting.rows;
    StageCost result;
    result.entry = {"dea." + name, "linear programs", static_cast<std::int64_t>(work.programs)};
    result.parallel = work.seconds;
    double row = stored_row(stage, choice.settings, V, stage.slacks);
    result.datasets = 19;
    if (choice.scale_efficiency) {
        row += 4 * cost::value + 1 + 2 * stored_row(stage, choice.settings, V, false);
        result.datasets += 36;
    }
    if (!stage.groups.empty()) row += 2 * cost::value + 1;
    result.values = rows * row;
    result.shrinks = cost::scores_shrink;
    result.held = rows * (3 * cost::value + 2) + work.scored * 20 + work.reference_links * cost::value;
    // Scores by row and as the kernel leaves them, quantities as they are and scaled, peers in both.
    result.temporary = rows * (10 * V + 12) * cost::value;
    result.thread_temporary = work.reference_links * cost::pool_row / std::max(1.0, setting.periods);
    result.buffers = std::min(cost::chunk, rows * V * cost::value) * 10;
    return result;
}

namespace {

/// Seconds of a program on average: half or so of them are rows against their own period.
double productivity_seconds(const ProductivityChoice& choice, double V, double rows, double periods) {
    const auto& settings = choice.dea.settings;
    const bool framed = has_frame(settings);
    const double period = rows / std::max(1.0, periods);
    const double pool = choice.frontier == Frontier::global       ? rows
                        : choice.frontier == Frontier::sequential ? rows / 2
                        : choice.frontier == Frontier::biennial   ? 2 * period
                                                                  : period;
    const double own = choice.frontier == Frontier::sequential ? pool : period;
    const auto one = [&](double reference) {
        return program_seconds(settings, V, reference, framed ? 1 + std::sqrt(reference) / 4 : 0);
    };
    double cross = one(pool);
    if (choice.frontier == Frontier::adjacent && settings.disposability == Disposability::weak)
        cross += pool * cost::beyond_column;
    return (one(own) + cross) / 2;
}

}  // namespace

StageCost productivity_cost(const Setting& setting, const std::string& name, const ProductivityStage& stage) {
    const Panel& panel = setting.complete;
    const ProductivityChoice choice = choose_productivity(stage, Fault::study);
    const auto selected = setting.selected(stage.where);
    const bool known = setting.known(choice.dea.variables.columns());
    const auto usable = known ? usable_rows(panel, choice.dea.variables, selected)
                              : (selected.empty() ? std::vector<char>(panel.rows(), 1) : selected);
    const auto programs = count_programs(panel, selected, usable, choice);
    const double V = count_variables(choice.dea.variables);
    StageCost result;
    result.entry = {"productivity." + name, "linear programs", programs};
    result.parallel =
        static_cast<double>(programs) * productivity_seconds(choice, V, setting.rows, setting.periods);
    const double replicates = static_cast<double>(stage.replicates);
    result.parallel += replicates * result.parallel * cost::replicate_paired;
    double numbers = (choice.pure ? 6.0 : 4.0) + 3 + (choice.pure ? 3.0 : 0.0);
    if (stage.replicates > 0) {
        numbers += (choice.pure ? 5.0 : 3.0) * 4 + 1;
        // The replicates of one pair of periods, and the figures of one part of it again.
        result.temporary =
            replicates *
            (setting.rows / setting.periods * static_cast<double>(sizeof(dea::Change)) + 6 * cost::value);
    }
    result.values = setting.rows * (numbers * cost::value + 1);
    result.shrinks = 0.9;
    result.datasets = stage.replicates > 0 ? 34 : 15;
    result.held = setting.rows * cost::value;
    result.temporary += setting.rows * (10 * V + 30) * cost::value;
    result.buffers = std::min(cost::chunk, setting.rows * cost::value) * 10;
    return result;
}

StageCost index_cost(const Setting& setting, const std::string& name, const IndexStage& stage) {
    const auto indicators = static_cast<double>(stage.positive.size() + stage.negative.size());
    StageCost result;
    result.entry = {"index." + name, "rows", static_cast<std::int64_t>(setting.rows)};
    result.serial = setting.rows * indicators * cost::value_prepared;
    result.values = setting.rows * cost::value;
    result.shrinks = 0.95;
    result.datasets = 7;
    result.held = setting.rows * cost::value;
    result.temporary = setting.rows * indicators * 2 * cost::value;
    return result;
}

}  // namespace greenfront::planning

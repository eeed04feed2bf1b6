#include <algorithm>
#include <cmath>

#include "engine/frontier_choice.hpp"
#include "engine/group_rows.hpp"
#include "engine/plan/costs.hpp"
#include "engine/plan/programs.hpp"
#include "engine/plan/stage_cost.hpp"

namespace greenfront::planning {
namespace {

/// The analysis with nothing but its scores.
DeaStage scores_alone(const DeaStage& stage) {
    DeaStage words = stage;
    words.slacks = words.scale_efficiency = false;
    words.groups.clear();
    return words;
}

/// Rows of the largest technology, and the number of technologies.
struct Technologies {
    double largest = 0, count = 0;
};

Technologies technologies(const Setting& setting, const DeaChoice& choice, const std::vector<char>& usable) {
    Technologies all;
    for (const auto& group : reference_groups(setting.complete, usable, choice.reference, Fault::study)) {
        all.largest = std::max(all.largest, static_cast<double>(group.evaluated_rows.size()));
        ++all.count;
    }
    return all;
}

/// Seconds of a replicate of subsampling: every row against the rows of the clusters that are drawn.
double subsample_seconds(const Setting& setting, const BootDeaStage& stage, const DeaChoice& choice,
                         const std::vector<char>& usable) {
    const auto s = subsample_settings(stage, choice, 0, Fault::study);
    const std::string column = stage.cluster.empty() ? setting.complete.unit_column : stage.cluster;
    const bool units = column == setting.complete.unit_column;
    const double G = units ? setting.units
                           : static_cast<double>(group_levels(column, setting.complete, Fault::study).levels);
    const double share = std::max(2.0, std::floor(std::pow(G, s.kappa))) / G;
    const auto V = static_cast<double>(choice.variables.all().size());
    double seconds = 0;
    for (const auto& group : reference_groups(setting.complete, usable, choice.reference, Fault::study)) {
        const double drawn = share * static_cast<double>(group.reference_rows.size());
        seconds += static_cast<double>(group.evaluated_rows.size()) *
                   program_seconds(s.programs, V, drawn, 0) * cost::subsampled;
    }
    return seconds;
}

/// Each halving scores half of the rows against themselves and the others against their windows.
double separability_seconds(const Setting& setting, const BootDeaStage& stage, const DeaChoice& choice,
                            const std::vector<char>& usable) {
    const auto s = separability_settings(stage, choice, 0, Fault::study);
    const auto V = static_cast<double>(choice.variables.all().size());
    const double r = static_cast<double>(stage.environment.size()),
                 rounds = static_cast<double>(s.splits * (s.halvings + 1));
    double seconds = 0;
    for (const auto& group : reference_groups(setting.complete, usable, choice.reference, Fault::study)) {
        const double half = static_cast<double>(group.evaluated_rows.size()) / 2;
        const double H = s.bandwidth > 0 ? s.bandwidth : 1.74 * std::pow(half, -1 / (r + 4));
        // Of a normal variable about so much lies within H standard deviations of one of its values.
        const double near = half * std::pow(std::min(1.0, 0.55 * H), r);
        seconds +=
            rounds * half *
            (program_seconds(s.programs, V, half / 2, 0) + program_seconds(s.programs, V, near / 2, 0));
    }
    return seconds * cost::windowed;
}

}  // namespace

StageCost boot_dea_cost(const Setting& setting, const std::string& name, const BootDeaStage& stage) {
    const DeaStage words = scores_alone(*setting.study().dea.find(stage.dea));
    const DeaChoice choice = choose_dea(words, Fault::study);
    const EfficiencyWork work = efficiency_work(setting, stage.dea, words);
    const auto B = static_cast<double>(stage.replicates);
    StageCost result;
    const BootDeaKind kind = boot_dea_kind(stage, Fault::study);
    switch (kind) {
        case BootDeaKind::homogeneous:
            result.parallel = B * work.main_seconds * cost::replicate_scored;
            break;
        case BootDeaKind::heterogeneous:
            result.parallel = B * work.main_seconds * cost::replicate_redrawn;
            break;
        case BootDeaKind::subsample:
            result.parallel = B * subsample_seconds(setting, stage, choice, work.usable);
            break;
        case BootDeaKind::returns_test: {
            DeaStage both = words;
            double seconds = 0;
            for (const char* returns : {"crs", "vrs"}) {
                both.returns = returns;
                seconds += efficiency_work(setting, stage.dea, both).main_seconds;
            }
            result.parallel = B * seconds * cost::replicate_scored;
            break;
        }
        case BootDeaKind::separability_test:
            result.parallel = separability_seconds(setting, stage, choice, work.usable);
    }
    const Technologies all = technologies(setting, choice, work.usable);
    result.entry = {"boot_dea." + name, "replicates", stage.replicates};
    result.datasets = 18;
    if (kind == BootDeaKind::returns_test || kind == BootDeaKind::separability_test) {
        result.values = (14 + 2 * static_cast<double>(stage.splits)) * all.count * cost::value;
    } else {
        result.values = setting.rows * (9 * cost::value + 1) + 6 * all.count * cost::value;
        result.shrinks = setting.rows < cost::least_compressed ? 1 : cost::scores_shrink;
        result.held = setting.rows * cost::value;
        result.buffers = std::min(cost::chunk, setting.rows * cost::value) * 9;
        // The replicates of one technology at a time, a score and a status each.
        result.temporary = B * all.largest * (cost::value + 1);
    }
    result.thread_temporary = all.largest * cost::pool_row;
    return result;
}

StageCost two_stage_cost(const Setting& setting, const std::string& name, const TwoStageStage& stage) {
    const DeaStage words = scores_alone(*setting.study().dea.find(stage.dea));
    const EfficiencyWork work = efficiency_work(setting, stage.dea, words);
    const double k = static_cast<double>(stage.environment.size()) + 1,
                 B = static_cast<double>(stage.replicates);
    const double bias = stage.algorithm == 2 ? static_cast<double>(stage.replicates_bias) : 0;
    StageCost result;
    result.entry = {"two_stage." + name, "replicates",
                    stage.replicates + (stage.algorithm == 2 ? stage.replicates_bias : 0)};
    result.parallel = (1 + bias) * work.main_seconds * cost::replicate_scored +
                      B * work.scored * (cost::truncated_draw + k * k * cost::truncated_row_term);
    result.values = B * (k + 1) * cost::value + setting.rows * (2 * cost::value + 1);
    result.shrinks = B < cost::least_compressed ? 1 : cost::draws_shrink;
    result.datasets = 13;
    result.temporary = work.scored * (bias + 4) * cost::value + B * (k + 1) * cost::value;
    result.thread_temporary = work.scored * (k + 6) * cost::value;
    result.buffers = std::min(2 * cost::chunk, result.values);
    return result;
}

}  // namespace greenfront::planning

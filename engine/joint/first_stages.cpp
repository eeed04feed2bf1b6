#include "engine/joint/first_stages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "engine/efficiency.hpp"
#include "engine/index_columns.hpp"
#include "engine/winsorized.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::joint {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Columns found so far; those of stages are followed to what the stage reads.
class Search {
  public:
    Search(const Study& study, const Panel& panel) : study_(study), panel_(panel) {}

    void read(const std::string& name) {
        if (!seen_.insert(name).second) return;
        if (const auto* dea = study_.dea.find(name); dea != nullptr && dea->reference_panel.empty()) {
            follow(choose_dea(*dea, Fault::study).variables.columns());
            follow(columns_read(dea->where, panel_));
            dea_.insert(name);
        } else if (const auto* index = study_.index.find(name)) {
            follow(index->positive);
            follow(index->negative);
            index_.insert(name);
        } else if (study_.productivity.find(name) != nullptr) {
            throw Error(Fault::study,
                        fmt::format("the regression reads productivity.{}, which is not estimated again in "
                                    "resamples; use method = \"pairs-cluster\", which takes it as data",
                                    name));
        } else {
            data_.push_back(name);
        }
    }
    void follow(const std::vector<std::string>& names) {
        for (const auto& name : names) read(name);
    }
    [[nodiscard]] FirstStages found() const {
        FirstStages stages;
        for (const auto& [name, stage] : study_.dea) {
            if (dea_.contains(name)) stages.dea.push_back(name);
        }
        for (const auto& [name, stage] : study_.index) {
            if (index_.contains(name)) stages.index.push_back(name);
        }
        stages.column = data_;
        return stages;
    }

  private:
    const Study& study_;
    const Panel& panel_;
    std::set<std::string> seen_, dea_, index_;
    std::vector<std::string> data_;
};

/// Scores of first copies for all copies of their rows.
std::vector<double> for_all_copies(const ResampledPanel& resample, const std::vector<double>& score,
                                   std::size_t rows) {
    std::vector<double> of_source(rows, nan), all;
    for (std::size_t r = 0; r < score.size(); ++r) {
        if (resample.first[r]) of_source[resample.source[r]] = score[r];
    }
    all.reserve(score.size());
    for (const std::size_t source : resample.source) all.push_back(of_source[source]);
    return all;
}

/// The column that later stages use.
void put(ResampledPanel& resample, const std::string& name, std::vector<double> scores,
         const std::vector<double>& percentiles) {
    std::int64_t moved = 0;
    clip_scores(percentiles, scores, moved);
    resample.panel.set_number(name, std::move(scores), "1");
}

std::vector<double> scores_of(const DeaStage& stage, const ResampledPanel& resample, std::size_t rows,
                              FirstStageWork& work) {
    const Panel& panel = resample.panel;
    DeaChoice choice = choose_dea(stage, Fault::study);
    choice.scale_efficiency = choice.settings.slacks = false;
    choice.groups.clear();
    std::vector<char> usable = usable_rows(panel, choice.variables, select(stage.where, panel, Fault::study));
    set_means(choice, panel, usable);
    // The additive model's weights are statistics of the evaluated rows, in which copies count.
    const bool each_copy = choice.settings.model == dea::Model::additive;
    for (std::size_t r = 0; r < usable.size(); ++r) {
        if (!each_copy && !resample.first[r]) usable[r] = 0;
    }
    const auto groups = groups_of(choice, panel, usable, nullptr, Fault::study);
    const RowScores scores = analyse(panel, panel, choice, groups).scores;
    work.programs += scores.counters.programs;
    work.failed += std::count(scores.status.begin(), scores.status.end(), Status::failed);
    work.failures.insert(work.failures.end(), scores.failures.begin(), scores.failures.end());
    return for_all_copies(resample, scores.score, rows);
}

}  // namespace

FirstStages first_stages(const Study& study, const RegressionStage& regression, const std::string& cluster,
                         const Panel& panel) {
    Search search(study, panel);
    search.follow(columns_read(parse_formula(regression.formula, Fault::study), panel));
    search.follow(columns_read(regression.where, panel));
    for (std::size_t begin = 0; begin <= cluster.size();) {  // a^b
        const std::size_t end = std::min(cluster.find('^', begin), cluster.size());
        search.read(cluster.substr(begin, end - begin));
        begin = end + 1;
    }
    return search.found();
}

FirstStageWork estimate_first_stages(const Workspace& workspace, const FirstStages& stages,
                                     ResampledPanel& resample) {
    FirstStageWork work;
    const Study& study = workspace.study;
    for (const auto& name : stages.dea) {
        const DeaStage& stage = *study.dea.find(name);
        put(resample, name, scores_of(stage, resample, workspace.panel().rows(), work), stage.winsorize);
    }
    for (const auto& name : stages.index) {
        const IndexStage& stage = *study.index.find(name);
        put(resample, name, fit_index(resample.panel, stage).column, stage.winsorize);
    }
    return work;
}

}  // namespace greenfront::joint

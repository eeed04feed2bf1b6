#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/sweep/design.hpp"
#include "engine/sweep/frontier.hpp"
#include "engine/sweep/layout.hpp"
#include "engine/sweep/linear.hpp"
#include "scenarios/levers.hpp"
#include "scenarios/scenario_preparation.hpp"

/// A sweep made ready: everything that does not depend on the scenario. Immutable; threads share it.
namespace greenfront::sweep {

/// Cells of rows that means are taken over: one partition of the averaged rows, -1 outside.
struct Partition {
    std::vector<std::int32_t> cell;  ///< of each panel row
    Eigen::Index cells = 0;
};

/// Numbers of the fields in the layout; only those of the channels in use are set.
struct Fields {
    struct Effect {
        std::size_t value = 0, low = 0, high = 0;
    };
    Effect total, by_time, by_group, by_unit;  ///< econometric
    std::size_t direct = 0, mediated = 0, lost = 0, inequality = 0, sigma = 0, draw = 0;
    std::size_t frontier = 0, frontier_low = 0, frontier_high = 0, frontier_by_time = 0,
                frontier_by_group = 0, frontier_by_unit = 0, frontier_inequality = 0, frontier_sigma = 0,
                frontier_draw = 0;
    std::size_t catch_up = 0, shift = 0, beyond = 0, unscored = 0, failed = 0, programs = 0, pivots = 0;
    std::size_t variable_change = 0, variable_relative = 0, variable_by_time = 0, variable_by_group = 0;
    std::size_t cost = 0, cost_low = 0, cost_high = 0, rows_changed = 0, clipped = 0, refused = 0;
};

/// One index that scenarios make anew.
struct ScenarioIndex {
    std::string name;
    const IndexOutcome* outcome = nullptr;
    const IndexStage* stage = nullptr;  ///< set where it is re-estimated
};

class Model {
  public:
    Model(const Workspace& workspace, const std::string& own_name, const SweepStage& stage,
          std::uint64_t stream);

    const Workspace& workspace;
    std::string sweep_name;
    const SweepStage& stage;
    Design design;
    LeverProgram program;
    LeverProgram::Parameters point;
    std::vector<LeverProgram::Parameters> draws;  ///< of uncertain levers, one a replicate; else empty
    std::optional<LinearChannel> linear;
    std::optional<FrontierChannel> frontier;
    std::optional<ScenarioPreparation> preparation;
    std::vector<ScenarioIndex> indices;

    std::vector<char> use;  ///< panel rows that enter means
    Partition total, time, group, unit;
    std::vector<std::string> group_name;
    std::vector<std::string> variables;  ///< whose totals are reported
    Layout layout;
    Fields fields;

    [[nodiscard]] std::int64_t replicates() const { return replicates_; }
    [[nodiscard]] std::int64_t frontier_replicates() const { return frontier_replicates_; }
    [[nodiscard]] bool grouped() const { return !group_name.empty(); }
    [[nodiscard]] bool keeps_draws() const { return stage.keep == "draws" && replicates_ > 0; }
    [[nodiscard]] std::int64_t rows_averaged() const;

  private:
    void make_linear();
    void make_rows();
    void make_preparation();
    void make_layout();
    std::size_t add(const char* name, const char* long_name, const char* units = "1",
                    std::vector<std::string> dims = {}, std::vector<std::size_t> shape = {});
    std::size_t add_count(const char* name, const char* long_name);
    Fields::Effect add_effect(const std::string& name, const std::string& interval, const char* long_name,
                              std::vector<std::string> dims, std::vector<std::size_t> shape);
    void add_linear_fields();
    void add_frontier_fields();

    std::int64_t replicates_ = 0, frontier_replicates_ = 0;
};

/// Figures of Inequality (kernels/stats/inequality.hpp) in the order in which they are stored.
[[nodiscard]] const std::vector<std::string>& inequality_measures();

/// What a thread needs for its scenarios.
struct Work {
    Panel panel;
    LeverProgram::Outcome levers;
    LinearChannel::Change change;
    std::vector<double> effect, count;
    explicit Work(const Model& model) : panel(model.preparation->start()) {}
};

/// Evaluates scenario s into `row` (layout.width() numbers); `draw` receives the replicates of the total
/// effect where there are any (empty otherwise). A scenario whose levers cannot act has `refused` set, NaN
/// elsewhere, and the reason in `problem`.
void evaluate(const Model& model, std::size_t s, Work& work, std::span<double> row, std::span<double> draw,
              std::string& problem);

/// The outcome's inequality in the baseline, in inequality_measures() order, and sigma by period.
struct BaselineInequality {
    std::vector<double> measures, sigma;
};
[[nodiscard]] BaselineInequality baseline_inequality(const Model& model, const std::vector<double>& outcome);

}  // namespace greenfront::sweep

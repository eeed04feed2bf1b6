#include "engine/plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/plan/costs.hpp"
#include "engine/plan/stage_cost.hpp"
#include "scenarios/expression.hpp"

namespace greenfront {
namespace planning {
namespace {

constexpr double megabyte = 1e6, hour = 3600;

/// The panel with the columns that stages will make; their values are not known yet.
Panel with_placeholders(const Study& study, Panel panel) {
    const std::vector<double> unknown(panel.rows(), std::numeric_limits<double>::quiet_NaN());
    for (const auto& [name, stage] : study.dea) panel.set_number(name, unknown);
    for (const auto& [name, stage] : study.boot_dea) panel.set_number(name, unknown);
    for (const auto& [name, stage] : study.productivity) panel.set_number(name, unknown);
    for (const auto& [name, stage] : study.index) panel.set_number(name, unknown);
    return panel;
}

/// Texts are longer than numbers, in memory as in the file.
double column_bytes(const Panel& panel) {
    double bytes = 0;
    for (const Column& column : panel.columns()) bytes += column.text ? cost::text : cost::value;
    return bytes;
}

StageCost panel_cost(const Setting& setting) {
    const PlanSettings& given = setting.given;
    const Panel& panel = setting.workspace.panel();
    const auto read_rows = static_cast<double>(given.rows);
    StageCost result;
    result.entry = {"panel", "rows", static_cast<std::int64_t>(setting.rows)};
    result.serial = given.calibrated            ? cost::calibration
                    : given.file_megabytes == 0 ? read_rows * cost::row_drawn
                                                : given.file_megabytes * megabyte * cost::byte_read;
    result.serial += setting.rows * setting.columns * cost::value_prepared;
    const double row = column_bytes(panel);
    result.values = setting.rows * row;
    result.shrinks = setting.rows < cost::least_compressed ? 1 : cost::panel_shrinks;
    result.datasets = setting.columns + 2;
    const double as_read = read_rows * (static_cast<double>(given.columns) * cost::value + 16);
    result.held = 2 * as_read + (cost::panel_copies - 2) * setting.rows * (row + 16) +
                  cost::panel_copies * setting.units * cost::text +
                  (given.calibrated ? cost::calibration_memory : 0);
    result.temporary = given.file_megabytes * megabyte;
    if (setting.rows >= cost::least_compressed)
        result.buffers = setting.columns * std::min(cost::chunk, setting.rows * cost::value);
    for (const auto& [name, reference] : setting.workspace.references)
        result.held += static_cast<double>(reference.rows()) * (column_bytes(reference) + 16);
    return result;
}

/// Tables of published figures and of specification curves.
StageCost table_cost(const std::string& stage, const char* work, double lines, double columns) {
    StageCost result;
    result.entry = {stage, work, static_cast<std::int64_t>(lines)};
    result.values = lines * columns * cost::text;
    result.datasets = columns;
    return result;
}

std::vector<StageCost> all_costs(const Setting& setting) {
    const Study& study = setting.study();
    std::vector<StageCost> costs{panel_cost(setting)};
    for (const auto& [name, stage] : study.dea) costs.push_back(dea_cost(setting, name, stage));
    for (const auto& [name, stage] : study.boot_dea) costs.push_back(boot_dea_cost(setting, name, stage));
    for (const auto& [name, stage] : study.productivity)
        costs.push_back(productivity_cost(setting, name, stage));
    for (const auto& [name, stage] : study.index) costs.push_back(index_cost(setting, name, stage));
    for (const auto& [name, stage] : study.two_stage) costs.push_back(two_stage_cost(setting, name, stage));
    for (const auto& [name, stage] : study.regression) costs.push_back(regression_cost(setting, name, stage));
    for (const auto& [name, stage] : study.curve)
        costs.push_back(
            table_cost("curve." + name, "specifications", static_cast<double>(stage.made.size()), 18));
    for (const auto& [name, stage] : study.mediation) costs.push_back(mediation_cost(setting, name, stage));
    for (const auto& [name, stage] : study.bootstrap) costs.push_back(bootstrap_cost(setting, name, stage));
    for (const auto& [name, stage] : study.placebo) costs.push_back(placebo_cost(setting, name, stage));
    for (const auto& [name, stage] : study.sweep) costs.push_back(sweep_cost(setting, name, stage));
    if (const auto figures = setting.workspace.published.size(); figures > 0)
        costs.push_back(table_cost("published", "figures", static_cast<double>(figures), 16));
    return costs;
}

double file_bytes(const StageCost& stage) {
    return stage.values * stage.shrinks + stage.datasets * cost::dataset_metadata;
}

/// The file is made in memory from the results, after the last stage.
StageCost writing_cost(const std::vector<StageCost>& costs) {
    StageCost result;
    double datasets = 0, file = 0, values = 0, buffers = 0;
    for (const auto& stage : costs) {
        datasets += stage.datasets;
        file += file_bytes(stage);
        values += stage.values;
        buffers = std::max(buffers, stage.buffers);
    }
    result.entry = {"results", "datasets", static_cast<std::int64_t>(datasets)};
    result.serial = values * cost::byte_written + datasets * cost::dataset_written;
    result.temporary =
        cost::image_copies * file + datasets * cost::dataset_buffer + buffers + cost::writer_memory;
    return result;
}

/// What earlier stages keep, and what the largest needs besides.
double peak_memory(const std::vector<StageCost>& costs, int threads) {
    double kept = cost::base_memory + (threads - 1) * cost::thread_memory, peak = 0;
    for (const auto& stage : costs) {
        peak = std::max(
            peak, kept + stage.values + stage.held + stage.temporary + threads * stage.thread_temporary);
        kept += stage.values + stage.held;
    }
    return std::max(peak, kept);
}

/// Shards share the blocks of sweeps; each repeats what comes before them.
std::int64_t shards(const Plan& plan, double sweeps) {
    const double before = plan.wall_seconds - sweeps;
    const double room = std::max(hour - before, hour / 2);
    const auto wanted = static_cast<std::int64_t>(std::ceil(sweeps / room));
    return std::max<std::int64_t>(1, std::min(wanted, plan.blocks));
}

}  // namespace

Setting::Setting(const Workspace& workspace_, const PlanSettings& given_)
    : workspace(workspace_),
      given(given_),
      complete(with_placeholders(workspace_.study, workspace_.panel())) {
    rows = static_cast<double>(workspace.panel().rows());
    units = static_cast<double>(workspace.panel().unit_name.size());
    periods = static_cast<double>(std::max<std::size_t>(1, workspace.panel().time_value.size()));
    columns = static_cast<double>(workspace.panel().columns().size());
}

bool Setting::known(const std::vector<std::string>& names) const {
    return std::all_of(names.begin(), names.end(),
                       [&](const std::string& name) { return workspace.panel().has(name); });
}

std::vector<char> Setting::selected(const std::string& where) const {
    auto rows_selected = select(where, complete, Fault::study);
    if (std::find(rows_selected.begin(), rows_selected.end(), 1) == rows_selected.end())
        rows_selected.clear();
    return rows_selected;
}

}  // namespace planning

Plan plan(const Workspace& workspace, const PlanSettings& settings) {
    using namespace planning;
    auto costs = all_costs(Setting(workspace, settings));
    costs.push_back(writing_cost(costs));
    Plan result;
    result.threads = settings.threads;
    double sweeps = 0;
    for (auto& stage : costs) {
        stage.entry.seconds = stage.serial + stage.parallel;
        stage.entry.megabytes = stage.values / megabyte;
        const double wall = stage.serial + stage.parallel / settings.threads;
        result.seconds += stage.entry.seconds;
        result.wall_seconds += wall;
        result.megabytes += stage.entry.megabytes;
        result.file_megabytes += file_bytes(stage) / megabyte;
        result.blocks += stage.entry.blocks;
        result.parts_megabytes += stage.part_bytes / megabyte;
        if (stage.entry.blocks > 0) sweeps += wall;
        result.entries.push_back(stage.entry);
    }
    result.memory_megabytes = peak_memory(costs, settings.threads) / megabyte;
    result.suggested_shards = shards(result, sweeps);
    return result;
}

}  // namespace greenfront

#include "engine/columns.hpp"
#include "engine/stages/stages.hpp"

namespace greenfront::stages {

void panel(Workspace& workspace) {
    const Panel& panel = workspace.panel();
    ResultGroup& root = workspace.results.add("");
    root.variables.push_back(scale("unit", panel.unit_name));
    root.variables.push_back(scale("time", panel.time_value));
    root.attributes.emplace_back("program", std::string("greenfront"));
    root.attributes.emplace_back("format_version", result_format_version);
    root.attributes.emplace_back("study", workspace.study.name);
    root.attributes.emplace_back("title", workspace.study.title);

    ResultGroup& group = workspace.results.add("panel");
    group.attributes.emplace_back("rows", static_cast<std::int64_t>(panel.rows()));
    group.attributes.emplace_back("source", panel.source);
    group.attributes.emplace_back("unit_column", panel.unit_column);
    group.attributes.emplace_back("time_column", panel.time_column);
    const std::size_t units = panel.unit_name.size(), periods = panel.time_value.size();
    for (const Column& column : panel.columns()) {
        if (column.name == panel.unit_column || column.name == panel.time_column) continue;
        if (!column.text) {
            group.variables.push_back(
                by_unit_time(column.name, panel, column.number, column.name, column.unit_of_measure));
            continue;
        }
        std::vector<std::string> grid(units * periods);
        for (std::size_t r = 0; r < panel.rows(); ++r) {
            grid[static_cast<std::size_t>(panel.unit[r]) * periods +
                 static_cast<std::size_t>(panel.time[r])] = column.label[r];
        }
        group.variables.push_back(
            {column.name, {"unit", "time"}, {units, periods}, std::move(grid), {{"long_name", column.name}}});
    }
    std::vector<std::string> notes;
    for (const auto& note : workspace.prepared.notes) {
        notes.push_back(note.step + " " + note.column + ": " + std::to_string(note.cells) + " cells" +
                        (note.detail.empty() ? "" : ", " + note.detail));
    }
    group.attributes.emplace_back("preparation", notes);
}

}  // namespace greenfront::stages

#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/app/study_input.hpp"
#include "engine/runner.hpp"
#include "io/progress_terminal.hpp"

namespace greenfront::app {
namespace {

struct PlanOptions {
    std::string study;
    std::vector<std::string> sets;
    OutputFormat format;
};

void execute(const PlanOptions& options) {
    const auto progress = io::make_progress("none");
    const StudyInput input = load_study(options.study, options.sets, *progress);
    const Workspace workspace = prepare_workspace(input.study, input.catalogue, input.panel, *progress,
                                                  input.references, input.published, input.packages);
    check(workspace);
    const Plan what = plan(workspace);

    io::Table table;
    table.title = fmt::format("Plan of {} ({} units, {} periods, {} rows)", input.study.name,
                              workspace.panel().unit_name.size(), workspace.panel().time_value.size(),
                              workspace.panel().rows());
    table.header = {"stage", "work", "units", "seconds", "MB in file"};
    Json entries = Json::array();
    for (const auto& entry : what.entries) {
        table.rows.push_back({entry.stage, entry.work, std::to_string(entry.units),
                              fmt::format("{:.2g}", entry.seconds), fmt::format("{:.2g}", entry.megabytes)});
        entries.push_back({{"stage", entry.stage},
                           {"work", entry.work},
                           {"units", entry.units},
                           {"seconds", entry.seconds},
                           {"megabytes", entry.megabytes}});
    }
    table.left = {true, true, false, false, false};
    table.notes = {
        fmt::format(
            "Predicted for one core: {:.2g} s, {:.0f} MB of memory, {:.2g} MB of results before compression.",
            what.seconds, what.memory_megabytes, what.megabytes),
        fmt::format("Suggested shards: {}. Run id: {}.", what.suggested_shards, input.run_id),
        "The study and its panel were checked; nothing was run."};
    const Json json{{"study", input.study.name},
                    {"run_id", input.run_id},
                    {"stages", entries},
                    {"seconds", what.seconds},
                    {"memory_megabytes", what.memory_megabytes},
                    {"file_megabytes", what.megabytes},
                    {"suggested_shards", what.suggested_shards}};
    print(options.format, json, {table});
}

}  // namespace

void add_plan(CLI::App& program) {
    auto* command = program.add_subcommand(
        "plan", "check a study without running it: what it will do, how long, how large");
    const auto options = std::make_shared<PlanOptions>();
    command->add_option("STUDY", options->study, "study file (TOML)")->required();
    command->add_option("--set", options->sets, "change a key of the study (may be repeated)")
        ->allow_extra_args(false);
    options->format.add_to(*command);
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

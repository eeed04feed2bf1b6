#include "engine/plan.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "engine/app/commands.hpp"
#include "engine/app/study_input.hpp"
#include "engine/runner.hpp"
#include "io/environment.hpp"
#include "io/pace.hpp"
#include "io/progress_terminal.hpp"
#include "scenarios/synth/draft.hpp"

namespace greenfront::app {
namespace {

struct PlanOptions {
    std::string study;
    std::vector<std::string> sets;
    Threads threads;  ///< of the run, which may be on another machine
    OutputFormat format;
};

PlanSettings settings_of(const PlanOptions& options, const StudyInput& input) {
    PlanSettings settings;
    settings.threads = options.threads.count > 0 ? options.threads.count : io::available_threads();
    settings.rows = input.panel.rows();
    settings.columns = input.panel.columns().size();
    const std::string& file = input.study.panel.file;
    if (file.starts_with("synth:")) {
        SynthSettings made;
        made.cities = static_cast<int>(input.panel.unit_name.size());
        made.first_year = input.panel.time_value.front();
        made.last_year = input.panel.time_value.back();
        settings.calibrated = synth::is_calibrated(made);
    } else {
        settings.file_megabytes = static_cast<double>(std::filesystem::file_size(file)) / 1e6;
    }
    return settings;
}

Json json_of(const StudyInput& input, const Plan& what) {
    Json entries = Json::array();
    for (const auto& entry : what.entries) {
        Json one{{"stage", entry.stage},
                 {"work", entry.work},
                 {"units", entry.units},
                 {"seconds", entry.seconds},
                 {"megabytes", entry.megabytes}};
        if (entry.blocks > 0) {
            one["blocks"] = entry.blocks;
            one["numbers_a_scenario"] = entry.numbers_a_scenario;
            one["programs_a_scenario"] = entry.programs_a_scenario;
        }
        entries.push_back(one);
    }
    return {{"study", input.study.name},
            {"run_id", input.run_id},
            {"stages", entries},
            {"threads", what.threads},
            {"seconds", what.seconds},
            {"wall_seconds", what.wall_seconds},
            {"memory_megabytes", what.memory_megabytes},
            {"values_megabytes", what.megabytes},
            {"file_megabytes", what.file_megabytes},
            {"blocks", what.blocks},
            {"parts_megabytes", what.parts_megabytes},
            {"suggested_shards", what.suggested_shards}};
}

io::Table table_of(const StudyInput& input, const Panel& panel, const Plan& what) {
    io::Table table;
    table.title = fmt::format("Plan of {} ({} units, {} periods, {} rows)", input.study.name,
                              panel.unit_name.size(), panel.time_value.size(), panel.rows());
    table.header = {"stage", "work", "units", "seconds", "MB of numbers"};
    for (const auto& entry : what.entries) {
        table.rows.push_back({entry.stage, entry.work, std::to_string(entry.units),
                              io::rounded(entry.seconds), io::rounded(entry.megabytes)});
    }
    table.left = {true, true, false, false, false};
    table.notes = {fmt::format("Predicted: {} of one core, {} on {} thread{}; {:.0f} MB of memory at most.",
                               io::duration(what.seconds), io::duration(what.wall_seconds), what.threads,
                               what.threads == 1 ? "" : "s", what.memory_megabytes),
                   fmt::format("Result file: about {} MB; {} MB of numbers before compression.",
                               io::rounded(what.file_megabytes), io::rounded(what.megabytes))};
    if (what.blocks > 0) {
        table.notes.push_back(
            fmt::format("Checkpoint: {} parts of up to 64 scenarios, {} MB. Suggested shards: {}.",
                        what.blocks, io::rounded(what.parts_megabytes), what.suggested_shards));
    } else {
        table.notes.emplace_back("No sweep, so there is nothing to divide into shards.");
    }
    table.notes.push_back(fmt::format("Run id: {}.", input.run_id));
    table.notes.emplace_back("The study and its panel were checked; nothing was run.");
    return table;
}

void execute(const PlanOptions& options) {
    const auto progress = io::make_progress("none");
    const StudyInput input = load_study(options.study, options.sets, *progress);
    const Workspace workspace = prepare_workspace(input.study, input.catalogue, input.panel, *progress,
                                                  input.references, input.published, input.packages);
    check(workspace);
    const Plan what = plan(workspace, settings_of(options, input));
    print(options.format, json_of(input, what), {table_of(input, workspace.panel(), what)});
}

}  // namespace

void add_plan(CLI::App& program) {
    auto* command = program.add_subcommand(
        "plan", "check a study without running it: what it will do, how long, how large");
    const auto options = std::make_shared<PlanOptions>();
    command->add_option("STUDY", options->study, "study file (TOML)")->required();
    command->add_option("--set", options->sets, "change a key of the study (may be repeated)")
        ->allow_extra_args(false);
    options->threads.add_to(*command);
    options->format.add_to(*command);
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

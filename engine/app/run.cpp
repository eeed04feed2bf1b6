#include <fmt/format.h>

#include <filesystem>

#include "engine/app/commands.hpp"
#include "engine/app/study_input.hpp"
#include "engine/runner.hpp"
#include "engine/version.hpp"
#include "io/environment.hpp"
#include "io/hdf5.hpp"
#include "io/output.hpp"
#include "io/progress_terminal.hpp"

namespace greenfront::app {
namespace {

struct RunOptions {
    std::string study, output, progress = "auto";
    std::vector<std::string> sets;
    bool force = false;
    Threads threads;
};

/// True when `output` is a complete result of this very run; an output of another run needs --force.
bool already_there(const RunOptions& options, const StudyInput& input) {
    if (options.force || !std::filesystem::exists(options.output)) return false;
    const std::string there = io::run_id(options.output);
    if (there == input.run_id) return true;
    throw Error(Fault::cannot_create,
                fmt::format("{}: exists and is {}; choose another name with -o or replace it with --force",
                            options.output,
                            there.empty() ? "not a complete result of Greenfront"
                                          : "the result of another run (id " + there + ")"));
}

ResultGroup provenance(const StudyInput& input, const RunOptions& options, const std::string& started) {
    const int threads = options.threads.count > 0 ? options.threads.count : io::available_threads();
    return {"provenance",
            {},
            {{"program", std::string("greenfront")},
             {"version", version()},
             {"compiler", compiler()},
             {"flags", compile_flags()},
             {"instruction_set", instruction_set()},
             {"host", io::host_name()},
             {"threads", static_cast<std::int64_t>(threads)},
             {"study", input.resolved},
             {"study_file", input.file},
             {"panel_file", input.study.panel.file},
             {"panel_hash", input.panel_hash},
             {"run_id", input.run_id},
             {"seed", std::to_string(input.study.seed)},
             {"format_version", result_format_version},
             {"started", started},
             {"finished", io::now_utc()}}};
}

void execute(const RunOptions& options) {
    const std::string started = io::now_utc();
    const auto limit = options.threads.apply();
    const auto progress = io::make_progress(options.progress);
    const StudyInput input = load_study(options.study, options.sets, *progress);
    io::check_not_input(options.output, input.files);
    if (already_there(options, input)) {
        progress->note(fmt::format("{}: is complete, the result of this very run (id {}); nothing to do",
                                   options.output, input.run_id));
        return;
    }
    io::check_output(options.output, options.force);
    Workspace workspace = prepare_workspace(input.study, input.catalogue, input.panel, *progress,
                                            input.references, input.published, input.packages);
    check(workspace);
    run(workspace);
    workspace.results.groups.push_back(provenance(input, options, started));
    io::write_results(workspace.results, options.output, options.force);
    progress->note(fmt::format("wrote {}", options.output));
    if (workspace.failed > 0) {
        progress->warning(fmt::format("{} units of work failed; \"greenfront show {}\" counts them by stage",
                                      workspace.failed, options.output));
        exit_code() = 3;
    }
}

}  // namespace

void add_run(CLI::App& program) {
    auto* command = program.add_subcommand("run", "run a study and write its results");
    const auto options = std::make_shared<RunOptions>();
    command->add_option("STUDY", options->study, "study file (TOML)")->required();
    command->add_option("-o,--output", options->output, "result file to write (HDF5)")->required();
    command
        ->add_option("--set", options->sets,
                     "change a key of the study: --set bootstrap.main.replicates=99 (may be repeated)")
        ->allow_extra_args(false);
    command->add_flag("--force", options->force, "replace an existing output");
    command->add_option("--progress", options->progress, "auto, plain, json or none")
        ->check(CLI::IsMember({"auto", "plain", "json", "none"}))
        ->capture_default_str();
    options->threads.add_to(*command);
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <functional>

#include "engine/app/commands.hpp"
#include "engine/app/run_file.hpp"
#include "engine/runner.hpp"
#include "engine/version.hpp"
#include "io/environment.hpp"
#include "io/hdf5.hpp"
#include "io/output.hpp"
#include "io/progress_terminal.hpp"
#include "io/stop.hpp"

namespace greenfront::app {
namespace {

using Clock = std::chrono::steady_clock;

/// "The same command goes on": neither done nor an error.
constexpr int stopped_with_checkpoint = 75;
constexpr int some_units_failed = 3;

struct RunOptions {
    std::string study, output, progress = "auto", shard, time_limit;
    std::vector<std::string> sets;
    bool force = false, fresh = false;
    Threads threads;
    [[nodiscard]] int thread_count() const {
        return threads.count > 0 ? threads.count : io::available_threads();
    }
};

/// `done` ends the run of everything; a shard ends without it.
void compute(const RunOptions& options, const StudyInput& input, io::Parts& parts, Progress& progress,
             const std::function<void(Workspace&)>& done) {
    Workspace workspace = prepare_workspace(input.study, input.catalogue, input.panel, progress,
                                            input.references, input.published, input.packages);
    check(workspace);
    parts.open(options.fresh);
    run(workspace, parts);
    if (!parts.shard()) done(workspace);
    const auto [computed, loaded] = parts.count();
    if (computed + loaded > 0)
        progress.note(fmt::format("blocks of sweeps: {} computed, {} loaded", computed, loaded));
    if (parts.shard()) {
        progress.note(fmt::format("shard {} is complete; when all are: greenfront merge -o {} {}",
                                  options.shard, options.output, parts.folder()));
    }
    if (workspace.failed > 0) {
        progress.warning(fmt::format("{} units of work failed; \"greenfront show {}\" counts them by stage",
                                     workspace.failed, options.output));
        exit_code() = some_units_failed;
    }
}

void tell_stopped(const io::Parts& parts, const Stopped& reason) {
    const auto stored = io::stored_blocks(parts.folder()).size();
    fmt::print(stderr,
               "greenfront: stopped: {}; {} (this run: {} computed, {} loaded); the same command goes on\n",
               reason.what(),
               stored == 0 ? "no block of a sweep was finished yet"
                           : fmt::format("{} finished blocks of sweeps stand in {}", stored, parts.folder()),
               parts.count().computed, parts.count().loaded);
    exit_code() = stopped_with_checkpoint;
}

void execute(const RunOptions& options) {
    const std::string started = io::now_utc();
    io::Parts::Settings settings;
    if (!options.time_limit.empty())
        settings.deadline = Clock::now() + io::parse_time_limit(options.time_limit);
    if (!options.shard.empty()) settings.shard = io::parse_shard(options.shard);
    io::catch_stop_signals();
    const auto limit = options.threads.apply();
    const auto progress = io::make_progress(options.progress);
    const StudyInput input = load_study(options.study, options.sets, *progress);
    io::check_not_input(options.output, input.files);
    settings.folder = io::parts_folder(options.output);
    settings.run = identity_of(input);
    settings.instruction_set = instruction_set();
    if (already_there(options.output, options.force, input)) {
        progress->note(fmt::format("{}: is complete, the result of this very run (id {}); nothing to do",
                                   options.output, input.run_id));
        return;
    }
    io::check_output(options.output, options.force);
    io::Parts parts(settings, *progress);
    try {
        compute(options, input, parts, *progress, [&](Workspace& workspace) {
            workspace.results.groups.push_back(
                provenance(input, {started, options.thread_count(), parts.count()}));
            io::write_results(workspace.results, options.output, options.force);
            io::remove_parts(parts.folder());
            progress->note(fmt::format("wrote {}", options.output));
        });
    } catch (const Stopped& reason) {
        tell_stopped(parts, reason);
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
    command->add_flag("--fresh", options->fresh, "remove the checkpoints of an earlier run and begin anew");
    command->add_option("--time-limit", options->time_limit,
                        "hh:mm:ss after which the run stops with a checkpoint and exit code 75");
    command->add_option(
        "--shard", options->shard,
        "k/N: compute every N-th block of the sweeps only, or slurm: as the task of a job array; "
        "\"greenfront merge\" makes the results");
    command->add_option("--progress", options->progress, "auto, plain, json or none")
        ->check(CLI::IsMember({"auto", "plain", "json", "none"}))
        ->capture_default_str();
    options->threads.add_to(*command);
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

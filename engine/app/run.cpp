#include <fmt/format.h>

#include <chrono>

#include "engine/app/commands.hpp"
#include "engine/app/run_file.hpp"
#include "engine/runner.hpp"
#include "engine/version.hpp"
#include "io/environment.hpp"
#include "io/hdf5.hpp"
#include "io/output.hpp"
#include "io/progress_file.hpp"
#include "io/stop.hpp"

namespace greenfront::app {
namespace {

using Clock = std::chrono::steady_clock;

/// "The same command goes on": neither done nor an error.
constexpr int stopped_with_checkpoint = 75;

struct RunOptions {
    std::string study, output, progress = "auto", shard, time_limit;
    std::vector<std::string> sets;
    bool force = false, fresh = false, no_file = false;
    InstructionSet isa;
    Threads threads;
    [[nodiscard]] int thread_count() const {
        return threads.count > 0 ? threads.count : io::available_threads();
    }
};

/// A whole run ends with its results, a shard with its parts.
void compute(const RunOptions& options, const StudyInput& input, Workspace& workspace, io::Parts& parts,
             const std::string& started) {
    run(workspace, parts);
    const auto [computed, loaded] = parts.count();
    if (computed + loaded > 0)
        workspace.progress.note(fmt::format("blocks of sweeps: {} computed, {} loaded", computed, loaded));
    if (parts.shard()) {
        workspace.progress.note(
            fmt::format("shard {}/{} is complete; when all are: greenfront merge -o {} {}",
                        parts.place().index, parts.place().count, options.output, parts.folder()));
        return tell_failed(workspace, options.output, true);
    }
    workspace.results.groups.push_back(provenance(input, {started, options.thread_count(), parts.count()}));
    try {
        io::write_results(workspace.results, options.output, options.force);
    } catch (const Error& error) {
        const bool kept = computed + loaded > 0;
        throw Error(
            Fault::io,
            kept ? fmt::format("{}. Finished blocks of sweeps stay in {}: the same command goes on with them",
                               error.what(), parts.folder())
                 : error.what());
    }
    parts.discard();
    workspace.progress.note(fmt::format("wrote {}", options.output));
    tell_failed(workspace, options.output, false);
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

bool complete(const RunOptions& options, const StudyInput& input, Progress& progress) {
    if (!already_there(options.output, options.force, input)) return false;
    if (const auto there = io::instruction_set_of(options.output);
        options.isa.name == "portable" && there != instruction_set()) {
        throw Error(
            Fault::cannot_create,
            fmt::format("{}: is the complete result of this run, but computed with instruction set {}, not "
                        "{} as --isa portable asks; replace it with --force or choose another name with -o",
                        options.output, there, instruction_set()));
    }
    progress.note(fmt::format("{}: is complete, the result of this very run (id {}); nothing to do",
                              options.output, input.run_id));
    return true;
}

/// The time limit counts from here, the first thing that the program does.
io::Parts::Settings settings_of(const RunOptions& options) {
    io::Parts::Settings settings;
    if (!options.time_limit.empty())
        settings.deadline = Clock::now() + io::parse_time_limit(options.time_limit);
    if (!options.shard.empty()) settings.shard = io::parse_shard(options.shard);
    settings.output = options.output;
    settings.instruction_set = instruction_set();
    return settings;
}

/// Returns why it has stopped with a checkpoint; nothing where it is done.
std::string execute(const RunOptions& options, io::RunProgress& progress, const std::string& started,
                    io::Parts::Settings settings) {
    progress.note(
        fmt::format("threads: {}; instruction set: {}", options.threads.described(), instruction_set()));
    const StudyInput input = load_study(options.study, options.sets, progress);
    io::check_not_input(options.output, input.files);
    if (complete(options, input, progress)) return {};
    io::check_output(options.output, options.force);
    if (settings.shard.asked && input.study.sweep.items.empty()) {
        throw Error(Fault::usage,
                    fmt::format("--shard: {} has no sweep, and nothing else is shared out; leave "
                                "--shard out",
                                options.study));
    }
    Workspace workspace = prepare_workspace(input.study, input.catalogue, input.panel, progress,
                                            input.references, input.published, input.packages);
    check(workspace);
    settings.run = identity_of(input);
    io::Parts parts(settings, progress);
    parts.open(options.fresh);
    // Another process may have ended between the first look and the lock.
    if (complete(options, input, progress)) return {};
    progress.open(progress_head("run", input, options.output, settings.shard, options.thread_count()),
                  options.no_file ? "" : io::progress_file(options.output, settings.shard));
    io::FailedUnits failed(options.output, failed_from(input));
    if (!parts.shard()) failed.remove_leftovers();
    workspace.failures = &failed;
    const KeptUnits kept(failed, progress);
    try {
        compute(options, input, workspace, parts, started);
    } catch (const Stopped& reason) {
        tell_stopped(parts, reason);
        return reason.what();
    }
    return {};
}

void execute(const RunOptions& options) {
    options.isa.apply();
    const std::string started = io::now_utc();
    const io::Parts::Settings settings = settings_of(options);
    io::catch_stop_signals();
    io::RunProgress progress(io::make_progress(options.progress));
    to_the_end(progress, [&] { return execute(options, progress, started, settings); });
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
    command->add_flag("--fresh", options->fresh,
                      "compute everything anew: the blocks in OUTPUT.parts that this run needs are removed");
    command->add_option(
        "--time-limit", options->time_limit,
        "hh:mm:ss from the start, after which the run stops with a checkpoint and exit code 75");
    command->add_option(
        "--shard", options->shard,
        "k/N: compute every N-th block of the sweeps only, or slurm: k and N from the job array; "
        "\"greenfront merge\" makes the results");
    command->add_option("--progress", options->progress, "auto, plain, json or none")
        ->check(one_of({"auto", "plain", "json", "none"}))
        ->capture_default_str();
    command->add_flag("--no-progress-file", options->no_file,
                      "keep no OUTPUT.progress.json, from which other programs read how far the run is");
    options->isa.add_to(*command);
    options->threads.add_to(*command);
    command->footer(
        "Every finished block of a sweep is kept in OUTPUT.parts: stopped or killed at any moment, the same\n"
        "command goes on and ends with the same numbers. USR1, TERM, Ctrl-C or a file OUTPUT.parts/STOP: "
        "the\n"
        "blocks in flight are finished, then exit code 75. Ctrl-C twice: exit code 130 at once.");
    command->callback([options] { options->threads.run([&] { execute(*options); }); });
}

}  // namespace greenfront::app

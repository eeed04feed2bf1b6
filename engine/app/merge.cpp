#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "engine/app/commands.hpp"
#include "engine/app/run_file.hpp"
#include "engine/runner.hpp"
#include "engine/version.hpp"
#include "io/environment.hpp"
#include "io/hdf5.hpp"
#include "io/output.hpp"
#include "io/part_file.hpp"
#include "io/problems.hpp"
#include "io/progress_file.hpp"

namespace greenfront::app {
namespace {

struct MergeOptions {
    std::string output, progress = "auto";
    std::vector<std::string> parts, sets;
    bool force = false, no_file = false;
    InstructionSet isa;
    Threads threads;
};

/// A folder of parts, or the output beside which it stands.
std::string folder_of(const std::string& name) {
    for (const auto& folder : {name, io::parts_folder(name)}) {
        if (std::error_code none; std::filesystem::exists(io::study_of_parts(folder), none)) return folder;
    }
    throw Error(Fault::no_input,
                fmt::format("{}: is no folder of parts; name what \"greenfront run --shard\" has left, e.g. "
                            "results.h5.parts",
                            name));
}

/// "0-3, 7" of ascending numbers.
std::string ranges(const std::vector<std::int64_t>& numbers) {
    std::string text;
    for (std::size_t i = 0; i < numbers.size();) {
        std::size_t j = i;
        while (j + 1 < numbers.size() && numbers[j + 1] == numbers[j] + 1) ++j;
        text += text.empty() ? "" : ", ";
        text += i == j ? fmt::format("{}", numbers[i]) : fmt::format("{}-{}", numbers[i], numbers[j]);
        i = j + 1;
    }
    return text;
}

/// Every block of the plan has a file, and every file is of the plan. Throws Error(data) with what is
/// missing, a line a sweep, and with what is too much.
void check_cover(const Workspace& workspace, const std::vector<std::string>& folders) {
    std::set<std::pair<std::int64_t, std::int64_t>> there;
    for (const auto& folder : folders) {
        for (const BlockName name : io::stored_blocks(folder)) there.emplace(name.sweep, name.block);
    }
    io::Problems problems(Fault::data);
    std::int64_t sweep = 0;
    for (const auto& [name, blocks] : sweep_blocks(workspace)) {
        std::vector<std::int64_t> missing;
        for (std::int64_t b = 0; b < blocks; ++b) {
            if (there.erase({sweep, b}) == 0) missing.push_back(b);
        }
        if (!missing.empty()) {
            problems.add(
                fmt::format("sweep.{}: {} of {} blocks are in none of the parts: {}; run the shards that "
                            "have them (block b belongs to shard b mod N + 1 of N) and merge again",
                            name, missing.size(), blocks, ranges(missing)));
        }
        ++sweep;
    }
    for (const auto& [of, block] : there) {
        problems.add(
            fmt::format("block {} of sweep number {} has a part, but the study has no such block; "
                        "remove the file {}",
                        block, of, io::part_file_name({of, block})));
    }
    problems.throw_if_any();
}

void execute(const MergeOptions& options, io::RunProgress& progress, const std::string& started) {
    std::vector<std::string> folders;
    for (const auto& name : options.parts) folders.push_back(folder_of(name));
    const StudyInput input = load_study(io::study_of_parts(folders.front()), options.sets, progress);
    const auto run = identity_of(input);
    for (const auto& folder : folders) io::check_identity(folder, run);
    if (already_there(options.output, options.force, input)) {
        progress.note(fmt::format("{}: is complete, the result of this very run (id {}); nothing to do",
                                  options.output, input.run_id));
        return;
    }
    io::check_not_input(options.output, input.files);
    io::check_output(options.output, options.force);
    Workspace workspace = prepare_workspace(input.study, input.catalogue, input.panel, progress,
                                            input.references, input.published, input.packages);
    check(workspace);
    check_cover(workspace, folders);
    const int threads = options.threads.count > 0 ? options.threads.count : io::available_threads();
    progress.open(progress_head("merge", input, options.output, {}, threads),
                  options.no_file ? "" : io::progress_file(options.output, {}));
    io::MergedParts parts(folders, input.run_id, instruction_set(), progress);
    io::FailedUnits failed(options.output, failed_from(input));
    workspace.failures = &failed;
    const KeptUnits kept(failed, progress);
    greenfront::run(workspace, parts);
    workspace.results.groups.push_back(provenance(input, {started, threads, parts.count()}));
    io::write_results(workspace.results, options.output, options.force);
    progress.note(fmt::format("wrote {} from {} blocks; the parts are no longer needed", options.output,
                              parts.count().loaded));
    tell_failed(workspace, options.output, false);
}

void execute(const MergeOptions& options) {
    options.isa.apply();
    const std::string started = io::now_utc();
    io::RunProgress progress(io::make_progress(options.progress));
    to_the_end(progress, [&] {
        execute(options, progress, started);
        return std::string();  // a merge does not stop on its way
    });
}

}  // namespace

void add_merge(CLI::App& program) {
    auto* command =
        program.add_subcommand("merge", "make the results of a run from the parts that its shards have left");
    const auto options = std::make_shared<MergeOptions>();
    command->add_option("PART", options->parts, "folders of parts: results.h5.parts")->required();
    command->add_option("-o,--output", options->output, "result file to write (HDF5)")->required();
    command
        ->add_option("--set", options->sets,
                     "where the panel stands now, if not where the shards read it: --set "
                     "panel.file='\"/data/panel.csv\"' (what changes the run is refused)")
        ->allow_extra_args(false);
    command->add_flag("--force", options->force, "replace an existing output");
    command->add_option("--progress", options->progress, "auto, plain, json or none")
        ->check(one_of({"auto", "plain", "json", "none"}))
        ->capture_default_str();
    command->add_flag("--no-progress-file", options->no_file,
                      "keep no OUTPUT.progress.json, from which other programs read how far the merge is");
    options->isa.add_to(*command);
    options->threads.add_to(*command);
    command->callback([options] { options->threads.run([&] { execute(*options); }); });
}

}  // namespace greenfront::app

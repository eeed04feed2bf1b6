#include "engine/app/run_file.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "engine/app/commands.hpp"
#include "engine/version.hpp"
#include "io/environment.hpp"
#include "io/hdf5.hpp"
#include "io/published_file.hpp"
#include "io/study_file.hpp"
#include "kernels/error.hpp"

namespace greenfront::app {
namespace {

constexpr int some_units_failed = 3;

}  // namespace

bool already_there(const std::string& output, bool force, const StudyInput& input) {
    std::error_code unknown;  // a name that cannot be looked at is refused where outputs are checked
    if (force || !std::filesystem::exists(output, unknown)) return false;
    const std::string there = io::run_id(output);
    if (there == input.run_id) return true;
    throw Error(
        Fault::cannot_create,
        fmt::format("{}: exists and is {}; choose another name with -o or replace it with --force", output,
                    there.empty() ? "not a complete result of Greenfront"
                                  : "the result of another run (id " + there + ")"));
}

io::RunIdentity identity_of(const StudyInput& input) {
    // The copy of the study lies in another folder than the study: it names its files absolutely.
    Study study = input.given;
    const auto absolute = [](std::string& file) { file = std::filesystem::absolute(file).string(); };
    if (!study.panel.file.starts_with("synth:")) absolute(study.panel.file);
    for (auto& [name, stage] : study.dea.items) {
        if (!stage.reference_panel.empty()) absolute(stage.reference_panel);
    }
    if (std::string& figures = study.published.file; !figures.empty() && !io::embedded_figures(figures))
        absolute(figures);
    return {input.run_id, input.identity, io::write_study(study)};
}

io::FailedFrom failed_from(const StudyInput& input) {
    return {version(), instruction_set(), input.run_id};
}

KeptUnits::~KeptUnits() {
    if (!failed_.problem().empty())
        progress_.warning(fmt::format("programs of failed units could not be kept: {}", failed_.problem()));
    if (failed_.files() == 0) return;
    progress_.warning(
        fmt::format("{} failed programs are kept in {} (a process keeps a hundred at most); \"greenfront "
                    "replay FILE\" solves "
                    "one again",
                    failed_.files(), failed_.folder()));
}

void tell_failed(const Workspace& workspace, const std::string& output, bool shard) {
    if (workspace.failed == 0) return;
    workspace.progress.warning(
        shard ? fmt::format("{} units of work failed; the merge counts them again", workspace.failed)
              : fmt::format("{} units of work failed; \"greenfront show {}\" counts them by stage",
                            workspace.failed, output));
    exit_code() = some_units_failed;
}

io::ProgressHead progress_head(const std::string& command, const StudyInput& input, const std::string& output,
                               const io::Shard& shard, int threads) {
    return {command, version(), input.file, output, input.run_id, shard, threads};
}

void to_the_end(io::RunProgress& progress, const std::function<std::string()>& work) {
    try {
        const std::string stopped = work();
        progress.finish(stopped.empty() ? io::RunState::done : io::RunState::stopped, stopped, exit_code());
    } catch (const std::exception& error) {
        const auto [message, code] = ending_of(error);
        progress.finish(io::RunState::failed, message, code);
        throw;
    }
}

ResultGroup provenance(const StudyInput& input, const RunFacts& facts) {
    return {"provenance",
            {},
            {{"program", std::string("greenfront")},
             {"version", version()},
             {"compiler", compiler()},
             {"flags", compile_flags()},
             {"instruction_set", instruction_set()},
             {"host", io::host_name()},
             {"threads", static_cast<std::int64_t>(facts.threads)},
             {"study", input.resolved},
             {"study_file", input.file},
             {"panel_file", input.study.panel.file},
             {"panel_hash", input.panel_hash},
             {"run_id", input.run_id},
             {"seed", std::to_string(input.study.seed)},
             {"format_version", result_format_version},
             {"blocks_computed", facts.blocks.computed},
             {"blocks_loaded", facts.blocks.loaded},
             {"started", facts.started},
             {"finished", io::now_utc()}}};
}

}  // namespace greenfront::app

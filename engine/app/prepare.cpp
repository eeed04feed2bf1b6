#include <fmt/format.h>

#include <sstream>

#include "engine/app/commands.hpp"
#include "engine/app/study_input.hpp"
#include "engine/runner.hpp"
#include "io/csv.hpp"
#include "io/output.hpp"
#include "io/progress_terminal.hpp"

namespace greenfront::app {
namespace {

struct PrepareOptions {
    std::string study, output;
    std::vector<std::string> sets;
    bool force = false;
};

void execute(const PrepareOptions& options) {
    const auto progress = io::make_progress("plain");
    const StudyInput input = load_study(options.study, options.sets, *progress);
    io::check_not_input(options.output, input.files);
    io::check_output(options.output, options.force);
    const Workspace workspace = prepare_workspace(input.study, input.catalogue, input.panel, *progress,
                                                  input.references, input.published, input.packages);
    std::ostringstream text;
    io::write_csv(text, workspace.panel());
    io::write_file(options.output, text.str(), options.force);
    progress->note(fmt::format("wrote {}: {} rows", options.output, workspace.panel().rows()));
}

}  // namespace

void add_prepare(CLI::App& program) {
    auto* command = program.add_subcommand("prepare", "write the panel after a study's preparation as CSV");
    const auto options = std::make_shared<PrepareOptions>();
    command->add_option("STUDY", options->study, "study file (TOML)")->required();
    command->add_option("-o,--output", options->output, "CSV file to write")->required();
    command->add_option("--set", options->sets, "change a key of the study (may be repeated)")
        ->allow_extra_args(false);
    command->add_flag("--force", options->force, "replace an existing output");
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/app/commands.hpp"
#include "io/hdf5.hpp"

namespace greenfront::app {
namespace {

struct CompareOptions {
    std::string file, sweep, by;
};

void execute(const CompareOptions& options) {
    const Results results = io::read_results(options.file);
    std::vector<std::string> sweeps;
    for (const auto* group : results.under("sweep"))
        sweeps.push_back(group->path.substr(std::string("sweep/").size()));
    if (sweeps.empty())
        throw Error(
            Fault::usage,
            fmt::format("{}: has no sweep; add [sweep.NAME] to the study and run it again", options.file));
    if (!options.sweep.empty()) sweeps = {options.sweep};
    std::string text;
    for (const auto& sweep : sweeps)
        text += (text.empty() ? "" : "\n") + io::text(io::ranking_table(results, sweep, options.by));
    print(text);
}

}  // namespace

void add_compare(CLI::App& program) {
    auto* command = program.add_subcommand("compare", "rank the scenarios of a sweep");
    const auto options = std::make_shared<CompareOptions>();
    command->add_option("RESULTS", options->file, "result file")->required();
    command->add_option("--sweep", options->sweep, "name of a sweep; default: all of them");
    command->add_option("--by", options->by, "effects by lever, group or year")
        ->check(CLI::IsMember({"lever", "group", "year"}));
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

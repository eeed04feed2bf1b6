#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/app/commands.hpp"
#include "io/hdf5.hpp"

namespace greenfront::app {
namespace {

struct CompareOptions {
    std::string file, sweep, by, format = "table";
    std::size_t top = 40;
};

std::string rendered(const io::Table& table, const std::string& format) {
    if (format == "csv") return io::csv(table);
    if (format == "tex") return io::latex(table);
    if (format == "md") return io::markdown(table);
    return io::text(table);
}

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
    if (options.format != "table" && sweeps.size() > 1) {
        throw Error(Fault::usage, fmt::format("--format {} prints one sweep; name it with --sweep, one of {}",
                                              options.format, fmt::join(sweeps, ", ")));
    }
    // A file for other programs holds every scenario.
    const std::size_t top = options.format == "table" ? options.top : 0;
    std::string text;
    std::string first_problem;
    for (const auto& sweep : sweeps) {
        try {
            const auto table = rendered(io::ranking_table(results, sweep, options.by, top), options.format);
            text += (text.empty() ? "" : "\n") + table;
        } catch (const Error& error) {
            // Of several sweeps those that hold the comparison are printed, and the others named.
            if (error.fault() != Fault::usage || sweeps.size() == 1) throw;
            fmt::print(stderr, "greenfront: left out: {}\n", error.what());
            if (first_problem.empty()) first_problem = error.what();
        }
    }
    if (text.empty()) throw Error(Fault::usage, first_problem);
    print(text);
}

}  // namespace

void add_compare(CLI::App& program) {
    auto* command = program.add_subcommand("compare", "rank the scenarios of a sweep");
    const auto options = std::make_shared<CompareOptions>();
    command->add_option("RESULTS", options->file, "result file")->required();
    command->add_option("--sweep", options->sweep, "name of a sweep; default: all of them");
    command
        ->add_option(
            "--by", options->by,
            "effects by lever, group, year or unit; pairs: differences and dominance; pareto: effect "
            "against cost; sensitivity: Sobol' indices; inequality; variable: totals")
        ->check(one_of(io::comparisons()));
    command->add_option("--top", options->top, "rows of the ranking; 0: all")
        ->check(CLI::Range(0, 1000000000))
        ->capture_default_str();
    command->add_option("--format", options->format, "table, csv, tex or md")
        ->check(one_of({"table", "csv", "tex", "md"}))
        ->capture_default_str();
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

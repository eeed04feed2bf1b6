#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "io/hdf5.hpp"

namespace greenfront::app {
namespace {

struct ShowOptions {
    std::string file, table, term;
    TableStyle style;
};

/// Without a table: everything a reader of a paper would look for, in its order.
void execute(const ShowOptions& options) {
    const io::Style style = options.style.read();
    Results results = io::read_results(options.file);
    std::string sweeps;
    for (const auto* sweep : results.under("sweep")) {
        sweeps += (sweeps.empty() ? "" : "\n") + io::text(io::table(results, sweep->path));
    }
    if (!options.term.empty() && options.table != "curve")
        throw Error(Fault::usage, "--term belongs to the table curve: show RESULTS curve --term NAME");
    if (options.table == "curve") {
        print(io::text(io::curve_table(results, "", options.term, style)));
        return;
    }
    if (!options.table.empty()) {
        print(options.table == "sweep" && !sweeps.empty()
                  ? sweeps
                  : io::text(io::table(results, options.table, style)));
        return;
    }
    const std::size_t left_out = io::leave_out_curves(results);
    std::string text = io::text(io::contents_table(results));
    for (const char* kind :
         {"dea", "boot_dea", "returns_test", "separability_test", "productivity", "index", "two_stage",
          "regression", "first_stage", "difference", "mediation", "bootstrap", "placebo", "curve"}) {
        if (!results.under(kind).empty()) text += "\n" + io::text(io::table(results, kind, style));
    }
    if (!sweeps.empty()) text += "\n" + sweeps;
    if (left_out > 0) {
        text += fmt::format(
            "\n{} stages that curves made are left out here; show RESULTS contents, dea, index and "
            "regression have them, regression/NAME one in full.\n",
            left_out);
    }
    print(text);
}

}  // namespace

void add_show(CLI::App& program) {
    auto* command = program.add_subcommand("show", "print tables of a result file");
    const auto options = std::make_shared<ShowOptions>();
    command->add_option("RESULTS", options->file, "result file")->required();
    command->add_option(
        "TABLE", options->table,
        "contents, describe, dea, dea/NAME, boot_dea, boot_dea/NAME, returns_test, separability_test, "
        "productivity, productivity/NAME, index, two_stage, two_stage/NAME, regression, regression/NAME, "
        "first_stage, first_stage/NAME, difference, difference/NAME, mediation, mediation/NAME, bootstrap, "
        "placebo, curve, curve/NAME, paper, paper/TABLE, sweep/NAME; default: all but describe, paper and "
        "those of one stage");
    command->add_option("--term", options->term, "curve: a regressor, in all regressions that have it");
    options->style.add_to(*command);
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

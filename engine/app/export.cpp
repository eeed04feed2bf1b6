#include <fmt/format.h>

#include <algorithm>

#include "engine/app/commands.hpp"
#include "io/hdf5.hpp"
#include "io/long_table.hpp"

namespace greenfront::app {
namespace {

struct ExportOptions {
    std::string file, table, format = "csv";
    TableStyle style;
};

Json cell_json(const Values& column, std::size_t row) {
    return std::visit(
        [&](const auto& v) -> Json {
            if constexpr (std::is_same_v<typename std::decay_t<decltype(v)>::value_type, double>) {
                return number(v[row]);
            } else {
                return v[row];
            }
        },
        column);
}

/// A table as `show` prints it, for a paper.
bool print_shown(const ExportOptions& options, const Results& results) {
    const bool marked_up = options.format == "markdown" || options.format == "latex";
    const auto names = io::table_names(results);
    const bool shown = std::find(names.begin(), names.end(), options.table) != names.end();
    const bool group = results.find(options.table) != nullptr;
    if (options.format == "json" && shown && !group) {
        throw Error(
            Fault::usage,
            fmt::format("{} is a table of show: export it as csv, markdown or latex, or name one of its "
                        "groups ({}/NAME) for json",
                        options.table, options.table));
    }
    if (!marked_up && (!shown || group)) return false;
    const io::Table table = io::table(results, options.table, options.style.read());
    print(options.format == "markdown" ? io::markdown(table)
          : options.format == "latex"  ? io::latex(table)
                                       : io::csv(table));
    return true;
}

void execute(const ExportOptions& options) {
    const Results results = io::read_results(options.file);
    // The comparison with a publication is a group of its own; its cells are rounded for reading only.
    const bool figures = options.table == "paper" && options.format == "json";
    if (!figures && print_shown(options, results)) return;
    const io::LongTable table = io::long_table(results, figures ? "published" : options.table);
    for (const auto& name : table.left_out) {
        fmt::print(stderr,
                   "greenfront: left out: {}; name its longest dimension behind the group, {}/DIMENSION\n",
                   name, options.table);
    }
    if (options.format == "csv") {
        print(io::csv(table));
        return;
    }
    Json rows = Json::array();
    for (std::size_t r = 0; r < table.rows(); ++r) {
        Json row = Json::object();
        for (std::size_t c = 0; c < table.columns.size(); ++c)
            row[table.header[c]] = cell_json(table.columns[c], r);
        rows.push_back(std::move(row));
    }
    print(rows.dump(1) + "\n");
}

}  // namespace

void add_export(CLI::App& program) {
    auto* command = program.add_subcommand("export", "write a table of a result file to standard output");
    const auto options = std::make_shared<ExportOptions>();
    command->add_option("RESULTS", options->file, "result file")->required();
    command
        ->add_option("TABLE", options->table,
                     "a group (panel, dea/NAME, regression/NAME, sweep/NAME, ...), or a group and a "
                     "dimension: dea/NAME/peer_entry, bootstrap/NAME/replicate, regression/NAME/test; "
                     "GROUP/attributes for its facts; or a table of show (regression, dea, ...)")
        ->required();
    command
        ->add_option(
            "--format", options->format,
            "csv or json: a group in full precision; csv, markdown or latex: a table of show as it is "
            "printed")
        ->check(CLI::IsMember({"csv", "json", "markdown", "latex"}))
        ->capture_default_str();
    options->style.add_to(*command);
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

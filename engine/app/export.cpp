#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "engine/app/commands.hpp"
#include "io/dta.hpp"
#include "io/hdf5.hpp"
#include "io/long_table.hpp"
#include "io/output.hpp"
#include "io/tidy_table.hpp"

namespace greenfront::app {
namespace {

struct ExportOptions {
    std::string file, table, format = "csv", only, output;
    bool force = false;
    TableStyle style;
};

/// Both spellings of the two formats of printed tables.
bool is_tex(const std::string& format) {
    return format == "tex" || format == "latex";
}
bool is_markdown(const std::string& format) {
    return format == "md" || format == "markdown";
}

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

std::string json_text(const io::LongTable& table) {
    Json rows = Json::array();
    for (std::size_t r = 0; r < table.rows(); ++r) {
        Json row = Json::object();
        for (std::size_t c = 0; c < table.columns.size(); ++c)
            row[table.header[c]] = cell_json(table.columns[c], r);
        rows.push_back(std::move(row));
    }
    return rows.dump(1) + "\n";
}

/// "2026-11-22T01:38:00Z" as seconds; a Stata file tells when the results were made, so that the same
/// results give the same bytes.
std::time_t time_of(const Results& results) {
    const auto* provenance = results.find("provenance");
    const auto* value = provenance == nullptr ? nullptr : provenance->attribute("finished");
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
    std::tm parts{};
    if (text == nullptr || ::strptime(text->c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) return 0;
    return ::timegm(&parts);
}

std::string dta_bytes(const ExportOptions& options, const Results& results, const io::LongTable& table) {
    std::string title = "Greenfront: " + options.table;
    if (const auto* root = results.find(""); root != nullptr) {
        const auto* study = root->attribute("study");
        if (const auto* name = study == nullptr ? nullptr : std::get_if<std::string>(study))
            title += " of study " + *name;
    }
    io::DtaFile file = io::dta(table, {title, time_of(results)});
    for (const auto& note : file.notes) fmt::print(stderr, "greenfront: {}\n", note);
    return std::move(file.bytes);
}

/// A table as `show` prints it, for a paper; nothing where the name and the format mean a dataset.
std::optional<std::string> shown_table(const ExportOptions& options, const Results& results) {
    const bool marked_up = is_tex(options.format) || is_markdown(options.format);
    const auto names = io::table_names(results);
    const bool shown = std::find(names.begin(), names.end(), options.table) != names.end();
    const bool group = results.find(options.table) != nullptr;
    if ((options.format == "json" || options.format == "dta") && shown && !group) {
        throw Error(
            Fault::usage,
            fmt::format("{} is a table of show: export it as csv, md or tex, or name one of its "
                        "groups ({}/NAME) for {}{}",
                        options.table, options.table, options.format,
                        options.table == "regression" ? "; tidy and glance hold all regressions" : ""));
    }
    if (!marked_up && (!shown || group)) return std::nullopt;
    const io::Table table = io::table(results, options.table, options.style.read());
    return is_markdown(options.format) ? io::markdown(table)
           : is_tex(options.format)    ? io::latex(table)
                                       : io::csv(table);
}

io::LongTable dataset(const std::string& name, const Results& results) {
    const auto slash = name.find('/');
    const std::string front = name.substr(0, slash);
    const std::string stage = slash == std::string::npos ? "" : name.substr(slash + 1);
    if (front == "tidy") return io::tidy_table(results, stage);
    if (front == "glance") return io::glance_table(results, stage);
    return io::long_table(results, name);
}

std::string rendered(const ExportOptions& options, const Results& results) {
    // The comparison with a publication is a group of its own; its cells are rounded for reading only.
    const bool figures = options.table == "paper" && (options.format == "json" || options.format == "dta");
    const bool broom = options.table.starts_with("tidy") || options.table.starts_with("glance");
    if (broom && (is_tex(options.format) || is_markdown(options.format))) {
        throw Error(Fault::usage, fmt::format("{} is a dataset: export it as csv, json or dta; the printed "
                                              "table is called regression",
                                              options.table));
    }
    if (!figures && !broom) {
        if (auto text = shown_table(options, results)) return std::move(*text);
    }
    const io::LongTable table = dataset(figures ? "published" : options.table, results);
    for (const auto& name : table.left_out) {
        fmt::print(stderr,
                   "greenfront: left out: {}; name its longest dimension behind the group, {}/DIMENSION\n",
                   name, options.table);
    }
    if (options.format == "dta") return dta_bytes(options, results, table);
    return options.format == "json" ? json_text(table) : io::csv(table);
}

void execute(const ExportOptions& options) {
    if (!options.output.empty()) {
        io::check_output(options.output, options.force);
        io::check_not_input(options.output, {options.file});
    } else if (options.format == "dta" && ::isatty(STDOUT_FILENO) != 0) {
        throw Error(Fault::usage, "a Stata file is not for the screen; name a file with -o FILE.dta");
    }
    Results results = io::read_results(options.file);
    if (!options.only.empty()) {
        const std::string kind = options.table.starts_with("first_stage") ? "first_stage" : "regression";
        if (options.table != "tidy" && options.table != "glance" && options.table != kind) {
            throw Error(Fault::usage,
                        "--only chooses columns of the tables regression and first_stage, or "
                        "rows of tidy and glance");
        }
        io::keep_only(results, kind, names(options.only, "--only"));
    }
    const std::string text = rendered(options, results);
    if (options.output.empty()) {
        print(text);
    } else {
        io::write_file(options.output, text, options.force);
    }
}

}  // namespace

void add_export(CLI::App& program) {
    auto* command =
        program.add_subcommand("export", "write a table of a result file to standard output or a file");
    const auto options = std::make_shared<ExportOptions>();
    command->add_option("RESULTS", options->file, "result file")->required();
    command
        ->add_option("TABLE", options->table,
                     "a group (panel, dea/NAME, regression/NAME, sweep/NAME, ...), or a group and a "
                     "dimension: dea/NAME/peer_entry, bootstrap/NAME/replicate, regression/NAME/test; "
                     "GROUP/attributes for its facts; tidy, tidy/NAME, glance, glance/NAME: regressions with "
                     "the column names of R's broom; or a table of show (regression, dea, ...)")
        ->required();
    command
        ->add_option(
            "--format", options->format,
            "csv, json or dta (Stata 14 and later): a dataset in full precision; csv, md or tex: a table "
            "of show as it is printed, tex with booktabs and threeparttable (markdown, latex: the same)")
        ->check(one_of({"csv", "json", "dta", "md", "tex", "markdown", "latex"}))
        ->capture_default_str();
    command->add_option("--only", options->only,
                        "regression, first_stage, tidy, glance: these regressions, in this order (a,b,c)");
    command->add_option("-o,--output", options->output, "file to write; default: standard output");
    command->add_flag("--force", options->force, "replace the file where it exists");
    options->style.add_to(*command);
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

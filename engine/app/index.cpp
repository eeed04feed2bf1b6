#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/app/commands.hpp"
#include "engine/index_columns.hpp"
#include "io/csv.hpp"

namespace greenfront::app {
namespace {

struct IndexOptions {
    std::string panel, unit, time, positive, negative, method = "entropy";
    double shift = 0;
    std::vector<double> weights;
    OutputFormat format;
};

struct Indicators {
    std::vector<std::string> name;
    std::vector<bool> negative;
};

Indicators indicators(const IndexOptions& options) {
    Indicators result;
    const auto add = [&](const std::string& list, const std::string& option, bool negative) {
        if (list.empty()) return;
        for (const auto& name : names(list, option)) {
            if (name == options.unit || name == options.time) {
                throw Error(Fault::usage, fmt::format("{}: \"{}\" names the rows and cannot be an indicator",
                                                      option, name));
            }
            if (std::find(result.name.begin(), result.name.end(), name) != result.name.end()) {
                throw Error(
                    Fault::usage,
                    fmt::format("{}: \"{}\" is named twice; an indicator has one direction", option, name));
            }
            result.name.push_back(name);
            result.negative.push_back(negative);
        }
    };
    add(options.positive, "--positive", false);
    add(options.negative, "--negative", true);
    if (result.name.empty())
        throw Error(Fault::usage, "index: name indicators with --positive, --negative or both");
    return result;
}

/// Rows of the panel in the order of the file.
std::vector<std::size_t> file_order(const Panel& panel) {
    std::vector<std::size_t> order(panel.rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return panel.file_row[a] < panel.file_row[b]; });
    return order;
}

io::Table weight_table(const std::string& method, const Indicators& used, const index::Fit& fit,
                       std::size_t rows, std::size_t left_out) {
    io::Table table;
    table.title = method == "entropy" ? "Entropy weights" : fmt::format("Weights, method {}", method);
    table.header = {"indicator", "direction", "minimum", "maximum", "entropy", "weight"};
    table.left = {true, true, false, false, false, false};
    for (std::size_t k = 0; k < used.name.size(); ++k) {
        const auto at = static_cast<Eigen::Index>(k);
        table.rows.push_back({used.name[k], used.negative[k] ? "less is better" : "more is better",
                              fmt::format("{:.6g}", fit.minimum[at]), fmt::format("{:.6g}", fit.maximum[at]),
                              fmt::format("{:.6f}", fit.entropy[at]), fmt::format("{:.6f}", fit.weight[at])});
    }
    table.notes.push_back(fmt::format("{} rows; {} with a missing indicator left out", rows, left_out));
    return table;
}

void execute(const IndexOptions& options) {
    if (!std::isfinite(options.shift) || options.shift < 0) {
        throw Error(Fault::usage,
                    fmt::format("--shift {}: zero or a positive number is needed", options.shift));
    }
    const Indicators used = indicators(options);
    const auto weighting = parse_weighting(options.method, options.shift, options.weights, Fault::usage);
    const Panel panel = io::read_panel(options.panel, options.unit, options.time);
    const IndicatorRows complete = complete_rows(panel, used.name);
    const auto fit = index::fit_weights(complete.values, used.negative, weighting, used.name);
    const auto score = index_column(panel, used.name, fit);

    Json weights = Json::object();
    for (std::size_t k = 0; k < used.name.size(); ++k) {
        weights[used.name[k]] = number(fit.weight[static_cast<Eigen::Index>(k)]);
    }
    Json units = Json::array();
    io::Table scores;
    scores.title = "Scores";
    scores.header = {"unit", "time", "score"};
    const bool full = options.format.name == "csv";  // all digits for machines
    for (const auto r : file_order(panel)) {
        const std::string& unit = panel.unit_name[static_cast<std::size_t>(panel.unit[r])];
        const Json time = panel.has_time() ? Json(panel.time_value[static_cast<std::size_t>(panel.time[r])])
                                           : Json(nullptr);
        units.push_back({{"unit", unit}, {"time", time}, {"score", number(score[r])}});
        const std::string shown = std::isnan(score[r]) ? ""
                                  : full               ? fmt::format("{}", score[r])
                                                       : fmt::format("{:.6f}", score[r]);
        scores.rows.push_back({unit, time.is_null() ? "" : time.dump(), shown});
    }
    const Json json{{"method", options.method}, {"weights", weights}, {"units", units}};
    std::vector<io::Table> tables;
    if (!full)
        tables.push_back(
            weight_table(options.method, used, fit, complete.row.size(), panel.rows() - complete.row.size()));
    tables.push_back(std::move(scores));
    print(options.format, json, tables);
}

}  // namespace

void add_index(CLI::App& program) {
    auto* command = program.add_subcommand(
        "index", "composite index with weights by entropy, equal ones, by CRITIC or given ones");
    const auto options = std::make_shared<IndexOptions>();
    command->add_option("PANEL", options->panel, "panel file (CSV, Stata, or a result file)")->required();
    command->add_option("--unit", options->unit, "column that names the unit")->required();
    command->add_option("--time", options->time, "column with the integer period");
    command->add_option("--positive", options->positive, "indicators where more is better, a,b,c");
    command->add_option("--negative", options->negative, "indicators where less is better, a,b,c");
    command->add_option("--method", options->method, "weighting method: entropy, equal, critic or fixed")
        ->capture_default_str();
    command
        ->add_option("--weights", options->weights,
                     "fixed: one number an indicator, those of --positive first, w1,w2,...")
        ->delimiter(',');
    command->add_option("--shift", options->shift, "added to the standardised values")->capture_default_str();
    options->format.add_to(*command);
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

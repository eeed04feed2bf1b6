#include "scenarios/levers.hpp"

#include <fmt/format.h>

#include <cmath>

#include "engine/app/commands.hpp"
#include "io/study_file.hpp"

namespace greenfront::app {
namespace {

/// "students x (1 + 1 i)" or "green_cover: 1 i of the gap to p90", with i the intensity.
std::string effect(const Operation& operation) {
    if (operation.type == "scale") {
        return fmt::format("{} x (1 {} {} i)", operation.variable, operation.per_unit < 0 ? "-" : "+",
                           std::abs(operation.per_unit));
    }
    return fmt::format("{}: {} i of the gap {} to p{}", operation.variable, operation.per_unit,
                       operation.from_above ? "down" : "up", operation.target);
}

Json lever_json(const Lever& lever, const std::string& name) {
    Json operations = Json::array();
    for (const auto& o : lever.operations) {
        Json operation{{"type", o.type}, {"variable", o.variable}, {"per_unit", number(o.per_unit)}};
        if (o.type == "close_gap") {
            operation["target"] = number(o.target);
            operation["from_above"] = o.from_above;
        }
        operations.push_back(operation);
    }
    const bool priced = lever.cost_per_unit != 0;
    return {{"name", name},
            {"title", lever.title},
            {"description", lever.description},
            {"source", lever.source},
            {"intensity_unit", lever.intensity_unit},
            {"intensity_low", number(lever.intensity_low)},
            {"intensity_high", number(lever.intensity_high)},
            {"operations", operations},
            {"cost_per_unit", priced ? number(lever.cost_per_unit) : Json(nullptr)},
            {"cost_unit", priced ? Json(lever.cost_unit) : Json(nullptr)}};
}

void execute(const OutputFormat& format) {
    io::Table table;
    table.title = "Policy levers";
    table.header = {"lever", "intensity i", "range", "moves", "title"};
    table.left = {true, true, true, true, true};
    table.notes = {
        "A study adds levers of its own as tables [lever.NAME]; where they come from: --format json."};
    Json levers = Json::array();
    for (const auto& [name, lever] : io::lever_catalogue()) {
        levers.push_back(lever_json(lever, name));
        const std::string range = fmt::format("{} .. {}", lever.intensity_low, lever.intensity_high);
        if (!table.rows.empty()) table.rules.push_back(table.rows.size());
        for (std::size_t o = 0; o < lever.operations.size(); ++o) {
            const std::string moved = effect(lever.operations[o]);
            const bool repeat = format.name == "csv" || o == 0;  // a CSV row stands on its own
            table.rows.push_back(
                repeat ? std::vector<std::string>{name, lever.intensity_unit, range, moved, lever.title}
                       : std::vector<std::string>{"", "", "", moved, ""});
        }
    }
    print(format, Json{{"levers", levers}}, {table});
}

}  // namespace

void add_levers(CLI::App& program) {
    auto* command = program.add_subcommand("levers", "list the catalogue of policy levers");
    const auto format = std::make_shared<OutputFormat>();
    format->add_to(*command);
    command->callback([format] { execute(*format); });
}

}  // namespace greenfront::app

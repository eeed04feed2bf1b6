#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/app/lever_text.hpp"
#include "engine/app/regression_io.hpp"
#include "io/shown.hpp"
#include "io/study_file.hpp"

namespace greenfront::app {
namespace {

struct Choice {
    std::string name;   ///< of a lever or package; empty: all
    std::string study;  ///< a study file, whose own levers come first
    std::uint64_t draws = 0, seed = 1;
    OutputFormat format;
};

/// The levers and packages of a study, and those of the catalogue that it does not replace.
struct Known {
    Named<Lever> levers;
    Named<Package> packages;
};
template <class T>
void append(Named<T>& known, Named<T> more) {
    for (auto& item : more.items) {
        if (known.find(item.first) == nullptr) known.items.push_back(std::move(item));
    }
}
Known known_to(const std::string& study) {
    Known known;
    if (!study.empty()) {
        Study own = io::read_study(study, {});
        known = {std::move(own.lever), std::move(own.package)};
        for (const auto& [name, lever] : known.levers) require_lever(lever);
    }
    append(known.levers, io::lever_catalogue());
    append(known.packages, io::package_catalogue());
    return known;
}

/// A row for each operation, so that programs can read it.
io::Table operations_table(const Named<Lever>& levers) {
    io::Table table;
    table.header = {"lever", "intensity i", "range", "moves", "title"};
    for (const auto& [name, lever] : levers) {
        const std::string range = fmt::format("{} .. {}", lever.intensity_low, lever.intensity_high);
        for (const auto& o : lever.operations)
            table.rows.push_back({name, lever.intensity_unit, range, formula(o), lever.title});
    }
    return table;
}

io::Table levers_table(const Named<Lever>& levers) {
    io::Table table;
    table.title = "Policy levers";
    table.header = {"lever", "intensity", "title"};
    table.left = {true, true, true};
    for (const auto& [name, lever] : levers) {
        table.rows.push_back(
            {name,
             fmt::format("{} .. {} {}", lever.intensity_low, lever.intensity_high, lever.intensity_unit),
             lever.title});
    }
    return table;
}

io::Table packages_table(const Named<Package>& packages) {
    io::Table table;
    table.title = "Packages of levers";
    table.header = {"package", "levers", "title"};
    table.left = {true, true, true};
    constexpr std::size_t shown = 3;
    for (const auto& [name, package] : packages) {
        std::string levers;
        for (std::size_t l = 0; l < std::min(shown, package.levers.size()); ++l)
            levers += (l == 0 ? "" : ", ") + package.levers[l].lever;
        if (package.levers.size() > shown)
            levers += fmt::format(" and {} more", package.levers.size() - shown);
        table.rows.push_back({name, levers, package.title});
    }
    table.notes = {
        "greenfront levers NAME explains a lever or package: source, assumptions, uncertainty, how to use "
        "it.",
        "A study adds its own as tables [lever.NAME] and [package.NAME]."};
    return table;
}

void list(const Known& known, const std::string& format) {
    const auto& [levers, packages] = known;
    if (format == "toml") {
        std::string text;
        for (const auto& [name, lever] : levers) text += (text.empty() ? "" : "\n") + io::write_lever(lever);
        for (const auto& [name, package] : packages) text += "\n" + io::write_package(package);
        return print(text);
    }
    Json json{{"levers", Json::array()}, {"packages", Json::array()}};
    for (const auto& [name, lever] : levers) json["levers"].push_back(lever_json(lever));
    for (const auto& [name, package] : packages) json["packages"].push_back(package_json(package));
    if (format == "csv") return print(io::csv(operations_table(levers)));
    print(OutputFormat{format}, json, {levers_table(levers), packages_table(packages)});
}

[[noreturn]] void unknown(const Known& known, const std::string& name) {
    auto names = known.levers.names();
    for (const auto& one : known.packages.names()) names.push_back(one);
    const std::string near = nearest(name, names);
    throw Error(Fault::usage, fmt::format("levers: there is no lever or package \"{}\"; {}", name,
                                          near.empty() ? "\"greenfront levers\" lists them"
                                                       : fmt::format("did you mean \"{}\"?", near)));
}

void explain(const Lever& lever, const Choice& choice) {
    const std::string& format = choice.format.name;
    if (choice.draws > 0 && format != "json")
        throw Error(Fault::usage, "levers: --draws needs --format json");
    if (format == "toml") return print(io::write_lever(lever));
    if (format == "table") return print(io::printable(explained(lever)));
    Json json = lever_json(lever);
    if (choice.draws > 0) json["draws"] = draws_json(lever, choice.seed, choice.draws);
    Named<Lever> one;
    one.add(lever.name) = lever;
    print(choice.format, json, {operations_table(one)});
}

void explain(const Known& known, const Package& package, const std::string& format) {
    if (format == "toml") return print(io::write_package(package));
    if (format == "json") return print(package_json(package).dump(2) + "\n");
    if (format == "table") return print(io::printable(explained(package, known.levers)));
    throw Error(Fault::usage,
                fmt::format("levers: the package \"{}\" has no CSV; use --format table, json or "
                            "toml",
                            package.name));
}

void execute(const Choice& choice) {
    const Known known = known_to(choice.study);
    const Lever* lever = choice.name.empty() ? nullptr : known.levers.find(choice.name);
    const Package* package = choice.name.empty() ? nullptr : known.packages.find(choice.name);
    if (choice.draws > 0 && lever == nullptr)
        throw Error(Fault::usage, "levers: --draws needs the name of a lever");
    if (choice.name.empty()) return list(known, choice.format.name);
    if (lever != nullptr) return explain(*lever, choice);
    if (package != nullptr) return explain(known, *package, choice.format.name);
    unknown(known, choice.name);
}

}  // namespace

void add_levers(CLI::App& program) {
    auto* command = program.add_subcommand("levers", "list policy levers and packages, or explain one");
    const auto choice = std::make_shared<Choice>();
    command->add_option("name", choice->name, "a lever or package to explain (default: list all)");
    command->add_option("--format", choice->format.name, "how to print the result: table, csv, json or toml")
        ->check(one_of({"table", "csv", "json", "toml"}))
        ->capture_default_str();
    command->add_option("--study", choice->study, "a study file, whose own levers and packages come first");
    command
        ->add_option("--draws", choice->draws,
                     "with a lever and --format json: this many draws of its uncertain parameters")
        ->check(CLI::Range(0, 1000000));
    command->add_option("--seed", choice->seed, "of the draws: the study's seed")
        ->check(whole_seed())
        ->capture_default_str();
    command->callback([choice] { execute(*choice); });
}

}  // namespace greenfront::app

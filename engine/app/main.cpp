#include <fmt/format.h>

#include <cctype>
#include <cstdio>
#include <exception>

#include "engine/app/command_tree.hpp"
#include "engine/app/commands.hpp"
#include "engine/version.hpp"
#include "io/environment.hpp"
#include "io/shown.hpp"
#include "kernels/blocking.hpp"
#include "scenarios/nearest.hpp"

namespace {

using namespace greenfront;

/// A message that cannot be written must not be another error.
void tell(const std::string& message) {
    const std::string line = "greenfront: " + greenfront::io::printable(message) + "\n";
    (void)std::fwrite(line.data(), 1, line.size(), stderr);
}

void declare(CLI::App& program) {
    program.description(
        "Greenfront measures the efficiency of units in a panel, explains it by regressions, tests it by\n"
        "bootstrap and placebo, and compares policy scenarios.\n\n"
        "A first look:   greenfront run STUDY.toml -o results.h5\n"
        "                greenfront show results.h5\n"
        "One analysis:   greenfront dea panel.csv --unit city --time year --inputs k,l --good gdp --bad co2 "
        "--model sbm");
    program.set_version_flag("--version", version_text(), "print version and build facts");
    program.require_subcommand(1);
    program.fallthrough(false);
    app::add_run(program);
    app::add_plan(program);
    app::add_merge(program);
    app::add_replay(program);
    app::add_show(program);
    app::add_compare(program);
    app::add_export(program);
    app::add_report(program);
    app::add_verify(program);
    app::add_prepare(program);
    app::add_dea(program);
    app::add_productivity(program);
    app::add_boot_dea(program);
    app::add_partial_frontier(program);
    app::add_two_stage(program);
    app::add_index(program);
    app::add_regress(program);
    app::add_bootstrap(program);
    app::add_placebo(program);
    app::add_group_difference(program);
    app::add_synth(program);
    app::add_levers(program);
    app::add_help(program);
    app::add_completion(program);
    app::add_man(program);
    app::describe_values(program);
}

/// All names of commands, and all flags of one of them.
std::vector<std::string> commands_of(const CLI::App& program) {
    std::vector<std::string> names;
    for (const auto* command : program.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}
std::vector<std::string> flags_of(const CLI::App& command) {
    std::vector<std::string> flags;
    for (const auto* option : command.get_options()) {
        for (const auto& name : option->get_lnames()) flags.push_back("--" + name);
    }
    return flags;
}

/// The first word of a command line that looks like a flag and is none, without what stands behind "=".
std::string unknown_flag(const CLI::App& command) {
    for (const auto& word : command.remaining()) {
        if (word.size() > 1 && word.front() == '-' && std::isdigit(static_cast<unsigned char>(word[1])) == 0)
            return word.substr(0, word.find('='));
    }
    return {};
}

/// A flag that is not known is the reason for what seems to be missing, too.
std::string reason(const CLI::App& command, const CLI::ParseError& error) {
    const bool about_names = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                             dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    const std::string flag = about_names ? unknown_flag(command) : "";
    if (flag.empty()) return error.what();
    return fmt::format("{} is not an option of {}{}", flag, command.get_name(),
                       did_you_mean(flag, flags_of(command)));
}

/// What is wrong with a command line that CLI11 refuses, on standard error.
int refuse(const CLI::App& program, const CLI::ParseError& error, int argc, char** argv) {
    const auto chosen = program.get_subcommands();
    if (!chosen.empty()) {
        tell(fmt::format("{}\nRun \"greenfront {} --help\" for the options.",
                         io::shown(reason(*chosen.front(), error), 1000), chosen.front()->get_name()));
    } else if (argc < 2) {
        tell("a command is needed\n\n" + program.help());
    } else {
        auto known = commands_of(program);
        for (auto& flag : flags_of(program)) known.push_back(std::move(flag));
        tell(fmt::format("\"{}\" is not a command{}; run \"greenfront --help\" for the list",
                         io::shown(argv[1]), did_you_mean(argv[1], known)));
    }
    return static_cast<int>(Fault::usage);
}

int run(int argc, char** argv) {
    CLI::App program{"", "greenfront"};
    declare(program);
    try {
        program.parse(argc, argv);
    } catch (const CLI::Success& success) {  // --help, --version
        return program.exit(success);
    } catch (const CLI::ParseError& error) {
        return refuse(program, error, argc, argv);
    }
    return app::exit_code();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        greenfront::io::prepare_process();
        greenfront::fix_blocking();
        return run(argc, argv);
    } catch (const std::exception& error) {
        const auto [message, code] = greenfront::app::ending_of(error);
        tell(message);
        return code;
    }
}

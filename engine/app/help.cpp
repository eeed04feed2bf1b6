// The commands that tell of the others: help, completion, man.
#include <fmt/format.h>

#include "engine/app/command_tree.hpp"
#include "engine/app/commands.hpp"
#include "engine/app/completion.hpp"
#include "engine/app/manual.hpp"
#include "io/output.hpp"
#include "io/study_file.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront::app {
namespace {

void help(const CLI::App& program, const std::string& name, bool all) {
    if (all) return print(overview(command_tree(program)));
    if (name.empty()) {
        // help() would tell of the command that was given, which is this one.
        return print(
            program.get_formatter()->make_help(&program, program.get_name(), CLI::AppFormatMode::Normal));
    }
    std::vector<std::string> known;
    for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
        if (command->get_name() == name) return print(command->help(program.get_name()));
        known.push_back(command->get_name());
    }
    throw Error(Fault::usage, fmt::format("help: \"{}\" is not a command{}; \"greenfront help\" lists them",
                                          name, did_you_mean(name, known)));
}

struct MadeText {
    std::string shell, output;
    void add_to(CLI::App& command) {
        command.add_option("-o,--output", output, "file to write; default: standard output")
            ->type_name("FILE");
    }
    void put(const std::string& text) const {
        if (output.empty()) return print(text);
        io::write_file(output, text, true);
    }
};

/// The names of levers and packages are no part of the parser, but their option has a fixed set of values,
/// too.
std::vector<CommandFacts> tree_with_levers(const CLI::App& program) {
    auto tree = command_tree(program);
    std::vector<std::string> names = io::lever_catalogue().names();
    for (const auto& name : io::package_catalogue().names()) names.push_back(name);
    for (auto& command : tree) {
        if (command.name == "levers") command.arguments.front().words = names;
    }
    return tree;
}

}  // namespace

void add_help(CLI::App& program) {
    auto* command = program.add_subcommand("help", "explain a command, or list all of them");
    const auto name = std::make_shared<std::string>();
    const auto all = std::make_shared<bool>(false);
    command->add_option("COMMAND", *name, "the command to explain (default: a list)");
    command->add_flag("--all", *all, "every command with all its options");
    command->callback([&program, name, all] { help(program, *name, *all); });
}

void add_completion(CLI::App& program) {
    auto* command = program.add_subcommand(
        "completion",
        "print a script by which a shell completes commands, options, values, files and columns");
    const auto text = std::make_shared<MadeText>();
    command->add_option("SHELL", text->shell, "bash, zsh or fish")
        ->required()
        ->check(one_of({"bash", "zsh", "fish"}));
    text->add_to(*command);
    command->footer(
        "bash: source <(greenfront completion bash), now or in ~/.bashrc.\n"
        "zsh:  greenfront completion zsh -o FOLDER/_greenfront, in a folder of $fpath; then compinit.\n"
        "fish: greenfront completion fish -o ~/.config/fish/completions/greenfront.fish");
    command->callback([&program, text] {
        const auto tree = tree_with_levers(program);
        text->put(text->shell == "bash"  ? bash_completion(tree)
                  : text->shell == "zsh" ? zsh_completion(tree)
                                         : fish_completion(tree));
    });
}

void add_man(CLI::App& program) {
    auto* command = program.add_subcommand("man", "print the manual page greenfront(1)");
    const auto text = std::make_shared<MadeText>();
    text->add_to(*command);
    command->footer("To read it: greenfront man -o greenfront.1; man -l greenfront.1");
    command->callback([&program, text] { text->put(man_page(command_tree(program))); });
}

}  // namespace greenfront::app

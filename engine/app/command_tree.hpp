#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

/// The commands and options of the program as data, read from the parser itself: help, completion and the man
/// page are made of it and cannot fall behind.
namespace greenfront::app {

/// An option or, where it has no flags, an argument in its place.
struct OptionFacts {
    std::vector<std::string> flags;  ///< "-o", "--output"
    std::string name;                ///< of an argument: PANEL
    std::string type;                ///< FILE, COLUMN, COLUMNS, TEXT, INT, UINT, FLOAT; empty: takes no value
    std::string limits;              ///< "INT in [1 - 4096]", where there are some
    std::vector<std::string> words;  ///< values with a name; those that end with ':' or '/' go on
    std::string help, by_default;
    bool more = false;  ///< there are other values than the words
    bool required = false, repeated = false;
    [[nodiscard]] bool takes_value() const { return !type.empty(); }
    /// "-o, --output FILE"
    [[nodiscard]] std::string written() const;
};

struct CommandFacts {
    std::string name, help, footer;
    std::vector<OptionFacts> arguments, options;
};

/// The commands in the order in which they are declared. The program's own options are those of a first
/// command without a name.
[[nodiscard]] std::vector<CommandFacts> command_tree(const CLI::App& program);

/// Says of each option which kind of value it takes: a file, columns of the panel, certain words. Whoever
/// reads an option checks what it gets; this is for help and completion.
void describe_values(CLI::App& program);

}  // namespace greenfront::app

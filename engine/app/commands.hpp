#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/settings.hpp"
#include "io/table.hpp"
#include "kernels/error.hpp"

/// The subcommands. Each add_NAME declares the options of one subcommand and what it does; it stands in a
/// file of its own. A command throws Error for the user's faults and prints to standard output only when
/// it has everything, so that an error leaves nothing there.
namespace greenfront::app {

void add_run(CLI::App& program);
void add_plan(CLI::App& program);
void add_merge(CLI::App& program);
void add_replay(CLI::App& program);
void add_show(CLI::App& program);
void add_compare(CLI::App& program);
void add_export(CLI::App& program);
void add_report(CLI::App& program);
void add_verify(CLI::App& program);
void add_prepare(CLI::App& program);
void add_dea(CLI::App& program);
void add_productivity(CLI::App& program);
void add_boot_dea(CLI::App& program);
void add_partial_frontier(CLI::App& program);
void add_two_stage(CLI::App& program);
void add_index(CLI::App& program);
void add_regress(CLI::App& program);
void add_bootstrap(CLI::App& program);
void add_placebo(CLI::App& program);
void add_group_difference(CLI::App& program);
void add_synth(CLI::App& program);
void add_levers(CLI::App& program);
void add_help(CLI::App& program);
void add_completion(CLI::App& program);
void add_man(CLI::App& program);

/// Only these words are values of the option; another is refused with the nearest of them.
[[nodiscard]] CLI::Validator one_of(std::vector<std::string> words);

/// The exit code of the command that ran, when it is neither 0 nor an Error (3: some units failed; 75:
/// stopped with a checkpoint).
int& exit_code();

using Json = nlohmann::ordered_json;

/// A double as JSON: NaN and infinities are null.
[[nodiscard]] Json number(double value);

/// --format table|csv|json of the one-shots.
struct OutputFormat {
    std::string name = "table";
    void add_to(CLI::App& command);
};
/// --stars, --below and --decimals of the tables of regressions.
struct TableStyle {
    std::string stars = "0.1,0.05,0.01", below = "se";
    int decimals = -1;
    void add_to(CLI::App& command);
    [[nodiscard]] io::Style read() const;
};
/// Prints the result in the chosen format; throws Error(io) when standard output cannot take it.
void print(const OutputFormat& format, const Json& json, const std::vector<io::Table>& tables);
void print(const std::string& text);

/// --threads N. `apply` starts the limit, which holds as long as the returned object lives.
struct Threads {
    int count = 0;  ///< 0: as many as this process may use
    void add_to(CLI::App& command);
    /// Does all of a command's work on so many threads, the caller's one of them.
    void run(const std::function<void()>& work) const;
    /// "2, by SLURM_CPUS_PER_TASK"
    [[nodiscard]] std::string described() const;
};

/// What a command that ends by an exception says, and its exit code.
struct Ending {
    std::string message;
    int exit_code;
};
[[nodiscard]] Ending ending_of(const std::exception& error);

/// --isa native|portable: the vector instructions of the kernels. With portable the numbers are the same on
/// every processor of the architecture.
struct InstructionSet {
    std::string name = "native";
    void add_to(CLI::App& command);
    /// The first thing that a command does: portable may start the program anew.
    void apply() const;
};

/// "a,b,c" split at commas; blanks around names are dropped, an empty name is an error.
[[nodiscard]] std::vector<std::string> names(const std::string& list, const std::string& option);

/// --vcov: see engine/settings.hpp.
using greenfront::parse_variance;
using greenfront::VarianceChoice;

}  // namespace greenfront::app

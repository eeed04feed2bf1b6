#include "scenarios/synth.hpp"

#include <fmt/format.h>

#include <charconv>
#include <sstream>

#include "engine/app/commands.hpp"
#include "engine/app/regression_io.hpp"
#include "io/csv.hpp"
#include "io/output.hpp"

namespace greenfront::app {
namespace {

struct SynthOptions {
    SynthSettings settings;
    std::string years = "2011:2022", output;
    bool force = false;
};

/// "2011:2022".
void parse_years(const std::string& text, SynthSettings& settings) {
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, settings.first_year);
    if (first.ec == std::errc{} && first.ptr != end && *first.ptr == ':') {
        const auto last = std::from_chars(first.ptr + 1, end, settings.last_year);
        if (last.ec == std::errc{} && last.ptr == end) return;
    }
    throw Error(Fault::usage, fmt::format("--years \"{}\": write FIRST:LAST, for example 2011:2022", text));
}

void execute(const SynthOptions& options) {
    SynthSettings settings = options.settings;
    parse_years(options.years, settings);
    io::check_output(options.output, options.force);
    std::vector<std::string> warnings;
    const Panel panel = synthesize(settings, &warnings);
    for (const auto& warning : warnings) fmt::print(stderr, "greenfront: warning: {}\n", warning);
    std::ostringstream text;
    io::write_csv(text, panel);
    io::write_file(options.output, text.str(), options.force);
    fmt::print(
        stderr,
        "greenfront: wrote {}: a synthetic panel, every number invented ({} cities, {} to {}, seed {})\n",
        options.output, settings.cities, settings.first_year, settings.last_year, settings.seed);
}

}  // namespace

void add_synth(CLI::App& program) {
    auto* command =
        program.add_subcommand("synth", "write a synthetic city panel (every number invented) as CSV");
    const auto options = std::make_shared<SynthOptions>();
    command->add_option("-o,--output", options->output, "CSV file to write")->required();
    command->add_option("--cities", options->settings.cities, "number of cities, at least 10")
        ->capture_default_str();
    command->add_option("--years", options->years, "first and last year, FIRST:LAST")->capture_default_str();
    command->add_option("--seed", options->settings.seed, "seed of all random numbers")
        ->check(whole_seed())
        ->capture_default_str();
    command->add_flag("--null", options->settings.null_effect,
                      "the efficiency does not depend on the index: a panel for studies of size and power");
    command->add_flag("--force", options->force, "replace an existing file");
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

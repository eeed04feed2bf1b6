#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "engine/app/commands.hpp"
#include "engine/verify.hpp"
#include "io/hdf5.hpp"
#include "io/table_access.hpp"

namespace greenfront::app {
namespace {

constexpr std::size_t faults_shown = 20;

struct VerifyOptions {
    std::string file;
};

io::Table table_of(const std::vector<Verification>& all) {
    io::Table table;
    table.title = "Scores proved from their peers and multipliers, over all rows of their reference sets";
    table.header = {"analysis",     "model",  "proved",    "unproved",
                    "no score",     "faults", "worst gap", "least reduced cost",
                    "infeasibility"};
    for (const Verification& v : all) {
        table.rows.push_back({v.group, v.model, fmt::format("{}", v.proved), fmt::format("{}", v.unproved),
                              fmt::format("{}", v.without_score), fmt::format("{}", v.faults.size()),
                              fmt::format("{:.1e}", v.worst_gap), fmt::format("{:.1e}", v.min_reduced_cost),
                              fmt::format("{:.1e}", v.infeasibility)});
    }
    table.notes.push_back(
        fmt::format("Figures are relative; a proof holds within {:.0e}. Faults: unproved scores, and "
                    "statuses, slacks, targets "
                    "or parts of scores that contradict the data or each other. Checksums of all arrays and "
                    "of the attributes of "
                    "all groups were verified while reading.",
                    verification_tolerance));
    table.notes.push_back(
        "Not checked: unique; counters and certificates of the run; which rows \"where\" selects.");
    for (const Verification& v : all) {
        for (const auto& what : v.unchecked)
            table.notes.push_back(fmt::format("Not checked: {}: {}.", v.group, what));
    }
    return table;
}

void execute(const VerifyOptions& options) {
    const auto all = verify_scores(io::read_results(options.file));
    for (const Verification& v : all) {
        if (!v.faults.empty()) exit_code() = 3;
        for (std::size_t k = 0; k < std::min(v.faults.size(), faults_shown); ++k)
            fmt::print(stderr, "greenfront: verify: /{}: {}\n", v.group, v.faults[k]);
        if (v.faults.size() > faults_shown) {
            fmt::print(stderr, "greenfront: verify: /{}: ... and {} more\n", v.group,
                       v.faults.size() - faults_shown);
        }
    }
    print(all.empty() ? std::string("no efficiency analysis in this file\n") : io::text(table_of(all)));
}

}  // namespace

void add_verify(CLI::App& program) {
    auto* command =
        program.add_subcommand("verify", "check every efficiency score of a result file without the solver");
    const auto options = std::make_shared<VerifyOptions>();
    command->add_option("RESULTS", options->file, "result file")->required();
    command->callback([options] { execute(*options); });
}

}  // namespace greenfront::app

#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/verify.hpp"
#include "io/hdf5.hpp"
#include "io/table_access.hpp"

namespace greenfront::app {
namespace {

struct VerifyOptions {
    std::string file;
};

io::Table table_of(const std::vector<Verification>& all) {
    io::Table table;
    table.title = "Scores proved from their peers and multipliers, over all rows of their reference sets";
    table.header = {"analysis",           "model",        "proved", "unproved", "no score", "worst gap",
                    "least reduced cost", "infeasibility"};
    for (const Verification& v : all) {
        table.rows.push_back({v.group, v.model, fmt::format("{}", v.proved),
                              fmt::format("{}", v.unproved.size()), fmt::format("{}", v.without_score),
                              fmt::format("{:.1e}", v.worst_gap), fmt::format("{:.1e}", v.min_reduced_cost),
                              fmt::format("{:.1e}", v.infeasibility)});
    }
    table.notes.push_back(
        fmt::format("Figures are relative; a proof holds within {:.0e}. Checksums of all arrays "
                    "were verified while reading.",
                    verification_tolerance));
    return table;
}

void execute(const VerifyOptions& options) {
    const auto all = verify_scores(io::read_results(options.file));
    std::size_t unproved = 0;
    for (const Verification& v : all) {
        unproved += v.unproved.size();
        for (std::size_t k = 0; k < std::min<std::size_t>(v.unproved.size(), 20); ++k) {
            const UnprovedScore& u = v.unproved[k];
            fmt::print(stderr,
                       "greenfront: verify: /{}: {} {}: score {} is not proved: peers attain {}, multipliers "
                       "bound {}, "
                       "least reduced cost {:.1e}, infeasibility {:.1e}, fault of multipliers {:.1e}\n",
                       v.group, u.unit, u.time, u.score, u.primal, u.dual, u.min_reduced_cost,
                       u.infeasibility, u.multiplier_fault);
        }
        if (v.unproved.size() > 20) {
            fmt::print(stderr, "greenfront: verify: /{}: ... and {} more\n", v.group, v.unproved.size() - 20);
        }
    }
    print(all.empty() ? std::string("no efficiency analysis in this file\n") : io::text(table_of(all)));
    if (unproved > 0) exit_code() = 3;
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

#pragma once
#include <string>
#include <vector>

#include "engine/app/commands.hpp"
#include "engine/app/regression_io.hpp"
#include "engine/bootstrap_choice.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/resample/wild.hpp"

/// `greenfront bootstrap`: what it is told, and what it prints.
namespace greenfront::app {

struct BootstrapOptions {
    RegressionInput input;
    std::string method = "pairs-cluster", cluster, boot_cluster, term;
    std::string type = "11", weights = "rademacher", keep = "draws";
    double null = 0, confidence = 0.95;
    bool unrestricted = false, enumerate = false, draws = false;
    std::int64_t replicates = 999, block = 0;
    std::uint64_t seed = 1;
    OutputFormat format;
    Threads threads;
    /// The same words as a study has them.
    [[nodiscard]] BootstrapStage stage() const;
};

struct BootstrapReport {
    Json json;
    io::Table table;
    std::vector<io::Table> more;  ///< printed below
};

/// Positions of the terms of --term a,b,c among those that are estimated; all without --term.
[[nodiscard]] std::vector<std::size_t> chosen_terms(const std::string& list,
                                                    const std::vector<std::string>& estimated);

[[nodiscard]] BootstrapReport pairs_report(const BootstrapOptions& options, const resample::PairsDraws& draws,
                                           double confidence);
/// One bootstrap a term; `instruments`: of 2SLS.
[[nodiscard]] BootstrapReport wild_report(const BootstrapOptions& options,
                                          const std::vector<resample::WildDraws>& terms, bool instruments,
                                          double confidence);

}  // namespace greenfront::app

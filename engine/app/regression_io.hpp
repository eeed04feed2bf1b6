#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/app/commands.hpp"
#include "engine/settings.hpp"
#include "kernels/panel/regression.hpp"
#include "scenarios/formula.hpp"
#include "scenarios/panel.hpp"

/// What the one-shots on a regression share: from PANEL FORMULA and their options to a design, and from a fit
/// to JSON and tables.
namespace greenfront::app {

/// PANEL FORMULA --unit --time --where --ssc --keep-singletons.
struct RegressionInput {
    std::string panel, formula, unit, time, where, ssc;
    std::string aweights, fweights;  ///< `regress` alone offers them
    bool keep_singletons = false;
    void add_to(CLI::App& command);
};

struct LoadedRegression {
    Panel panel;
    Formula formula;
    greenfront::panel::Design design;
    greenfront::panel::Options options;
};
/// Throws Error(fault), with the nearest name, where the formula of `design` has no such regressor; `what`
/// names the option. Kernels see to the rest: a regressor may be omitted.
void require_regressor(const greenfront::panel::Design& design, const std::string& name,
                       const std::string& what, Fault fault = Fault::usage);

/// Reads the panel and builds the design with the cluster variables of `variance`.
[[nodiscard]] LoadedRegression load_regression(const RegressionInput& input, const VarianceChoice& variance);

/// The contract of `regress --format json`.
[[nodiscard]] Json regression_json(const greenfront::panel::Fit& fit);
/// Header, coefficients, absorbed degrees of freedom, as reghdfe prints them.
[[nodiscard]] std::vector<io::Table> regression_tables(const greenfront::panel::Fit& fit,
                                                       const std::string& outcome, double confidence);
/// "robust to heteroskedasticity (HC1)" and the like.
[[nodiscard]] std::string variance_text(const greenfront::panel::Fit& fit);
/// Weights, joint tests, variance inflation, weights of staggered policies; what single variances report.
void add_checks(const greenfront::panel::Fit& fit, Json& json);
void add_checks(const greenfront::panel::Fit& fit, bool vif, std::vector<io::Table>& tables);
/// One row a term, all digits.
[[nodiscard]] io::Table regression_csv(const greenfront::panel::Fit& fit);

/// Options that every resampling command has; each stands for a field of the command's own.
void add_resampling(CLI::App& command, std::int64_t& replicates, std::uint64_t& seed, bool& enumerate,
                    bool& draws);
/// Says on stderr which of these options have no effect beside the others.
void warn_unused(const CLI::App& command, bool enumerate, bool draws, const std::string& format);
/// --seed: a whole number of 64 bits.
[[nodiscard]] CLI::Validator whole_seed();
/// --keep draws|quantiles.
void add_keep(CLI::App& command, std::string& keep);

}  // namespace greenfront::app

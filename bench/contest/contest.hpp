#pragma once
#include <functional>
#include <string>

#include "kernels/dea/dea.hpp"
#include "kernels/panel/regression.hpp"

/// Our side of the work that others do by script (bench/rivals): each function solves it, has its answers
/// checked by other means, writes what the scripts need to the folder, and prints times and answers
/// (bench/bench_script_rivals.cpp).
namespace greenfront::bench::contest {

inline constexpr std::int64_t written_replicates = 1000;  ///< that scripts get and answers are printed of

void print_time(const std::string& workload, double seconds, double units);
void print_answer(const std::string& workload, const std::string& key, double value);

/// CPU seconds of one call, from at least 0.2 seconds of them.
[[nodiscard]] double seconds_of(const std::function<void()>& work);

/// log(output) on five quantities and the policy, with city and year effects, clustered by city.
[[nodiscard]] panel::Design make_design(const dea::Quantities& q);

/// The options of all regressions here: errors clustered by city.
[[nodiscard]] panel::Options clustered();

/// bread (sum over cities of s s') bread, s the sums of a city's rows of `scores`.
[[nodiscard]] Eigen::MatrixXd sandwich(const Eigen::MatrixXd& bread, const Eigen::MatrixXd& scores,
                                       const std::vector<std::int32_t>& city);

/// The fit; answers are coefficients, and standard errors without the factor for small samples.
void regress(const panel::Design& design);

/// The same without row i where 7919 i mod 1009 is below 101, a tenth of them.
void regress_with_missing(const panel::Design& design);

/// Fractional logit of output / (output + capital) on the other regressors and a constant, clustered by city.
void explain_share(const dea::Quantities& q, const panel::Design& design);

/// Tobit of the same share, no less than a fifth, on the same regressors, clustered by city.
void explain_censored_share(const dea::Quantities& q, const panel::Design& design);

/// draws.csv: how often each city is in each of the first replicates. Answers of "pairs" are coefficients, of
/// "pairs-t" clustered standard errors too, without the factor for small samples.
void resample_pairs(const std::string& folder, const panel::Design& design);

/// signs.csv: the weights of the first replicates, -1 and 1. Answers are t* without the factor for small
/// samples.
void resample_wild(const std::string& folder, const panel::Design& design);

/// permutations.csv: whose trajectory of `policy` each city has in the first draws. Answers are coefficients,
/// and standard errors without the factor for small samples.
void permute(const std::string& folder, const panel::Design& design);

/// assignments.csv: 1 for the cities of the first group in the first draws. Answers are the coefficients of
/// capital in both groups.
void permute_groups(const std::string& folder, const panel::Design& design);

/// Words of Philox, numbers below 242, and normal quantiles at (i + 1/2) / 100,000.
void draw_numbers();

/// panel.csv is read, and written as copy.csv; answers are the sums of columns.
void read_and_write_csv(const std::string& folder, const dea::Quantities& q);

/// results.h5: tables over 64 scenarios, cities and years as a sweep leaves them; answers are their sums.
void read_and_write_results(const std::string& folder, const dea::Quantities& q);

}  // namespace greenfront::bench::contest

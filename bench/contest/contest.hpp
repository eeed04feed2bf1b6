#pragma once
#include <functional>
#include <string>

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

/// draws.csv: how often each city is in each of the first replicates.
void resample_pairs(const std::string& folder, const panel::Design& design);

/// signs.csv: the weights of the first replicates, -1 and 1. Answers are t* without the factor for small
/// samples.
void resample_wild(const std::string& folder, const panel::Design& design);

/// permutations.csv: whose trajectory of `policy` each city has in the first draws. Answers are coefficients,
/// and standard errors without the factor for small samples.
void permute(const std::string& folder, const panel::Design& design);

/// Words of Philox, and normal quantiles at (i + 1/2) / 100,000.
void draw_numbers();

/// The panel's own file; answers are the sums of its columns.
void read_csv(const std::string& folder);

}  // namespace greenfront::bench::contest

#pragma once
#include <string>
#include <vector>

#include "kernels/dea/dea.hpp"

namespace greenfront::bench {

/// dea::evaluate of units that are their own reference set.
struct Run {
    dea::Scores scores;                   ///< of the last repetition
    double cpu_seconds = 0, seconds = 0;  ///< of one repetition: CPU time of all threads; time on the clock
};
/// Repeats until at least `least` seconds have passed, so that a time is not one of a few clock ticks.
[[nodiscard]] Run run_ours(const dea::Quantities& q, const dea::Settings& settings, int threads,
                           double least = 0.2);

/// Empty when every program has a certified optimum, and every `every`-th score is proved from the data alone
/// (kernels/dea/proof.hpp); else what is wrong, with the unit.
[[nodiscard]] std::string uncertified(const dea::Quantities& q, const dea::Scores& scores,
                                      const dea::Settings& settings, Eigen::Index every);

/// Seconds of each unit's program over the frame on one thread, in the order and with the warm starts of
/// dea::evaluate's round over all units: the least of some repetitions, so that what is left is the program
/// and not the machine's other work. The search for the frame and the last looks at new columns belong to no
/// unit; they are in the mean time of a whole batch. For frames below 512 columns: larger ones let four
/// programs share a pass.
[[nodiscard]] std::vector<double> per_program_times(const dea::Quantities& q, const dea::Settings& settings,
                                                    int repetitions);

/// Distinct peers of a batch, ascending: what the answers needed of the reference set.
[[nodiscard]] std::vector<std::int32_t> distinct_peers(const dea::Scores& scores, Eigen::Index units);

}  // namespace greenfront::bench

#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/results.hpp"

/// Efficiency scores of a result file checked without a solver: every score from its stored peers (a point of
/// the technology that attains it) and its stored multipliers (a bound that no point passes), over all rows
/// of its reference set, from the panel in the same file. kernels/dea/proof.hpp has the algebra.
namespace greenfront {

/// One score that its peers and multipliers do not prove.
struct UnprovedScore {
    std::string unit;
    std::int64_t time = 0;
    double score = 0, primal = 0, dual = 0, min_reduced_cost = 0, infeasibility = 0, multiplier_fault = 0;
};

/// What was found in one group /dea/NAME.
struct Verification {
    std::string group, model;
    std::int64_t proved = 0;
    std::int64_t without_score = 0;  ///< rows whose status is not optimal: nothing to prove
    double worst_gap = 0;            ///< largest |primal - dual| relative to the scale of the score
    double min_reduced_cost = 0, infeasibility = 0;
    std::vector<UnprovedScore> unproved;
};

/// Relative tolerance of a proof. Peers and multipliers are stored in double precision and in the data's
/// units.
inline constexpr double verification_tolerance = 1e-7;

/// Checks all of /dea. Throws Error(data) when the file lacks what a check needs.
[[nodiscard]] std::vector<Verification> verify_scores(const Results& results);

}  // namespace greenfront

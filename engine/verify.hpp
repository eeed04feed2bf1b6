#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/results.hpp"

/// Efficiency scores of a result file checked without a solver: every score from its stored peers (a point of
/// the technology that attains it) and its stored multipliers (a bound that no point passes), over all rows
/// of its reference set, from the panel in the same file; and all else that follows from scores and peers.
/// kernels/dea/proof.hpp has the algebra, docs/methods/dea.md what is checked and what cannot be.
namespace greenfront {

/// What was found in one group /dea/NAME.
struct Verification {
    std::string group, model;
    std::int64_t proved = 0;
    std::int64_t unproved = 0;       ///< scores that peers and multipliers do not prove
    std::int64_t without_score = 0;  ///< used rows whose status is not optimal
    double worst_gap = 0;            ///< largest |primal - dual| relative to the scale of the score
    double min_reduced_cost = 0, infeasibility = 0;
    /// One line each: an unproved score, or a stored value that contradicts the others. Empty: all is well.
    std::vector<std::string> faults;
    std::vector<std::string> unchecked;  ///< what the file has no proof of
};

/// Relative tolerance of a proof. Peers and multipliers are stored in double precision and in the data's
/// units; the certificates they come from hold to 1e-9.
inline constexpr double verification_tolerance = 1e-8;

/// Checks all of /dea. Throws Error(data) that names the group when the file lacks what a check needs, or
/// holds what no run writes.
[[nodiscard]] std::vector<Verification> verify_scores(const Results& results);

}  // namespace greenfront

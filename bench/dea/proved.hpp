#pragma once
#include "kernels/dea/dea.hpp"
#include "kernels/dea/proof.hpp"

namespace greenfront::bench {

inline constexpr double proof_tolerance = 1e-9;

/// Whether multipliers and peers prove the score of evaluated unit o, which is in the reference set.
[[nodiscard]] inline bool proved(const dea::Checker& checker, const dea::Scores& scores, Eigen::Index o) {
    const auto unit = static_cast<std::size_t>(o);
    const auto first = static_cast<std::size_t>(scores.peer_start[unit]);
    const auto count = static_cast<std::size_t>(scores.peer_start[unit + 1]) - first;
    const dea::Claim claim{scores.score[o],
                           scores.multiplier.col(o),
                           {},
                           {scores.peer.data() + first, count},
                           {scores.lambda.data() + first, count},
                           {}};
    return checker.check(o, claim, {}, true).proves(claim.score, proof_tolerance);
}

}  // namespace greenfront::bench

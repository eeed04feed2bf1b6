#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/verify.hpp"
#include "engine/verify_stored.hpp"

/// What of a stored analysis is checked besides the scores themselves.
namespace greenfront::verify {

/// The rows that are scored: those marked as used that have a value everywhere. Notes where the marks are not
/// what the data say.
[[nodiscard]] std::vector<char> check_used(const Stored& stored, std::vector<std::string>& faults);

/// What is wrong with the status of evaluated column o, or nothing. A score is there exactly when the status
/// is optimal; undefined and unbounded follow from the data; no program is infeasible for a unit that is
/// `inside` its own reference set.
[[nodiscard]] std::string status_fault(const dea::Settings& settings, const dea::Quantities& evaluated,
                                       const dea::Quantities& reference, Eigen::Index o, bool inside,
                                       std::int8_t status, double score);

/// combine: the score is rho, or delta where rho is 1.
void check_combined(const Stored& stored, const std::vector<char>& usable, Verification& found);

/// winsorize: the stored column is the scores, clipped at the percentiles that the attributes name.
void check_winsorized(const Stored& stored, Verification& found);

/// scale_efficiency: the scores under other returns are those of their programs (/dea/NAME/crs ...); ratio
/// and direction follow from the three, which are in order.
void check_scale(const Results& results, const Stored& stored, const std::vector<char>& usable,
                 Verification& found);

}  // namespace greenfront::verify

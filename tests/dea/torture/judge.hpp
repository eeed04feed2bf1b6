#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/dea/torture/linear.hpp"

/// Puts the kernel's answers beside the rival's and, where they differ, before the arbiter.
namespace greenfront::torture {

/// A larger difference, relative to max(1, |score|), has to be settled.
inline constexpr double allowed_difference = 1e-8;

/// The same for a score of this batch. A super-SBM score is a quotient whose denominator, one less a weighted
/// sum of what the outputs give up, is a difference of numbers about 1: rounding of the weights moves a score
/// of 1e10 by 1e-6 of itself.
[[nodiscard]] inline double allowed_at(const Batch& batch, double score) {
    constexpr double weights_rounding = 1e-15;
    const bool quotient = batch.settings.super && batch.settings.model == dea::Model::sbm;
    return quotient ? std::max(allowed_difference, weights_rounding * std::abs(score)) : allowed_difference;
}

struct Tally {
    std::int64_t batches = 0, units = 0;  ///< units: scored by the kernel and proved from its results alone
    std::int64_t compared = 0;
    std::array<std::int64_t, 5> by_status{};  ///< of the kernel, among the compared
    std::int64_t settled = 0;                 ///< put before the arbiter
    std::int64_t on_edge = 0;                 ///< infeasible or of another score by rounding only
    double largest_error = 0;  ///< of the kernel where the arbiter was asked, relative to max(1, |score|)
    std::int64_t rival_without_answer = 0, rival_wrong_status = 0, rival_wrong_score = 0;
    double rival_largest_error = 0;
    std::int64_t uncertified = 0, wrong = 0, unproved = 0;  ///< the kernel's: units, units, violations
    dea::Counters counters;
    dea::Certificate certificate;
};

struct Report {
    std::array<Tally, kinds> tally{};
    std::vector<std::string> failures;      ///< the kernel is wrong, or nobody could tell
    std::vector<std::string> rival_errors;  ///< examples
    void add(const Report& other);
    [[nodiscard]] std::int64_t compared() const;
    void print() const;
};

/// Scores the batch with the kernel, proves every unit from the result and compares `batch.compared`. With
/// `verbose` each compared unit is printed.
[[nodiscard]] Report judge(const Batch& batch, bool verbose);

/// Checks results of all units of a batch without a solver: peers attain the score, multipliers show that
/// nothing better exists among all reference units. Returns one line a violation.
[[nodiscard]] std::vector<std::string> prove(const Batch& batch, const dea::Scores& scores);

}  // namespace greenfront::torture

#pragma once
#include <Eigen/Core>
#include <vector>

#include "scenarios/synth/draft.hpp"

namespace greenfront::synth {

/// One normal score a city, stratified: within each group of cities (capitals, resource-based, others) the
/// scores are the quantiles (rank - 1/2)/n of the normal distribution in random order. Every seed then has
/// the same number of exceptional cities, and the tables do not hang on the luck of one draw.
[[nodiscard]] VectorXd city_scores(const Draft& draft, std::uint64_t purpose, bool within_groups);

/// Stationary AR(1) of unit variance for each city, rows = city * periods + period.
[[nodiscard]] VectorXd autoregression(const Draft& draft, std::uint64_t purpose, double rho);

/// The city's value in each of its rows.
[[nodiscard]] VectorXd spread(const Draft& draft, const VectorXd& by_city);

/// Year less 2016.5, the middle of 2011 to 2022.
[[nodiscard]] VectorXd years(const Draft& draft);

/// (v - mean) / sd, population sd.
[[nodiscard]] VectorXd standardised(const VectorXd& v);

/// Clips at the p-th and (100 - p)-th percentile by Stata's rule; `bounds` gets both.
[[nodiscard]] VectorXd winsorised(const VectorXd& v, double p, std::array<double, 2>* bounds = nullptr);

}  // namespace greenfront::synth

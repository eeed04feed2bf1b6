#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kernels/panel/regression.hpp"

/// Middles of the sandwich under dependence over time and space.
///
/// psi_it (k) is the score of unit i in period t; t counts in the units of the time column, so that a year
/// that is missing is a gap and not the year before.
///     Bartlett weights            b_l = 1 - l / (L + 1),  l = 0..L
///     Driscoll-Kraay (1998)       S = sum_l b_l (G_l + G_l'),  G_l = sum_t h_t h_{t-l}',  h_t = sum_i psi_it
///                                 (G_0 once)
///     Newey-West (1987)           the same within every unit: G_l = sum_i sum_t psi_it psi_{i,t-l}'
///     Conley (1999)               S = sum_t sum_{i,j: d_ij <= c} psi_it psi_jt',  uniform kernel
/// d_ij is the great-circle distance (haversine) on a sphere of radius 6371.0088 km, the Earth's mean radius.
/// Rows with the same place have distance 0, and a row is its own neighbour, so that c = 0 with distinct
/// places is the robust S. Bartlett weights make S positive semi-definite; the uniform kernel does not.
/// Cost: n k + T L k^2, n (k + L k^2), and for Conley the pairs within c in latitude.
namespace greenfront::panel {

constexpr double earth_radius_km = 6371.0088;

/// `period` codes the rows, `time` is the value of each code.
[[nodiscard]] Eigen::MatrixXd driscoll_kraay(const Eigen::Ref<const Eigen::MatrixXd>& psi,
                                             const Factor& period, const std::vector<std::int64_t>& time,
                                             std::int64_t lags);

/// Throws Error(Fault::data) when a unit has a period twice.
[[nodiscard]] Eigen::MatrixXd newey_west(const Eigen::Ref<const Eigen::MatrixXd>& psi, const Factor& unit,
                                         const Factor& period, const std::vector<std::int64_t>& time,
                                         std::int64_t lags);

struct Conley {
    Eigen::MatrixXd S;
    std::int64_t neighbours = 0;  ///< pairs of different rows within the radius, each once
};
/// `place`: latitude and longitude in degrees. Without levels in `period` all rows are one period.
[[nodiscard]] Conley conley(const Eigen::Ref<const Eigen::MatrixXd>& psi, const Factor& period,
                            const Eigen::MatrixXd& place, double radius_km);

/// Great-circle distance in km of two points in degrees.
[[nodiscard]] double great_circle_km(double latitude_a, double longitude_a, double latitude_b,
                                     double longitude_b);

}  // namespace greenfront::panel

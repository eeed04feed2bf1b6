#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kernels/panel/regression.hpp"

/// A resample of clusters as data: the slow road that needs no algebra. Used for resamples whose columns
/// are nearly collinear, and as the yardstick of the tests.
namespace greenfront::resample {

/// The rows of cluster c (code of design.clusters[0]) count[c] times. Every copy is a cluster of its own,
/// and effects marked in `nested` get fresh levels in every copy; other effects keep their levels (without
/// those that no row has). Copies of one cluster follow each other, clusters ascend.
[[nodiscard]] panel::Design stack(const panel::Design& design, const std::vector<std::int32_t>& count,
                                  const std::vector<char>& nested);

/// Coefficients and clustered standard errors of design.x_name and then design.endogenous_name, NaN where a
/// regressor is omitted. False when panel::fit finds nothing to estimate in these rows.
[[nodiscard]] bool estimate(const panel::Design& stacked, const panel::Options& options,
                            Eigen::VectorXd& beta, Eigen::VectorXd& std_error);

}  // namespace greenfront::resample

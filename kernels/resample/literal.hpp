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

/// Makes a design whose rows are copies of clusters one of clusters: `copy` numbers the drawn cluster of each
/// row (from 0), which becomes the cluster; effects marked in `nested` get fresh levels in every copy, levels
/// without a row vanish.
void mark_copies(panel::Design& design, const std::vector<std::int64_t>& copy,
                 const std::vector<char>& nested);

/// Whether every level of the effect lies in one cluster.
[[nodiscard]] bool is_nested(const panel::Factor& effect, const panel::Factor& cluster);

/// Coefficients and clustered standard errors of design.x_name and then design.endogenous_name, NaN where a
/// regressor is omitted. False when panel::fit finds nothing to estimate in these rows.
[[nodiscard]] bool estimate(const panel::Design& stacked, const panel::Options& options,
                            Eigen::VectorXd& beta, Eigen::VectorXd& std_error);

}  // namespace greenfront::resample

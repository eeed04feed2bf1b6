#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "scenarios/formula.hpp"
#include "scenarios/panel.hpp"

/// Parts of a design that its formula does not name; scenarios/design.cpp puts them together.
namespace greenfront {

[[nodiscard]] Eigen::VectorXd at_rows(const std::vector<double>& values,
                                      const std::vector<std::int64_t>& rows);
[[nodiscard]] Eigen::MatrixXd at_rows(const std::vector<std::vector<double>>& columns,
                                      const std::vector<std::int64_t>& rows);

/// Leaves rows of weight zero out of design.row; every other weight is checked.
void use_weights(const DesignColumns& extra, const std::vector<double>& weight, panel::Design& design);

/// Latitude and longitude of the design's rows, checked.
void use_places(const DesignColumns& extra, const std::vector<double>& latitude,
                const std::vector<double>& longitude, panel::Design& design);

/// Unit and period of every row, where the panel has them.
void use_roles(const Panel& panel, panel::Design& design);

}  // namespace greenfront

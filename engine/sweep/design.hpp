#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/workspace.hpp"

/// The scenarios of a sweep.
///
///   grid              every combination of the levers' intensities, the last lever fastest
///   list              the scenarios that the study names
///   one-at-a-time     the baseline, then each intensity of each lever alone
///   latin-hypercube, sobol, saltelli   intensities between each lever's ends (kernels/rng/designs.hpp)
namespace greenfront::sweep {

struct Design {
    std::vector<AppliedLever> levers;     ///< L, intensity 0; a package gives several
    std::vector<std::string> lever_name;  ///< L labels, all different
    std::vector<std::string> dimension;   ///< d names of what the design varies; empty for a list
    std::vector<std::string> scenario;    ///< S names
    Eigen::MatrixXd intensity;            ///< S x L
    Eigen::MatrixXd point;                ///< S x d, intensities of the dimensions
    std::int64_t first_period = 0;        ///< of any lever, not before the panel's first

    [[nodiscard]] std::size_t scenarios() const { return scenario.size(); }
    [[nodiscard]] std::vector<double> intensities(std::size_t s) const;
};

/// `stream` tells the random points of the study's sweeps apart. Throws Error(Fault::study) for unknown
/// levers, keys that the design lacks or does not take, and bad paths.
[[nodiscard]] Design design(const Workspace& workspace, const SweepStage& stage, std::uint64_t stream);

}  // namespace greenfront::sweep

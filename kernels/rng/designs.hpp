#pragma once
#include <Eigen/Core>
#include <cstdint>

/// Points in the unit cube for computer experiments. Coordinates are in [0, 1]; a row is a point.
///
///   latin_hypercube   x_ij = (pi_j(i) + u_ij) / n with a permutation pi_j of 0..n-1 for each coordinate and
///                     u uniform: every coordinate has one point in each of n equal slices (McKay, Beckman
///                     and Conover 1979, Technometrics 21). pi_j comes from Fisher and Yates' shuffle.
///   sobol             Sobol' (1967) with the direction numbers of Joe and Kuo (2008), as Boost.Random has
///                     them, points 1, .., n of the sequence (the origin is left out), every coordinate
///                     moved by the same random amount modulo 1 for all points (Cranley and Patterson
///                     1976), which keeps the evenness and makes the points a function of the seed.
///   saltelli          Points for Sobol' indices (Saltelli et al. 2010, Computer Physics Communications 181):
///                     a sobol design of 2 d coordinates gives A (the first d) and B; the rows are, for
///                     each i = 0, .., n-1: A_i, B_i, and A_i with coordinate j taken from B_i, j = 0, ..,
///                     d-1; n (d + 2) in all (stats/sensitivity.hpp).
///
/// Random numbers: Stream(seed, stage_sweep, item, draw) with item = `stream`, draw = the coordinate. Where a
/// design has fewer points, its sobol points are the first of a longer one; a latin hypercube has no such
/// property. Error: more than 3,667 sobol coordinates (Fault::usage). Cost: O(n d).
namespace greenfront::rng {

[[nodiscard]] Eigen::MatrixXd latin_hypercube(Eigen::Index n, Eigen::Index d, std::uint64_t seed,
                                              std::uint64_t stream);
[[nodiscard]] Eigen::MatrixXd sobol(Eigen::Index n, Eigen::Index d, std::uint64_t seed, std::uint64_t stream);
[[nodiscard]] Eigen::MatrixXd saltelli(Eigen::Index n, Eigen::Index d, std::uint64_t seed,
                                       std::uint64_t stream);

}  // namespace greenfront::rng

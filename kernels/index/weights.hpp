#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "kernels/index/fit.hpp"

/// Composite indices by the weights of other methods than entropy.
///
/// Formula   equal   w_k = 1 / K
///           critic  w_k = C_k / sum_l C_l,   C_k = sd_k sum_l (1 - r_kl)
///           fixed   w_k = g_k / sum_l g_l
/// Symbols   K indicators, standardised to z as in kernels/index/entropy.hpp (less is better: reversed);
///           sd_k: standard deviation of z_k over all rows used (n - 1); r_kl: their correlation;
///           g: given numbers >= 0.
/// Method    CRITIC, criteria importance through intercriteria correlation: Diakoulaki, Mavrotas and
///           Papayannakis (1995), Computers & Operations Research 22, 763-770, equations (3)-(5): an
///           indicator weighs much that varies much and goes its own way.
/// Limits    as those of the entropy weights; CRITIC needs two indicators that do not move in step.
///           The weights do not change when an indicator is multiplied by a positive number or moved.
/// Cost      O(n K), critic O(n K^2).
namespace greenfront::index {

enum class Method { entropy, equal, critic, fixed };

struct Weighting {
    Method method = Method::entropy;
    double shift = 0;           ///< added to the standardised values
    std::vector<double> given;  ///< fixed: one for each indicator
};

/// As fit_entropy (kernels/index/entropy.hpp), which it is for method entropy. The entropies of the
/// indicators are filled in for every method. Throws Error(Fault::data) also for given weights that are of
/// another number, negative, or all zero.
[[nodiscard]] Fit fit_weights(const Eigen::MatrixXd& values, const std::vector<bool>& negative,
                              const Weighting& weighting, const std::vector<std::string>& names);

}  // namespace greenfront::index

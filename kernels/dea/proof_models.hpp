#pragma once
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dea/proof.hpp"

/// What each model asks of a point and of multipliers; proof.hpp has the algebra.
namespace greenfront::dea::proof {

/// The evaluated unit and what its model makes of it.
struct Given {
    Eigen::VectorXd value;   ///< v_o
    Eigen::VectorXd weight;  ///< per unit of slack, step or amount; 0: does not count
    Eigen::VectorXd pull;    ///< direction
    Eigen::VectorXd point;   ///< X (lambda + mu), Y lambda, B lambda
    Eigen::VectorXd limit;   ///< what the point is compared with: v_o, scaled or moved by the score
    Eigen::VectorXd slack;   ///< limit less (goods: from) the point; feasible where >= 0
    Eigen::VectorXd terms;   ///< v_i x_io, ... (positive for goods, too)
    double intensity = 0;    ///< sum of lambda and mu
    double pi = 0;           ///< v'x - u'y + w'b - omega at v_o
};

/// The worst so far; what is not a number is the worst of all.
inline void raise(double& worst, double amount) {
    worst = std::isnan(amount) ? std::numeric_limits<double>::infinity() : std::max(worst, amount);
}

inline double relative(double amount, double base) {
    return base > 0 ? amount / base : amount;
}

[[nodiscard]] Given given(const Frame& frame, const Quantities& evaluated, Eigen::Index o);
/// What the peers attain, and how far their point misses the technology's conditions.
void check_primal(const Frame& frame, Given& g, const Claim& claim, Finding& finding);
/// What the multipliers prove, and how far they miss the model's conditions.
void check_dual(const Frame& frame, const Given& g, const Claim& claim, bool inside, Finding& finding);
/// Whether slacks and targets are those of the peers' point.
void check_projection(const Frame& frame, const Given& g, const Claim& claim, Finding& finding);

}  // namespace greenfront::dea::proof

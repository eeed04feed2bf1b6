#pragma once
#include <Eigen/Core>
#include <vector>

#include "kernels/limited/model.hpp"
#include "kernels/panel/regression.hpp"

/// From a design to the rows and columns that are estimated.
namespace greenfront::limited {

struct Sample {
    panel::Design design;                 ///< rows of the estimation; X holds the kept regressors only
    std::vector<std::int8_t> state;       ///< -1 at the lower limit, 1 at the upper one, 0 between
    Eigen::MatrixXd dummies;              ///< kept dummy variables of the effects
    std::vector<std::string> dummy_name;  ///< "effect=level"
};

/// Checks the design, leaves out rows at a truncation bound and singletons, chooses the columns, and fills
/// what `fit` says about it. Throws Error(Fault::data).
[[nodiscard]] Sample make_sample(const panel::Design& design, const Settings& settings, Fit& fit);

/// The working problem of the model on the sample, with all regressors or with the constant alone.
[[nodiscard]] Problem make_problem(const Sample& sample, const Settings& settings, bool constant_only);

}  // namespace greenfront::limited

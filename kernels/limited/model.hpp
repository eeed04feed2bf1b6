#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/limited/limited.hpp"

/// What the models share inside the kernel: the working problem and its maximum.
///
/// Q = X T is an orthogonal basis of the regressors with Q'Q = n I; e = (y - X b0) / unit is the outcome
/// measured from the OLS fit b0 in units of its residuals (fractional logit: e = y, b0 = 0, unit = 1). A
/// row's likelihood depends on its index q_i'c and on one ancillary parameter (tobit 1/sigma, truncated
/// 1/sigma^2, both in those units; fractional logit none).
namespace greenfront::limited {

struct Problem {
    Eigen::MatrixXd X, Q, T;
    std::vector<std::string> names;  ///< of the columns of X, `_cons` last when there is a constant
    Eigen::VectorXd e;
    Eigen::VectorXd lower, upper;    ///< limits of each row in the units of e
    std::vector<std::int8_t> state;  ///< tobit: -1 at the lower limit, 1 at the upper one, 0 between
    Eigen::VectorXd origin;          ///< b0
    double unit = 1;
};

/// Log-likelihood of each row and its derivatives by (index, ancillary).
struct Rows {
    Eigen::VectorXd value;
    Eigen::MatrixXd first;   ///< n x 2
    Eigen::MatrixXd second;  ///< n x 3: index-index, index-ancillary, ancillary-ancillary
};

struct Maximum {
    Eigen::VectorXd c;
    double ancillary = 1;
    double value = 0;
    Eigen::MatrixXd information;  ///< -Hessian by (c, ancillary)
    Rows rows;
    int iterations = 0;
    double decrement = 0;  ///< g'(-H)^-1 g
};

/// Estimates in the data's units and their derivatives by (c, ancillary).
struct Printed {
    Eigen::VectorXd beta;
    double sigma = 0;
    Eigen::MatrixXd jacobian;  ///< (k, and one more with sigma) x parameters
};

/// A mean whose derivative by regressor j is beta_j times `share`; `gradient` is d share / d(c, ancillary).
struct Margin {
    std::string target, text;
    double share = 1;
    Eigen::VectorXd gradient;
};

/// The functions of one model; each stands in the model's own file.
struct Functions {
    bool ancillary = true;
    void (*rows)(const Problem&, const Eigen::VectorXd& index, double ancillary, Rows&);
    /// The index in standard deviations of what it predicts, for judging a step.
    double (*index_unit)(double ancillary);
    /// Why the likelihood rises for ever (or stays flat) along a step of index and ancillary parameter: a
    /// cause to print, or empty when it does not.
    std::string (*recession)(const Problem&, const Eigen::VectorXd& index, double ancillary);
    /// A cause to print when the ancillary parameter has left every reasonable range, or empty.
    std::string (*runaway)(double ancillary);
    Printed (*printed)(const Problem&, const Maximum&);
    std::vector<Margin> (*margins)(const Problem&, const Maximum&);
};
[[nodiscard]] const Functions& functions(Model model);
[[nodiscard]] const Functions& tobit();
[[nodiscard]] const Functions& truncated();
[[nodiscard]] const Functions& fractional_logit();

/// Newton's method from c, with step halving. Throws Error(Fault::data) with the cause when there is no
/// maximum or none is found.
[[nodiscard]] Maximum maximise(const Functions& model, const Problem& problem, Eigen::VectorXd c,
                               double ancillary);

}  // namespace greenfront::limited

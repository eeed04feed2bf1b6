#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "kernels/limited/model.hpp"

/// The truncated regression of limited.hpp fitted many times: the same regressors, outcome after outcome.
///
/// What depends on the regressors alone (their orthogonal basis) is made once, nothing but the estimate is
/// worked out, and Newton's method begins where the outcomes were drawn from: the likelihood is concave in
/// its natural parameters, so the maximum is the same from any start. Cost: n k^2 a step, about four steps.
namespace greenfront::limited {

class TruncatedRefit {
  public:
    struct Estimate {
        Eigen::VectorXd beta;  ///< the constant last
        double sigma = 0;
    };
    /// Z n x k without the constant, of full rank with it; outcomes above `lower`. Throws Error(Fault::data)
    /// when there are too few rows.
    TruncatedRefit(const Eigen::MatrixXd& Z, std::vector<std::string> names, double lower);
    /// Throws Error(Fault::data) when there is no maximum.
    [[nodiscard]] Estimate fit(const Eigen::VectorXd& y, const Estimate& start) const;

  private:
    [[nodiscard]] Problem problem_of(const Eigen::VectorXd& y) const;
    Problem regressors_;
    double lower_;
};

}  // namespace greenfront::limited

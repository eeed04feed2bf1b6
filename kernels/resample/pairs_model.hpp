#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/panel/sample.hpp"

/// What the pairs bootstrap and its relatives know of an estimation: the sample, the kept columns and their
/// partialled values.
namespace greenfront::resample {

/// With instruments the columns of the moments are [exogenous X, endogenous Y, excluded instruments Z, y]:
/// `columns.sample.X` and `columns.X` hold X, Y and Z side by side, all of them kept by the full sample's
/// fit. Without, they are the kept regressors and y, as panel::prepare gives them.
struct PairsModel {
    panel::Prepared columns;
    panel::Design instrumented;  ///< with instruments: the sample as panel::fit takes it; else without rows
    Eigen::Index exogenous = 0, endogenous = 0, instruments = 0;

    [[nodiscard]] const panel::Design& sample() const {
        return endogenous > 0 ? instrumented : columns.sample;
    }
    [[nodiscard]] Eigen::Index terms() const { return exogenous + endogenous; }
    /// Coefficients in the order of panel::fit's terms.
    [[nodiscard]] std::vector<std::string> term_names() const;
};

/// `fit` is that of the design. Throws Error(Fault::usage) for LIML and GMM, Error(Fault::data) as
/// panel::prepare.
[[nodiscard]] PairsModel pairs_model(const panel::Design& design, const panel::Options& options,
                                     const panel::Fit& fit);

}  // namespace greenfront::resample

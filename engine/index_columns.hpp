#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/index/weights.hpp"
#include "scenarios/panel.hpp"

namespace greenfront {

/// The rows where every indicator has a value.
struct IndicatorRows {
    std::vector<std::size_t> row;
    Eigen::MatrixXd values;  ///< rows used x indicators
};
[[nodiscard]] IndicatorRows complete_rows(const Panel& panel, const std::vector<std::string>& indicators);

/// entropy, equal, critic or fixed, which alone takes `weights`. Throws Error(fault).
[[nodiscard]] index::Weighting parse_weighting(const std::string& method, double shift,
                                               const std::vector<double>& weights, Fault fault);

/// The index of every row by a fitted normalisation and weights; NaN where an indicator is missing.
[[nodiscard]] std::vector<double> index_column(const Panel& panel, const std::vector<std::string>& indicators,
                                               const index::Fit& fit);

}  // namespace greenfront

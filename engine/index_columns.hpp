#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "kernels/index/entropy.hpp"
#include "scenarios/panel.hpp"

namespace greenfront {

/// The rows where every indicator has a value.
struct IndicatorRows {
    std::vector<std::size_t> row;
    Eigen::MatrixXd values;  ///< rows used x indicators
};
[[nodiscard]] IndicatorRows complete_rows(const Panel& panel, const std::vector<std::string>& indicators);

/// The index of every row by a fitted normalisation and weights; NaN where an indicator is missing.
[[nodiscard]] std::vector<double> index_column(const Panel& panel, const std::vector<std::string>& indicators,
                                               const index::EntropyFit& fit);

}  // namespace greenfront

#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "engine/study.hpp"
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

/// The index of a stage, from the rows of the panel.
struct FittedIndex {
    std::vector<std::string> indicator;  ///< positive ones first
    index::Fit fit;
    std::size_t rows_used = 0;
    std::vector<double> column;  ///< panel rows; NaN where an indicator is missing
};
/// Throws Error(Fault::study) without an indicator, Error(Fault::data) where one does not vary.
[[nodiscard]] FittedIndex fit_index(const Panel& panel, const IndexStage& stage);

/// The index of every row by a fitted normalisation and weights; NaN where an indicator is missing.
[[nodiscard]] std::vector<double> index_column(const Panel& panel, const std::vector<std::string>& indicators,
                                               const index::Fit& fit);

}  // namespace greenfront

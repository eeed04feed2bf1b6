#include "engine/index_columns.hpp"

#include <cmath>
#include <limits>

namespace greenfront {

IndicatorRows complete_rows(const Panel& panel, const std::vector<std::string>& indicators) {
    IndicatorRows result;
    std::vector<const std::vector<double>*> columns;
    for (const auto& name : indicators) columns.push_back(&panel.number(name));
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        bool complete = true;
        for (const auto* column : columns) complete = complete && !std::isnan((*column)[r]);
        if (complete) result.row.push_back(r);
    }
    result.values.resize(static_cast<Eigen::Index>(result.row.size()),
                         static_cast<Eigen::Index>(columns.size()));
    for (std::size_t k = 0; k < columns.size(); ++k) {
        for (std::size_t i = 0; i < result.row.size(); ++i) {
            result.values(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k)) =
                (*columns[k])[result.row[i]];
        }
    }
    return result;
}

std::vector<double> index_column(const Panel& panel, const std::vector<std::string>& indicators,
                                 const index::EntropyFit& fit) {
    const IndicatorRows used = complete_rows(panel, indicators);
    const Eigen::VectorXd score = index::score(fit, used.values);
    std::vector<double> column(panel.rows(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < used.row.size(); ++i)
        column[used.row[i]] = score[static_cast<Eigen::Index>(i)];
    return column;
}

}  // namespace greenfront

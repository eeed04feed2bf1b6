#include "engine/index_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/settings.hpp"

namespace greenfront {

IndicatorRows complete_rows(const Panel& panel, const std::vector<std::string>& indicators) {
    IndicatorRows result;
    std::vector<const std::vector<double>*> columns;
    for (const auto& name : indicators) columns.push_back(&panel.number(name));
    std::vector<char> complete(panel.rows(), 1);
    for (const auto* column : columns) {
        for (std::size_t r = 0; r < panel.rows(); ++r)
            complete[r] &= static_cast<char>(!std::isnan((*column)[r]));
    }
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (complete[r]) result.row.push_back(r);
    }
    result.values.resize(static_cast<Eigen::Index>(result.row.size()),
                         static_cast<Eigen::Index>(columns.size()));
    for (std::size_t k = 0; k < columns.size(); ++k) {
        double* to = result.values.col(static_cast<Eigen::Index>(k)).data();
        for (const std::size_t row : result.row) *to++ = (*columns[k])[row];
    }
    return result;
}

index::Weighting parse_weighting(const std::string& method, double shift, const std::vector<double>& weights,
                                 Fault fault) {
    const auto place =
        choose(option_name("method", fault), method, {"entropy", "equal", "critic", "fixed"}, fault);
    const auto chosen = static_cast<index::Method>(place);
    const bool fixed = chosen == index::Method::fixed;
    if (fixed && weights.empty())
        throw Error(fault, fmt::format("{} fixed: {} is missing; give one number an indicator, positive ones "
                                       "first",
                                       option_name("method", fault), option_name("weights", fault)));
    if (!fixed && !weights.empty())
        throw Error(fault, fmt::format("{} belongs to {} fixed; leave one of the two out",
                                       option_name("weights", fault), option_name("method", fault)));
    return {chosen, shift, weights};
}

FittedIndex fit_index(const Panel& panel, const IndexStage& stage) {
    FittedIndex result;
    result.indicator = stage.positive;
    result.indicator.insert(result.indicator.end(), stage.negative.begin(), stage.negative.end());
    if (result.indicator.empty())
        throw Error(Fault::study, "no indicator; name them in positive or negative");
    std::vector<bool> negative(result.indicator.size(), false);
    std::fill(negative.begin() + static_cast<std::ptrdiff_t>(stage.positive.size()), negative.end(), true);
    const IndicatorRows used = complete_rows(panel, result.indicator);
    const auto weighting = parse_weighting(stage.method, stage.shift, stage.weights, Fault::study);
    result.rows_used = used.row.size();
    result.fit = index::fit_weights(used.values, negative, weighting, result.indicator);
    result.column = index_column(panel, result.indicator, result.fit);
    return result;
}

std::vector<double> index_column(const Panel& panel, const std::vector<std::string>& indicators,
                                 const index::Fit& fit) {
    const IndicatorRows used = complete_rows(panel, indicators);
    const Eigen::VectorXd score = index::score(fit, used.values);
    std::vector<double> column(panel.rows(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < used.row.size(); ++i)
        column[used.row[i]] = score[static_cast<Eigen::Index>(i)];
    return column;
}

}  // namespace greenfront

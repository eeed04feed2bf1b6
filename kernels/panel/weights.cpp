#include "kernels/panel/weights.hpp"

#include <fmt/format.h>

#include <cmath>

#include "kernels/error.hpp"

namespace greenfront::panel {

namespace {

constexpr double most_expanded = 20e6;
constexpr double most_counted = 9007199254740992;  // 2^53: above it a double skips whole numbers
constexpr double largest_weight = 1e60, smallest_weight = 1e-60;  // as of the columns that they multiply

void check_size(const Design& design) {
    const double largest = design.weight.maxCoeff(), sum = design.weight.sum();
    if (design.weight_kind == WeightKind::frequency && sum > most_counted) {
        throw Error(Fault::data,
                    fmt::format("frequency weights {} stand for {:.6g} rows, more than can be counted (2^53); are "
                                "they analytic weights?",
                                design.weight_name, sum));
    }
    if (largest > largest_weight || largest < smallest_weight) {
        throw Error(Fault::data,
                    fmt::format("the largest of the weights {} is {:.6g}; products of such numbers cannot be "
                                "computed: divide the weights by one number that brings it between {:g} and {:g}",
                                design.weight_name, largest, smallest_weight, largest_weight));
    }
}

void check(const Design& design) {
    if (design.weight.size() != design.y.size()) {
        throw Error(Fault::data, fmt::format("weights {}: {} values for {} rows", design.weight_name,
                                             design.weight.size(), design.y.size()));
    }
    for (Eigen::Index i = 0; i < design.weight.size(); ++i) {
        const double w = design.weight[i];
        const auto row = design.row.empty() ? i : design.row[static_cast<std::size_t>(i)];
        if (!(w > 0) || !std::isfinite(w)) {
            throw Error(Fault::data,
                        fmt::format("weights {}: {} in data row {}; weights are positive numbers",
                                    design.weight_name, w, row + 1));
        }
        if (design.weight_kind == WeightKind::frequency && w != std::floor(w)) {
            throw Error(Fault::data,
                        fmt::format("frequency weights {}: {} in data row {} is no whole number; for weights "
                                    "that are no counts use analytic weights",
                                    design.weight_name, w, row + 1));
        }
    }
    if (design.weight.size() > 0) check_size(design);
}

}  // namespace

Eigen::VectorXd root_weights(const Design& design) {
    if (design.weight_kind == WeightKind::none) return {};
    check(design);
    if (design.weight_kind == WeightKind::frequency) return design.weight.cwiseSqrt();
    return (design.weight / design.weight.mean()).cwiseSqrt();
}

std::int64_t observations(const Design& design) {
    if (design.weight_kind != WeightKind::frequency) return design.y.size();
    return std::llround(design.weight.sum());
}

void weigh(const Eigen::VectorXd& root, Eigen::Ref<Eigen::MatrixXd> columns) {
    if (root.size() > 0) columns.array().colwise() *= root.array();
}

double weighted_mean(const Eigen::Ref<const Eigen::VectorXd>& column, const Eigen::VectorXd& root) {
    if (root.size() == 0) return column.mean();
    const auto w = root.array().square();
    return (w * column.array()).sum() / w.sum();
}

Scale column_scale(const Eigen::Ref<const Eigen::MatrixXd>& columns, const Eigen::VectorXd& root) {
    if (root.size() == 0) return column_scale(columns);
    Scale scale{Eigen::VectorXd(columns.cols()), Eigen::VectorXd(columns.cols())};
    for (Eigen::Index j = 0; j < columns.cols(); ++j) {
        const double mean = weighted_mean(columns.col(j), root);
        scale.raw[j] = columns.col(j).cwiseProduct(root).squaredNorm();
        scale.centred[j] = ((columns.col(j).array() - mean) * root.array()).matrix().squaredNorm();
    }
    return scale;
}

Design expand_frequencies(const Design& design) {
    check(design);
    if (design.weight.sum() > most_expanded) {
        throw Error(
            Fault::data,
            fmt::format("frequency weights {} stand for {:.0f} rows; with instruments at most {:.0f} are "
                        "possible",
                        design.weight_name, design.weight.sum(), most_expanded));
    }
    std::vector<std::int64_t> rows;
    for (Eigen::Index i = 0; i < design.weight.size(); ++i)
        rows.insert(rows.end(), static_cast<std::size_t>(design.weight[i]), i);
    Design expanded = take_rows(design, rows);
    expanded.weight_kind = WeightKind::none;
    expanded.weight.resize(0);
    return expanded;
}

}  // namespace greenfront::panel

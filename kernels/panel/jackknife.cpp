#include "kernels/panel/jackknife.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <limits>
#include <optional>

#include "kernels/error.hpp"
#include "kernels/panel/absorb.hpp"
#include "kernels/panel/estimation.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/panel/weights.hpp"

namespace greenfront::panel {
namespace {

/// Slopes and constant on some rows; nothing when a slope is not identified.
std::optional<Eigen::VectorXd> estimate_on(const Design& sample, const std::vector<std::int64_t>& rows) {
    if (rows.empty()) return std::nullopt;
    const Design part = take_rows(sample, rows);
    const Eigen::Index k = part.X.cols();
    const Eigen::VectorXd root = root_weights(part);
    const Absorber absorber(part.effects, part.y.size(), part.constant, root);
    Eigen::MatrixXd W(part.y.size(), k + 1);
    W << part.y, part.X;
    weigh(root, W);
    absorber.apply(W);
    const Selection selection =
        select_columns(W.rightCols(k), column_scale(part.X, root), part.x_name, !part.effects.empty());
    if (static_cast<Eigen::Index>(selection.kept.size()) < k) return std::nullopt;
    Estimation e;
    e.scale = selection.scale;
    e.R = selection.R;
    e.Z = W.rightCols(k) * selection.scale.cwiseInverse().asDiagonal();
    least_squares(W.col(0), e);
    Eigen::VectorXd b(k + 1);
    b.head(k) = e.estimate;
    b[k] = weighted_mean(part.y, root);
    for (Eigen::Index j = 0; j < k; ++j) b[k] -= weighted_mean(part.X.col(j), root) * b[j];
    return b;
}

}  // namespace

Jackknife cluster_jackknife(const Design& sample, const Factor& cluster, const Eigen::VectorXd& estimate) {
    const Eigen::Index G = cluster.levels, size = estimate.size();
    Jackknife result;
    result.draw = Eigen::MatrixXd::Constant(size, G, std::numeric_limits<double>::quiet_NaN());
    oneapi::tbb::parallel_for(Eigen::Index{0}, G, [&](Eigen::Index g) {
        std::vector<std::int64_t> rows;
        for (std::size_t i = 0; i < cluster.code.size(); ++i) {
            if (cluster.code[i] != g) rows.push_back(static_cast<std::int64_t>(i));
        }
        if (const auto b = estimate_on(sample, rows)) result.draw.col(g) = *b;
    });
    result.covariance = Eigen::MatrixXd::Zero(size, size);
    for (Eigen::Index g = 0; g < G; ++g) {
        if (!result.draw.col(g).allFinite()) {
            result.singular.push_back(cluster.level_name.empty()
                                          ? fmt::to_string(g)
                                          : cluster.level_name[static_cast<std::size_t>(g)]);
            continue;
        }
        const Eigen::VectorXd step = result.draw.col(g) - estimate;
        result.covariance += step * step.transpose();
        ++result.used;
    }
    if (result.used < 2) {
        throw Error(
            Fault::data,
            fmt::format("jackknife:{}: only {} of {} estimates that leave one cluster out are identified; "
                        "use --vcov cluster:{} or another cluster variable",
                        cluster.name, result.used, G, cluster.name));
    }
    const auto used = static_cast<double>(result.used);
    result.covariance *= (used - 1) / used;
    return result;
}

}  // namespace greenfront::panel

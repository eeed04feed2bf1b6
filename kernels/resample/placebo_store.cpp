#include "kernels/resample/placebo_store.hpp"

#include <algorithm>
#include <numeric>

namespace greenfront::resample {
namespace {

using Rows = std::vector<std::vector<std::int64_t>>;

Rows rows_of_lanes(const std::vector<std::int32_t>& lane, std::int32_t lanes,
                   const std::vector<std::int32_t>& slot_order) {
    Rows rows(static_cast<std::size_t>(lanes));
    for (std::size_t i = 0; i < lane.size(); ++i)
        rows[static_cast<std::size_t>(lane[i])].push_back(static_cast<std::int64_t>(i));
    for (auto& list : rows) {
        std::stable_sort(list.begin(), list.end(), [&](std::int64_t a, std::int64_t b) {
            return slot_order[static_cast<std::size_t>(a)] < slot_order[static_cast<std::size_t>(b)];
        });
    }
    return rows;
}

void set_groups(PlaceboStore& store, const Rows& rows, const std::vector<std::size_t>& order) {
    const auto lanes = static_cast<std::size_t>(placebo_lanes);
    const std::size_t groups = (order.size() + lanes - 1) / lanes;
    std::int64_t column = 0;
    for (std::size_t g = 0; g < groups; ++g) {
        const auto slots = static_cast<std::int32_t>(rows[order[g * lanes]].size());  // the longest lane
        store.group.push_back({store.size, slots, column});
        column += std::int64_t{slots} * store.columns * placebo_lanes;
        store.size += std::int64_t{slots} * placebo_lanes;
    }
    store.column.assign(static_cast<std::size_t>(column), 0.0);
    store.stride = placebo_lanes;
    if (store.rectangular) {
        store.stride = static_cast<std::int64_t>(groups) * placebo_lanes;
        for (std::size_t g = 0; g < groups; ++g)
            store.group[g].base = static_cast<std::int64_t>(g) * placebo_lanes;
    }
}

void set_cross(PlaceboStore& store, std::size_t g, std::size_t lane, const Eigen::VectorXd& y,
               const Eigen::MatrixXd& Q, const std::vector<std::int64_t>& rows) {
    const Eigen::Index others = Q.cols();
    const auto per_group = static_cast<std::size_t>(others + others * (others + 1) / 2) * placebo_lanes;
    double* out = store.cross.data() + g * per_group + lane;
    const Eigen::MatrixXd own = Q(rows, Eigen::all);
    const Eigen::VectorXd r = own.transpose() * y(rows);
    const Eigen::MatrixXd P = own.transpose() * own;
    for (Eigen::Index j = 0; j < others; ++j, out += placebo_lanes) *out = r(j);
    for (Eigen::Index j = 0; j < others; ++j) {
        for (Eigen::Index k = 0; k <= j; ++k, out += placebo_lanes) *out = P(j, k);
    }
}

}  // namespace

PlaceboStore placebo_store(const Eigen::VectorXd& y, const Eigen::MatrixXd& Q,
                           const std::vector<std::int32_t>& lane, std::int32_t lanes,
                           const std::vector<std::int32_t>& slot_order, const panel::Factor* cluster,
                           bool interleave) {
    PlaceboStore store;
    store.columns = static_cast<int>(Q.cols()) + 1;
    store.lanes = lanes;
    const Rows rows = rows_of_lanes(lane, lanes, slot_order);
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    store.rectangular = interleave && std::all_of(rows.begin(), rows.end(), [&](const auto& list) {
                            return list.size() == rows.front().size();
                        });
    if (!store.rectangular) {
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return rows[a].size() > rows[b].size(); });
    }
    set_groups(store, rows, order);
    const auto others = static_cast<std::size_t>(Q.cols());
    store.cross.assign(store.group.size() * (others + others * (others + 1) / 2) * placebo_lanes, 0.0);
    store.position.resize(lane.size());
    store.clusters = cluster == nullptr ? lanes : cluster->levels;
    if (cluster != nullptr) store.cluster.assign(store.group.size() * placebo_lanes, -1);
    for (std::size_t at = 0; at < order.size(); ++at) {
        const std::size_t g = at / placebo_lanes, l = at % placebo_lanes;
        const auto& own = rows[order[at]];
        for (std::size_t slot = 0; slot < own.size(); ++slot) {
            const auto row = own[slot];
            store.position[static_cast<std::size_t>(row)] = store.group[g].base +
                                                            static_cast<std::int64_t>(slot) * store.stride +
                                                            static_cast<std::int64_t>(l);
            double* out = store.column.data() + static_cast<std::size_t>(store.group[g].column) +
                          slot * static_cast<std::size_t>(store.columns) * placebo_lanes + l;
            for (Eigen::Index j = 0; j < Q.cols(); ++j, out += placebo_lanes) *out = Q(row, j);
            *out = y(row);
        }
        set_cross(store, g, l, y, Q, own);
        if (cluster != nullptr) store.cluster[at] = cluster->code[static_cast<std::size_t>(own.front())];
    }
    return store;
}

}  // namespace greenfront::resample

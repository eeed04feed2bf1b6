#include "kernels/resample/wild_strip.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;

WildBlock make_block(const ClusterMoments& moments, const WildMap& map, const WildPart& part, Index begin,
                     Index end) {
    WildBlock result;
    result.begin = static_cast<int>(begin);
    result.clusters = static_cast<int>(end - begin);
    const std::ptrdiff_t block = moments.cluster[static_cast<std::size_t>(begin)].block;
    if (block >= 0) result.rank = static_cast<int>(map.basis[static_cast<std::size_t>(block)].into.rows());
    result.m = pack(result.rank, result.clusters, [&](int g) -> const Eigen::VectorXd& {
        return part.m[static_cast<std::size_t>(begin + g)];
    });
    const int rows = result.rank + static_cast<int>(moments.k);
    const int groups = (result.clusters + wild_group - 1) / wild_group;
    result.load.assign(static_cast<std::size_t>(groups) * static_cast<std::size_t>(rows) * wild_group, 0.0);
    result.diagonal.assign(static_cast<std::size_t>(groups) * wild_group, 0.0);
    for (int g = 0; g < result.clusters; ++g) {
        const auto& load = map.load[static_cast<std::size_t>(begin + g)];
        for (int r = 0; r < rows; ++r) {
            const int at = (g / wild_group * rows + r) * wild_group + g % wild_group;
            result.load[static_cast<std::size_t>(at)] = load(r);
        }
        result.diagonal[static_cast<std::size_t>(g)] = part.d(begin + g);
    }
    return result;
}

}  // namespace

WildStore wild_store(const ClusterMoments& moments, const WildMap& map, const WildPart& part) {
    WildStore store;
    store.k = static_cast<int>(moments.k);
    store.term = static_cast<int>(map.term);
    store.clusters = static_cast<int>(moments.cluster.size());
    store.delta = pack(store.k, store.clusters,
                       [&](int g) -> Eigen::VectorXd { return part.delta.col(static_cast<Index>(g)); });
    const auto G = static_cast<Index>(moments.cluster.size());
    for (Index begin = 0; begin < G;) {
        Index end = begin;
        const auto block = moments.cluster[static_cast<std::size_t>(begin)].block;
        while (end < G && moments.cluster[static_cast<std::size_t>(end)].block == block) ++end;
        store.block.push_back(make_block(moments, map, part, begin, end));
        store.most_rank = std::max(store.most_rank, store.block.back().rank);
        begin = end;
    }
    return store;
}

}  // namespace greenfront::resample

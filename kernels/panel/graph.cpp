#include "kernels/panel/graph.hpp"

#include <numeric>

namespace greenfront::panel {

DisjointSets::DisjointSets(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
}

std::size_t DisjointSets::root(std::size_t element) {
    while (parent_[element] != element) {
        parent_[element] = parent_[parent_[element]];
        element = parent_[element];
    }
    return element;
}

void DisjointSets::unite(std::size_t a, std::size_t b) {
    const std::size_t root_a = root(a), root_b = root(b);
    if (root_a < root_b) {
        parent_[root_b] = root_a;
    } else {
        parent_[root_a] = root_b;
    }
}

Components components(const std::vector<std::int32_t>& a, std::int32_t a_levels,
                      const std::vector<std::int32_t>& b, std::int32_t b_levels) {
    const auto first = static_cast<std::size_t>(a_levels);
    const auto second = static_cast<std::size_t>(b_levels);
    DisjointSets sets(first + second);
    std::vector<char> used(first + second, 0);
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto node_a = static_cast<std::size_t>(a[i]);
        const auto node_b = first + static_cast<std::size_t>(b[i]);
        used[node_a] = used[node_b] = 1;
        sets.unite(node_a, node_b);
    }
    Components result;
    std::vector<std::int32_t> label(first + second, -1);
    for (std::size_t node = 0; node < first + second; ++node) {
        if (!used[node]) continue;
        const std::size_t root = sets.root(node);
        // The root is the smallest node of its set: it is met first.
        label[node] = root == node ? static_cast<std::int32_t>(result.count++) : label[root];
    }
    const auto middle = label.begin() + static_cast<std::ptrdiff_t>(first);
    result.of_first.assign(label.begin(), middle);
    result.of_second.assign(middle, label.end());
    return result;
}

}  // namespace greenfront::panel

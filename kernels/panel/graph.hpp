#pragma once
#include <cstdint>
#include <vector>

/// Connected components of the graph whose nodes are the levels of two factors and whose edges are the rows
/// (Abowd, Creecy and Kramarz 2002, "mobility groups"). Dummies of both factors have
/// rank L1 + L2 - components.
namespace greenfront::panel {

/// Disjoint sets with path halving; the root of a set is its smallest element, so that labels do not depend
/// on the order of unions.
class DisjointSets {
  public:
    explicit DisjointSets(std::size_t size);
    [[nodiscard]] std::size_t root(std::size_t element);
    void unite(std::size_t a, std::size_t b);

  private:
    std::vector<std::size_t> parent_;
};

struct Components {
    std::int64_t count = 0;              ///< among levels that occur
    std::vector<std::int32_t> of_first;  ///< component of each level of the first factor, -1 if unused
    std::vector<std::int32_t> of_second;
};

/// `a` and `b` have a code for each row, in 0..levels-1. Cost: rows.
[[nodiscard]] Components components(const std::vector<std::int32_t>& a, std::int32_t a_levels,
                                    const std::vector<std::int32_t>& b, std::int32_t b_levels);

}  // namespace greenfront::panel

#pragma once
#include <vector>

#include "kernels/resample/uniform.hpp"
#include "kernels/resample/wild_system.hpp"

/// Sixteen replicates of a wild bootstrap side by side: two thin matrix products with the weights.
namespace greenfront::resample {

inline constexpr int wild_group = 4;  ///< clusters whose terms c are computed together

struct WildBlock {
    int begin = 0, clusters = 0, rank = 0;
    Packed m;                      ///< rank rows
    std::vector<double> load;      ///< [group][rank + k][4 clusters]; zeros where a group is not full
    std::vector<double> diagonal;  ///< d, [group][4]
};

/// One set of residuals, ready to be multiplied with weights.
struct WildStore {
    int k = 0, term = 0, clusters = 0, most_rank = 0;
    Packed delta;                  ///< k rows, all clusters
    std::vector<WildBlock> block;  ///< of all positions; clusters that no effect touches are one of rank 0
};
[[nodiscard]] WildStore wild_store(const ClusterMoments& moments, const WildMap& map, const WildPart& part);

/// delta_j, and the sum of c_g^2.
struct WildSums {
    double numerator[strip];
    double squares[strip];
};
/// Two sets of residuals at once: delta_j of each, and the sums of c c, c c', c' c'.
struct WildPairSums {
    double numerator[2][strip];
    double squares[3][strip];
};

/// Signs of sixteen replicates: bit g % 64 of words[g / 64][replicate], 1 means -1, goes to the position of
/// cluster code g.
void wild_signs(const std::uint64_t* words, const std::int32_t* position, std::int32_t G, double* weights);

/// `weights`: [position][16], and 4 further rows of any finite numbers. `work` is scratch space that the
/// callee sizes. Cost: 4 (rank + k) flops a cluster and replicate; twice that and a bit for two sets.
void wild_strip(const WildStore& store, const double* weights, std::vector<double>& work, WildSums& sums);
void wild_strip(const WildStore& first, const WildStore& second, const double* weights,
                std::vector<double>& work, WildPairSums& sums);

}  // namespace greenfront::resample

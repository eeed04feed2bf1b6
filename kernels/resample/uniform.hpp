#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/resample/moments.hpp"

/// The pairs bootstrap where all clusters of a block have the same rows of Z-dot (a balanced panel), sixteen
/// replicates at a time.
///
/// With H = Z'Z one cluster's matrix, H^+ = L L' (rank r) and W = sum of w_g over the block,
///     m = sum w_g L'h_g  (r x p),    Q = sum w_g S_g - sum_blocks m'm / W,
///     Z-dot gamma = (Z-dot L) m / W  (rows x p: one correction for all clusters of the block).
/// m and sum w_g S_g of sixteen replicates are products of a small matrix with the counts. Then Cholesky,
/// coefficients and A^-1 are computed with replicates side by side, and scores with clusters side by side:
///     u_gt = (y - x beta)_gt - (C_y - C_x beta)_t,   s_g = sum_t (x_gt - C_xt) u_gt,   M = sum w_g s_g s_g',
///     V_jj / q = a_j' M a_j,  a_j the columns of A^-1.
/// A replicate that misses the trust test of pairs_solve.hpp is marked and left to the general road.
/// Cost for G clusters, T rows each, k regressors: 2 G (p(p+1)/2 + r p) + G T (4 k + 2) + G k(k+3) flops.
namespace greenfront::resample {

inline constexpr int strip = 16;      ///< replicates side by side
inline constexpr int panel_rows = 6;  ///< rows of a packed matrix that are multiplied together
inline constexpr int group = 8;       ///< clusters side by side
inline constexpr int most_regressors = 8;

/// A matrix (rows x clusters) as panels of six rows, [panel][cluster][6], the last one filled with zeros.
struct Packed {
    int rows = 0, clusters = 0;
    std::vector<double> value;
};

/// Rows of whole panels.
[[nodiscard]] constexpr int padded(int rows) {
    return (rows + panel_rows - 1) / panel_rows * panel_rows;
}

/// `column(g)` gives the rows of cluster g as a vector.
template <class Column>
Packed pack(int rows, int clusters, const Column& column) {
    const int panels = (rows + panel_rows - 1) / panel_rows;
    Packed packed{rows, clusters, {}};
    packed.value.assign(static_cast<std::size_t>(panels) * static_cast<std::size_t>(clusters) * panel_rows,
                        0.0);
    for (int g = 0; g < clusters; ++g) {
        const auto& values = column(g);
        for (int r = 0; r < rows; ++r) {
            const int panel = r / panel_rows;
            const auto at = static_cast<std::size_t>(panel * clusters + g) * panel_rows +
                            static_cast<std::size_t>(r % panel_rows);
            packed.value[at] = values(r);
        }
    }
    return packed;
}

struct UniformBlock {
    int begin = 0, clusters = 0;  ///< positions
    int rows = 0, rank = 0;
    Packed m;                   ///< rank x p rows, row i p + a
    std::vector<double> basis;  ///< Z-dot L, rows x rank, row-major
    int groups = 0, first_group = 0;
    std::vector<double> column;  ///< [group][row][p][8 clusters]
};

struct UniformStore {
    int k = 0, p = 0, clusters = 0, groups = 0;
    double n = 0;  ///< rows
    Packed S;      ///< p (p + 1) / 2 rows, lower triangle row by row
    std::vector<UniformBlock> block;
};

/// Nothing when some block is not uniform, some cluster is in no block, or k > most_regressors.
[[nodiscard]] std::unique_ptr<UniformStore> uniform_store(const ClusterMoments& moments);

/// out[row][16] = A (rows x clusters) times numbers [cluster][16]; `out` has room for whole panels of rows.
void multiply(const Packed& A, const double* numbers, double* out);

struct StripResult {
    double beta[most_regressors][strip];
    double variance[most_regressors][strip];  ///< V_jj / q; only when studentised
    bool trusted[strip];
};
/// `count`: [clusters][16], how often each position was drawn; a replicate without any is not trusted.
/// `work` is scratch space that the callee sizes.
void solve_strip(const UniformStore& store, const double* count, bool studentise, std::vector<double>& work,
                 StripResult& result);

}  // namespace greenfront::resample

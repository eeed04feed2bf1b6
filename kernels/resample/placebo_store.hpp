#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kernels/panel/regression.hpp"

/// Coefficient and standard error of a permuted regressor from thin products, eight clusters side by side.
///
/// v = M x^pi is the partialled permuted regressor, y~ the partialled outcome without its part in Q, and Q
/// (n x k-1) an orthonormal basis of the partialled other regressors. A lane is a set of rows g inside one
/// cluster (a unit, a row or the cluster itself). With
///     w_gj = q_gj' v_g,  w_gy = y~_g' v_g,  s_g = v_g' v_g,  r_gj = q_gj' y~_g,  P_g = Q_g' Q_g
///     d = sum_g w_g,  D = sum_g s_g - d'd,  beta = sum_g w_gy / D                          (method 4.8)
///     a_g = w_gy - d'r_g,   b_g = s_g - d'(2 w_g - P_g d)      of x~ = v - Q d:  x~_g'y~_g and x~_g'x~_g
///     c_g = a_g - beta b_g,  V = q sum_clusters (sum of its c_g)^2 / D^2
/// so that x~ is never formed: 2 n (k + 1) + (k^2 + 5 k) lanes flops a draw.
///
/// A draw's numbers are stored as [group][slot][8 lanes]; slots of a group are as many as its longest lane
/// has rows, and what no row fills is zero. Where every lane has a row in each period the groups are
/// interleaved, [slot][group][8 lanes], so that a period is contiguous.
namespace greenfront::resample {

inline constexpr int placebo_lanes = 8;
inline constexpr int placebo_strip = 8;  ///< draws that share the loads of y~ and Q

struct PlaceboStore {
    struct Group {
        std::int64_t base = 0;  ///< first number in a draw
        std::int32_t slots = 0;
        std::int64_t column = 0;  ///< first number in `column`
    };
    int columns = 1;          ///< k: q_1 .. q_{k-1}, then y~
    std::int64_t stride = 0;  ///< between slots
    std::vector<Group> group;
    std::vector<double> column;         ///< [group][slot][columns][8]
    std::vector<double> cross;          ///< [group][r_j, then P_jk for k <= j][8]
    std::vector<std::int32_t> cluster;  ///< of each lane, -1 where there is none; empty: lanes are clusters
    std::int32_t clusters = 0;
    std::int64_t size = 0;               ///< numbers of a draw
    std::vector<std::int64_t> position;  ///< of each row in a draw
    bool rectangular = false;            ///< interleaved; slot is period, lane is unit
    std::int32_t lanes = 0;              ///< that have rows
};

/// `lane`: of each row, 0..lanes-1; `slot_order`: rows within a lane are in the order of this number. Lanes
/// keep their order when all have the same number of rows and `interleave`; else longer ones go first.
[[nodiscard]] PlaceboStore placebo_store(const Eigen::VectorXd& y, const Eigen::MatrixXd& Q,
                                         const std::vector<std::int32_t>& lane, std::int32_t lanes,
                                         const std::vector<std::int32_t>& slot_order,
                                         const panel::Factor* cluster, bool interleave);

/// What a draw needs for its coefficient and variance.
struct PlaceboSums {
    double square = 0;     ///< v'v
    double D = 0;          ///< x~'x~
    double numerator = 0;  ///< v'y~
    double middle = 0;     ///< sum over clusters of c^2
    double size = 0;       ///< sum over lanes of a^2 + (beta b)^2: what c is the difference of
};
/// Eight draws at most: the numbers of draw r at draw[r]; or, in rectangular order, as placebo_gather would
/// make them from item[r].
struct PlaceboInput {
    const double* const* draw = nullptr;
    const double* value = nullptr;
    const std::int32_t* const* item = nullptr;
};
/// `work` is scratch space that the callee sizes.
void placebo_sums(const PlaceboStore& store, const PlaceboInput& input, int draws, std::vector<double>& work,
                  PlaceboSums* sums);

/// draw[slot][i] = value[slot][item[i]] in rectangular order. `value` has a number a lane and one 0 in each
/// slot, which the items beyond the lanes (there are `stride` of them) stand for.
void placebo_gather(const PlaceboStore& store, const double* value, const std::int32_t* item, double* draw);

/// Takes period means and, or, unit means from a draw in rectangular order (both: the two-way transformation
/// of a balanced panel).
void placebo_demean(const PlaceboStore& store, bool period, bool unit, double* draw);

}  // namespace greenfront::resample

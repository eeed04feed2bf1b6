#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <memory>

/// Passes over a table stored row by row, for regressions that are solved from cross-products.
///
/// Row i holds its columns at data + i * width; width is a multiple of 8 and what is beyond the last column
/// is zero. A lane is a column, so that a pass adds up a column in row order whatever the width of the
/// machine's vectors: results are the same for every instruction set. Without fused multiply-add, for the
/// same reason.
namespace greenfront::panel {

struct RowBlock {
    Eigen::Index rows = 0, width = 0;
    double* data = nullptr;

    RowBlock(Eigen::Index n, Eigen::Index columns);
    ~RowBlock();
    RowBlock(const RowBlock&) = delete;
    RowBlock& operator=(const RowBlock&) = delete;

  private:
    std::unique_ptr<double[]> memory_;  ///< uninitialised; data is aligned within
    std::size_t size_ = 0;
};

/// Sums for the levels of a factor: level l at sum + l * width.
struct LevelSums {
    const std::int32_t* code = nullptr;
    double* sum = nullptr;
};

/// block(i, j) = column_j[i] - shift[j], and adds each row to the sums of its level in `a` and, when it has
/// codes, in `b`. Returns nothing; sums must be zero before.
void load_rows(const double* const* column, Eigen::Index columns, const double* shift, RowBlock& block,
               const LevelSums& a, const LevelSums& b);

/// Adds each row to the sums of its level.
void add_rows(const RowBlock& block, const LevelSums& sums);

/// Row i loses a[code_a[i]] (and b[code_b[i]]); `products` (width x width, column by column) gets
/// sum_i row_i row_i', its
/// upper triangle at least, or stays as it is when null; `sums` with codes get what is left.
void subtract_levels(RowBlock& block, const LevelSums& a, const LevelSums& b, const LevelSums& sums,
                     double* products);

/// sum[a][:] += value[b][:] over rows: what effect b takes from the levels of effect a.
void add_levels(const RowBlock& block, const LevelSums& a, const LevelSums& value);

/// u_i = row_i'c with c[0] belonging to the outcome, gradient = sum_i row_i u_i; and, with v_i = row_i whose
/// first entry is 1: for each level of `clusters` sum v_i u_i; without clusters S (width x width) +=
/// (v_i u_i)(v_i u_i)' when S is not null.
void residual_pass(const RowBlock& block, const double* c, double* u, double* gradient,
                   const LevelSums& clusters, double* S);

}  // namespace greenfront::panel

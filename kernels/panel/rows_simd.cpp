// The loops of rows.hpp, compiled once for each instruction set.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/panel/rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/panel/rows_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace greenfront::panel::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, 8>;
using V = hn::Vec<D>;

/// Rows are handled in tiles that stay in the first cache: what one loop stores another loads later, so that
/// neither waits for the other.
constexpr Eigen::Index tile = 48;

/// to += from, one row.
inline void Add(const double* HWY_RESTRICT from, double* HWY_RESTRICT to, Eigen::Index width) {
    const D d;
    const auto lanes = static_cast<Eigen::Index>(hn::Lanes(d));
    for (Eigen::Index j = 0; j < width; j += lanes)
        hn::StoreU(hn::Add(hn::LoadU(d, to + j), hn::LoadU(d, from + j)), d, to + j);
}

/// AddRun for rows of one vector (8 lanes) or two: the running sum changes place when the level does.
template <int vectors>
inline void AddNarrow(const double* HWY_RESTRICT from, const LevelSums& sums, Eigen::Index begin,
                      Eigen::Index end) {
    const D d;
    const auto lanes = static_cast<Eigen::Index>(hn::Lanes(d));
    const Eigen::Index width = vectors * lanes;
    const std::int32_t* HWY_RESTRICT code = sums.code;
    double* HWY_RESTRICT to = sums.sum + code[begin] * width;
    V first = hn::LoadU(d, to), second = vectors == 2 ? hn::LoadU(d, to + lanes) : hn::Zero(d);
    std::int32_t level = code[begin];
    for (Eigen::Index i = begin; i < end; ++i, from += width) {
        if (code[i] != level) {
            hn::StoreU(first, d, to);
            if (vectors == 2) hn::StoreU(second, d, to + lanes);
            level = code[i];
            to = sums.sum + level * width;
            first = hn::LoadU(d, to);
            if (vectors == 2) second = hn::LoadU(d, to + lanes);
        }
        first = hn::Add(first, hn::LoadU(d, from));
        if (vectors == 2) second = hn::Add(second, hn::LoadU(d, from + lanes));
    }
    hn::StoreU(first, d, to);
    if (vectors == 2) hn::StoreU(second, d, to + lanes);
}

/// Adds rows begin..end of an array like the block's to the sums of their levels. The sum of a run of rows in
/// one level is kept in registers: rows are often sorted by one of the factors.
inline void AddRun(const double* HWY_RESTRICT from, Eigen::Index width, const LevelSums& sums,
                   Eigen::Index begin, Eigen::Index end) {
    const D d;
    const auto lanes = static_cast<Eigen::Index>(hn::Lanes(d));
    if (width == lanes) return AddNarrow<1>(from, sums, begin, end);
    if (width == 2 * lanes) return AddNarrow<2>(from, sums, begin, end);
    while (begin < end) {
        const std::int32_t level = sums.code[begin];
        Eigen::Index next = begin + 1;
        while (next < end && sums.code[next] == level) ++next;
        double* HWY_RESTRICT to = sums.sum + level * width;
        for (Eigen::Index j = 0; j < width; j += lanes) {
            V sum = hn::LoadU(d, to + j);
            const double* HWY_RESTRICT row = from + j;
            for (Eigen::Index i = begin; i < next; ++i, row += width) sum = hn::Add(sum, hn::LoadU(d, row));
            hn::StoreU(sum, d, to + j);
        }
        from += (next - begin) * width;
        begin = next;
    }
}

void AddRows(const RowBlock& block, const LevelSums& sums) {
    AddRun(block.data, block.width, sums, 0, block.rows);
}

/// Rows begin..end, columns j and j + 1: two rows and two columns at a time, turned in registers.
inline void LoadPair(const double* HWY_RESTRICT first, const double* HWY_RESTRICT second, double shift_first,
                     double shift_second, Eigen::Index begin, Eigen::Index end, Eigen::Index width,
                     double* HWY_RESTRICT to) {
    Eigen::Index i = begin;
#if HWY_TARGET != HWY_SCALAR  // one lane has nothing to turn
    const hn::CappedTag<double, 2> two;
    if (hn::Lanes(two) == 2) {
        const auto centre_first = hn::Set(two, shift_first), centre_second = hn::Set(two, shift_second);
        for (; i + 2 <= end; i += 2, to += 2 * width) {
            const auto a = hn::Sub(hn::LoadU(two, first + i), centre_first);
            const auto b = hn::Sub(hn::LoadU(two, second + i), centre_second);
            hn::StoreU(hn::InterleaveLower(two, a, b), two, to);
            hn::StoreU(hn::InterleaveUpper(two, a, b), two, to + width);
        }
    }
#endif
    for (; i < end; ++i, to += width) {
        to[0] = first[i] - shift_first;
        to[1] = second[i] - shift_second;
    }
}

#if HWY_TARGET != HWY_SCALAR && HWY_MAX_BYTES >= 64 && !HWY_HAVE_SCALABLE
/// Eight rows of eight columns from each column's `i`, turned in registers: pairs of columns within 128-bit
/// blocks, then the blocks.
inline void LoadSquare(const double* const* HWY_RESTRICT column, Eigen::Index columns,
                       const double* HWY_RESTRICT shift, Eigen::Index i, Eigen::Index width,
                       double* HWY_RESTRICT to) {
    const D d;
    V c[8];
    for (Eigen::Index j = 0; j < 8; ++j)
        c[j] = j < columns ? hn::Sub(hn::LoadU(d, column[j] + i), hn::Set(d, shift[j])) : hn::Zero(d);
    for (int odd = 0; odd < 2; ++odd) {  // rows 0, 2, 4, 6, then 1, 3, 5, 7
        V pair[4];
        for (int p = 0; p < 4; ++p)
            pair[p] = odd == 0 ? hn::InterleaveLower(d, c[2 * p], c[2 * p + 1])
                               : hn::InterleaveUpper(d, c[2 * p], c[2 * p + 1]);
        const V even_left = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(pair[1]), pair[0]);
        const V odd_left = hn::OddEvenBlocks(pair[1], hn::SwapAdjacentBlocks(pair[0]));
        const V even_right = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(pair[3]), pair[2]);
        const V odd_right = hn::OddEvenBlocks(pair[3], hn::SwapAdjacentBlocks(pair[2]));
        double* HWY_RESTRICT row = to + odd * width;
        hn::StoreU(hn::ConcatLowerLower(d, even_right, even_left), d, row);
        hn::StoreU(hn::ConcatLowerLower(d, odd_right, odd_left), d, row + 2 * width);
        hn::StoreU(hn::ConcatUpperUpper(d, even_right, even_left), d, row + 4 * width);
        hn::StoreU(hn::ConcatUpperUpper(d, odd_right, odd_left), d, row + 6 * width);
    }
}
#endif

void LoadRows(const double* const* HWY_RESTRICT column, Eigen::Index columns,
              const double* HWY_RESTRICT shift, RowBlock& block, const LevelSums& a, const LevelSums& b) {
    const Eigen::Index width = block.width;
    for (Eigen::Index begin = 0; begin < block.rows; begin += tile) {
        const Eigen::Index end = std::min(begin + tile, block.rows);
        double* const rows = block.data + begin * width;
        Eigen::Index whole = begin;  // rows before it are loaded in squares
#if HWY_TARGET != HWY_SCALAR && HWY_MAX_BYTES >= 64 && !HWY_HAVE_SCALABLE
        if (hn::Lanes(D()) == 8) {
            for (; whole + 8 <= end; whole += 8) {
                for (Eigen::Index j = 0; j < width; j += 8)
                    LoadSquare(column + j, columns - j, shift + j, whole, width,
                               rows + (whole - begin) * width + j);
            }
        }
#endif
        double* const rest = rows + (whole - begin) * width;
        Eigen::Index j = 0;
        for (; j + 2 <= columns; j += 2)
            LoadPair(column[j], column[j + 1], shift[j], shift[j + 1], whole, end, width, rest + j);
        for (; j < width; ++j) {
            double* HWY_RESTRICT to = rest + j;
            for (Eigen::Index i = whole; i < end; ++i, to += width)
                *to = j < columns ? column[j][i] - shift[j] : 0;
        }
        if (a.code != nullptr) AddRun(rows, width, a, begin, end);
        if (b.code != nullptr) AddRun(rows, width, b, begin, end);
    }
}

/// products += row row' of rows begin..end for eight columns at `from` (all of the width, in strips of
/// eight).
inline void AddProducts(const RowBlock& block, Eigen::Index begin, Eigen::Index end, Eigen::Index from,
                        double* HWY_RESTRICT products) {
    const D d;
    const auto lanes = static_cast<Eigen::Index>(hn::Lanes(d));
    const Eigen::Index width = block.width;
    for (Eigen::Index strip = 0; strip < from + 8; strip += lanes) {
        double* HWY_RESTRICT to = products + from * width + strip;
        const auto kept = [&](Eigen::Index j) { return hn::LoadU(d, to + j * width); };
        V s0 = kept(0), s1 = kept(1), s2 = kept(2), s3 = kept(3), s4 = kept(4), s5 = kept(5), s6 = kept(6),
          s7 = kept(7);
        for (Eigen::Index i = begin; i < end; ++i) {
            const double* HWY_RESTRICT row = block.data + i * width;
            const V v = hn::LoadU(d, row + strip);
            const double* HWY_RESTRICT x = row + from;
            s0 = hn::Add(s0, hn::Mul(v, hn::Set(d, x[0])));
            s1 = hn::Add(s1, hn::Mul(v, hn::Set(d, x[1])));
            s2 = hn::Add(s2, hn::Mul(v, hn::Set(d, x[2])));
            s3 = hn::Add(s3, hn::Mul(v, hn::Set(d, x[3])));
            s4 = hn::Add(s4, hn::Mul(v, hn::Set(d, x[4])));
            s5 = hn::Add(s5, hn::Mul(v, hn::Set(d, x[5])));
            s6 = hn::Add(s6, hn::Mul(v, hn::Set(d, x[6])));
            s7 = hn::Add(s7, hn::Mul(v, hn::Set(d, x[7])));
        }
        const V all[] = {s0, s1, s2, s3, s4, s5, s6, s7};
        for (Eigen::Index j = 0; j < 8; ++j) hn::StoreU(all[j], d, to + j * width);
    }
}

/// Rows begin..end lose the values of their levels.
inline void Subtract(RowBlock& block, const LevelSums& a, const LevelSums& b, Eigen::Index begin,
                     Eigen::Index end) {
    const D d;
    const auto lanes = static_cast<Eigen::Index>(hn::Lanes(d));
    const Eigen::Index width = block.width;
    for (Eigen::Index i = begin; i < end; ++i) {
        double* HWY_RESTRICT row = block.data + i * width;
        const double* HWY_RESTRICT of_a = a.sum + a.code[i] * width;
        if (b.code == nullptr) {
            for (Eigen::Index j = 0; j < width; j += lanes)
                hn::StoreU(hn::Sub(hn::LoadU(d, row + j), hn::LoadU(d, of_a + j)), d, row + j);
        } else {
            const double* HWY_RESTRICT of_b = b.sum + b.code[i] * width;
            for (Eigen::Index j = 0; j < width; j += lanes) {
                const V left = hn::Sub(hn::LoadU(d, row + j), hn::LoadU(d, of_a + j));
                hn::StoreU(hn::Sub(left, hn::LoadU(d, of_b + j)), d, row + j);
            }
        }
    }
}

void SubtractLevels(RowBlock& block, const LevelSums& a, const LevelSums& b, const LevelSums& sums,
                    double* HWY_RESTRICT products) {
    const Eigen::Index width = block.width;
    if (products != nullptr) std::fill(products, products + width * width, 0.0);
    for (Eigen::Index begin = 0; begin < block.rows; begin += tile) {
        const Eigen::Index end = std::min(begin + tile, block.rows);
        Subtract(block, a, b, begin, end);
        if (sums.code != nullptr) AddRun(block.data + begin * width, width, sums, begin, end);
        for (Eigen::Index from = 0; products != nullptr && from < width; from += 8)
            AddProducts(block, begin, end, from, products);
    }
}

void AddLevels(const RowBlock& block, const LevelSums& a, const LevelSums& value) {
    for (Eigen::Index i = 0; i < block.rows; ++i)
        Add(value.sum + value.code[i] * block.width, a.sum + a.code[i] * block.width, block.width);
}

/// u of rows begin..end. Eight partial sums, then pairs of them: the same order for vectors of any width.
inline void Residuals(const RowBlock& block, const double* HWY_RESTRICT c, Eigen::Index begin,
                      Eigen::Index end, double* HWY_RESTRICT part, double* HWY_RESTRICT u) {
    const D d;
    const auto lanes = static_cast<Eigen::Index>(hn::Lanes(d));
    const Eigen::Index width = block.width;
    for (Eigen::Index l = 0; l < 8; l += lanes) {
        const V first = hn::LoadU(d, c + l);
        for (Eigen::Index i = begin; i < end; ++i) {
            const double* HWY_RESTRICT row = block.data + i * width + l;
            V sum = hn::Mul(hn::LoadU(d, row), first);
            for (Eigen::Index j = 8; j < width; j += 8)
                sum = hn::Add(sum, hn::Mul(hn::LoadU(d, row + j), hn::LoadU(d, c + j + l)));
            hn::StoreU(sum, d, part + (i - begin) * 8 + l);
        }
    }
    for (Eigen::Index i = begin; i < end; ++i) {
        const double* HWY_RESTRICT p = part + (i - begin) * 8;
        u[i] = ((p[0] + p[1]) + (p[2] + p[3])) + ((p[4] + p[5]) + (p[6] + p[7]));
    }
}

void ResidualPass(const RowBlock& block, const double* HWY_RESTRICT c, double* HWY_RESTRICT u,
                  double* HWY_RESTRICT gradient, const LevelSums& clusters, double* HWY_RESTRICT S,
                  double* HWY_RESTRICT score) {
    const D d;
    const auto lanes = static_cast<Eigen::Index>(hn::Lanes(d));
    const Eigen::Index width = block.width;
    HWY_ALIGN double part[8 * tile];
    for (Eigen::Index begin = 0; begin < block.rows; begin += tile) {
        const Eigen::Index end = std::min(begin + tile, block.rows);
        Residuals(block, c, begin, end, part, u);
        for (Eigen::Index j = 0; j < width; j += lanes) {
            V sum = hn::LoadU(d, gradient + j);
            for (Eigen::Index i = begin; i < end; ++i) {
                const V times = hn::Set(d, u[i]);
                V psi = hn::Mul(hn::LoadU(d, block.data + i * width + j), times);
                sum = hn::Add(sum, psi);
                if (j == 0) psi = hn::IfThenElse(hn::FirstN(d, 1), times, psi);
                hn::StoreU(psi, d, score + (i - begin) * width + j);
            }
            hn::StoreU(sum, d, gradient + j);
        }
        if (clusters.code != nullptr) {
            AddRun(score, width, clusters, begin, end);
            continue;
        }
        for (Eigen::Index i = 0; S != nullptr && i < end - begin; ++i) {
            const double* HWY_RESTRICT psi = score + i * width;
            for (Eigen::Index k = 0; k < width; ++k) {
                const V left = hn::Set(d, psi[k]);
                for (Eigen::Index j = 0; j < width; j += lanes) {
                    double* const to = S + k * width + j;
                    hn::StoreU(hn::Add(hn::LoadU(d, to), hn::Mul(left, hn::LoadU(d, psi + j))), d, to);
                }
            }
        }
    }
}

}  // namespace greenfront::panel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::panel {

HWY_EXPORT(LoadRows);
HWY_EXPORT(SubtractLevels);
HWY_EXPORT(AddLevels);
HWY_EXPORT(AddRows);
HWY_EXPORT(ResidualPass);

namespace {

/// The memory of a thread's last small table: new pages for every fit would cost as much as the fit.
struct Spare {
    std::unique_ptr<double[]> memory;
    std::size_t size = 0;
};
thread_local Spare spare;
constexpr std::size_t most_kept = std::size_t{1} << 18;  // numbers

}  // namespace

RowBlock::RowBlock(Eigen::Index n, Eigen::Index columns)
    : rows(n), width((columns + 7) / 8 * 8), size_(static_cast<std::size_t>(n * width + 8)) {
    // Not set to zero: load_rows writes every entry.
    if (spare.memory != nullptr && spare.size >= size_) {
        memory_ = std::move(spare.memory);
        size_ = spare.size;
    } else {
        memory_ = std::make_unique_for_overwrite<double[]>(size_);
    }
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.get());
    data = memory_.get() + (64 - address % 64) % 64 / sizeof(double);
}

RowBlock::~RowBlock() {
    if (size_ > most_kept || (spare.memory != nullptr && spare.size >= size_)) return;
    spare.memory = std::move(memory_);
    spare.size = size_;
}

void load_rows(const double* const* column, Eigen::Index columns, const double* shift, RowBlock& block,
               const LevelSums& a, const LevelSums& b) {
    HWY_DYNAMIC_DISPATCH(LoadRows)(column, columns, shift, block, a, b);
}

void subtract_levels(RowBlock& block, const LevelSums& a, const LevelSums& b, const LevelSums& sums,
                     double* products) {
    HWY_DYNAMIC_DISPATCH(SubtractLevels)(block, a, b, sums, products);
}

void add_rows(const RowBlock& block, const LevelSums& sums) {
    HWY_DYNAMIC_DISPATCH(AddRows)(block, sums);
}

void add_levels(const RowBlock& block, const LevelSums& a, const LevelSums& value) {
    HWY_DYNAMIC_DISPATCH(AddLevels)(block, a, value);
}

void residual_pass(const RowBlock& block, const double* c, double* u, double* gradient,
                   const LevelSums& clusters, double* S) {
    std::vector<double> score(static_cast<std::size_t>(block.width * 48));  // of one tile
    HWY_DYNAMIC_DISPATCH(ResidualPass)(block, c, u, gradient, clusters, S, score.data());
}

}  // namespace greenfront::panel
#endif

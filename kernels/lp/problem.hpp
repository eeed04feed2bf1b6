#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "kernels/lp/columns.hpp"

namespace greenfront::lp {

/// Numbers first, .., last - 1.
struct Range {
    std::int32_t first = 0, last = 0;
    [[nodiscard]] bool contains(std::int32_t j) const { return j >= first && j < last; }
};

/// No cost that an optimisation would pay: bars an extra column from entering. A barred slack makes its row
/// an equality.
inline constexpr double barred = 1e300;

/// One linear program with few rows and many columns:
///
///     min  sum_e cost_e z_e   subject to   sum_e extra_e z_e + sum_j shared_j lambda_j = rhs,   z, lambda >=
///     0.
///
/// The `extras` are the columns of this program alone (slacks, t, theta): entry (i, e) is
/// extra[i * extra_width + e]. A shared column j of `Columns` costs nothing and has entry
/// row_scale[i] * Columns(i, j) in rows i < shared and 0 below; so one set of columns serves programs
/// that measure each row in a unit of their own.
///
/// A basis is a list of codes, one a row: an extra by its number e, a shared column j as
/// extra_width + j, an artificial column of row i as -1 - i. `start` is a basis to begin with; it may turn
/// out singular or infeasible, then a first phase finds another. An artificial column in it must be zero: it
/// stands for an equality row, stays at zero and leaves at the first pivot that would move it.
struct Problem {
    int rows = 0, width = 0;           ///< rows; width: rows rounded up to 8
    int shared = 0;                    ///< rows in which shared columns may have entries
    int extras = 0, extra_width = 0;   ///< columns of the program's own; rounded up to 8
    Aligned rhs, row_scale;            ///< width
    Aligned row_value;                 ///< width: row_scale is 1 / row_value rounded; 0: it is exact itself
    Aligned extra;                     ///< rows x extra_width; written by set()
    Aligned extra_column;              ///< the same, a column of `width` entries after the other
    Aligned cost;                      ///< extra_width; `barred` in the padding
    std::vector<std::int32_t> start;   ///< rows
    std::vector<std::int32_t> single;  ///< extras: the row of the only entry of a column, or -1 (saves work)
    std::vector<std::int32_t> surplus_row;  ///< extras: the row whose surplus or whole amount this one takes
                                            ///< up (entry -1), or -1: its value may be as large as the row's
                                            ///< largest entry, so its reduced cost counts so much
    std::array<Range, 2> left_out{};        ///< shared columns that do not exist for this program
    std::int32_t self = -1;                 ///< a shared column preferred among ties, or -1
    std::int32_t pair =
        -1;  ///< extras pair and pair + 1 are the two halves of a variable without a sign, or -1
    bool uniform = false;  ///< rhs, extras, costs and start are those of every program with this flag, and
                           ///< the start has no shared column: its inverse is kept
    std::int32_t priced = -1;  ///< the only extra with a cost, or -1: see facets.hpp
    bool wide = false;     ///< data of so many orders of magnitude that double precision has no proof: the
                           ///< proof of the last rung counts a reduced cost by the largest value that its
                           ///< variable can have
    bool limited = false;  ///< the data say that the objective is bounded: what looks unbounded is rounding
    double tie_scale = 1;  ///< turns a shared column's variable into the unit of its tie_cost

    Problem(int rows_, int shared_, int extras_)
        : rows(rows_),
          width(round_up_to(rows_, 8)),
          shared(shared_),
          extras(extras_),
          extra_width(round_up_to(extras_, 8)),
          rhs(static_cast<std::size_t>(width), 0.0),
          row_scale(static_cast<std::size_t>(width), 0.0),
          row_value(static_cast<std::size_t>(width), 0.0),
          extra(static_cast<std::size_t>(rows_) * static_cast<std::size_t>(extra_width), 0.0),
          extra_column(static_cast<std::size_t>(extra_width) * static_cast<std::size_t>(width), 0.0),
          cost(static_cast<std::size_t>(extra_width), barred),
          start(static_cast<std::size_t>(rows_), 0),
          single(static_cast<std::size_t>(extra_width), -1),
          surplus_row(static_cast<std::size_t>(extra_width), -1) {}
    /// The other half of a variable without a sign, or -1. Halves never stand in a basis together.
    [[nodiscard]] std::int32_t other_half(std::int32_t code) const {
        if (pair < 0 || code < pair || code > pair + 1) return -1;
        return code == pair ? pair + 1 : pair;
    }
    /// Whether the program names a feasible point to begin with: then it cannot be infeasible, whatever
    /// rounding says.
    [[nodiscard]] bool has_start() const {
        return std::any_of(start.begin(), start.end(), [](std::int32_t code) { return code >= 0; });
    }
    [[nodiscard]] bool is_left_out(std::int32_t j) const {
        return left_out[0].contains(j) || left_out[1].contains(j);
    }
    static std::size_t at(int row, int length, int place) {
        return static_cast<std::size_t>(row) * static_cast<std::size_t>(length) +
               static_cast<std::size_t>(place);
    }
    void set(int i, int e, double value) {
        extra[at(i, extra_width, e)] = value;
        extra_column[at(e, width, i)] = value;
    }
    [[nodiscard]] double entry(int i, int e) const { return extra[at(i, extra_width, e)]; }
};

}  // namespace greenfront::lp

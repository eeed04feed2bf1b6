#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/resample/shuffle_simd.hpp"
#include "kernels/rng/philox.hpp"

/// What changes places in a placebo test, at random or in every possible way.
///
/// An item is what moves: the whole trajectory of a unit, or one row. Items change places within cells.
///
///     scheme       items           cells
///     trajectory   units           units observed in the same periods
///     within_time  rows            periods
///     within_unit  rows            units
///     cell         rows            one
/// With groups a cell is split by them. Items are numbered by unit, then by period, so that nothing depends
/// on the order of rows; cells are in the order of their first item, a cell's items ascend.
namespace greenfront::resample {

enum class Scheme : std::int8_t { trajectory, within_time, within_unit, cell };

struct Exchange {
    Scheme scheme = Scheme::trajectory;
    std::vector<std::vector<std::int32_t>> cell;     ///< items of each cell
    std::vector<std::vector<std::int64_t>> rows;     ///< rows of each item, by period
    [[nodiscard]] std::int64_t fixed_items() const;  ///< items that are alone in their cell
    /// The cells' items one after the other.
    [[nodiscard]] std::vector<std::int32_t> flat() const;
};

/// Every code names a unit (or period) of some row. `within` has one code a row, or no levels. Throws
/// Error(Fault::data) for trajectories when a unit has two rows in a period or is in two groups.
[[nodiscard]] Exchange exchange(Scheme scheme, const panel::Factor& unit, const panel::Factor& time,
                                const panel::Factor& within = {});

/// Fisher-Yates shuffles of cells with few random words. A cell of n items takes the numbers below(n),
/// below(n - 1), ..., below(2) in this order; number i changes the places of items i - 1 and below(i). With
/// 2^(b-1) < n <= 2^b a word makes k = floor(48 / b) of them (16 at most). They are made in groups of 8 k
/// from eight words: number j of a group is digit floor(j / 8) of word j mod 8; in the last group, of r
/// numbers, the ceiling of r / k stands for the eight. With B the product of a word's bounds, v = floor(w B /
/// 2^64) is uniform below B when words w with w B mod 2^64 below 2^64 mod B are left out, and the word's
/// numbers are the digits of v to the bases of the bounds, most significant first (Brackett-Rozinsky and
/// Lemire 2024). Cost: one multiplication a number, and one word for some 48 bits of choice.
class Shuffle {
  public:
    explicit Shuffle(const Exchange& exchange);

    /// Random words of one draw; those that most draws need are made at once.
    class Words {
      public:
        Words(const Shuffle& shuffle, rng::Stream stream);
        std::uint64_t next() { return at_ < words_.size() ? words_[at_++] : stream_.bits(); }
        void restart(rng::Stream stream);

      private:
        friend class Shuffle;
        rng::Stream stream_;
        std::vector<std::uint32_t> number_;  ///< of the cell at work
        std::vector<std::uint64_t> words_;
        std::size_t at_ = 0;
    };

    /// Shuffles items[0..n) of cell c; cells come in their order. All numbers are made before anything moves:
    /// the processor overlaps the multiplications of one word with those of the next, but not with the swaps.
    template <class Item>
    void cell(std::size_t c, Words& words, Item* items) const {
        const Plan& plan = plan_[plan_of_[c]];
        const std::uint32_t* number = numbers(plan, words);
        for (std::size_t last = plan.items; last > 1; ++number) {
            const Item moved = items[*number];
            items[*number] = items[--last];
            items[last] = moved;
        }
    }
    /// All cells, one after the other.
    template <class Item>
    void all(Words& words, Item* items) const {
        for (std::size_t c = 0; c < begin_.size(); ++c) cell(c, words, items + begin_[c]);
    }
    [[nodiscard]] std::size_t cells() const { return begin_.size(); }
    [[nodiscard]] std::size_t begin(std::size_t c) const { return begin_[c]; }

  private:
    /// Of cells of one size.
    struct Plan {
        std::size_t items = 0;
        std::uint32_t together = 1;            ///< k
        std::size_t groups = 0;                ///< of eight words
        std::size_t last_words = 0;            ///< of the group behind them
        std::vector<std::uint64_t> threshold;  ///< 2^64 mod B of each word
    };
    static Plan make_plan(std::size_t items);
    static const std::uint32_t* numbers(const Plan& plan, Words& words);

    std::vector<Plan> plan_;
    std::vector<std::size_t> plan_of_, begin_;  ///< of each cell; its first item
    std::size_t words_ = 0;                     ///< of a draw, when none is left out
    std::size_t most_numbers_ = 0;              ///< room for those of a cell
};

/// donor[i]: the item whose values item i gets.
[[nodiscard]] std::vector<std::int32_t> shuffle(const Exchange& exchange, rng::Stream stream);

/// All arrangements that give rows different values. Items of a cell with equal values (bit by bit, in all
/// their rows) are of one class; a cell of n items in classes of n_1, n_2, ... has n! / (n_1! n_2! ...)
/// arrangements. Classes are numbered by their first item, arrangements of a cell go in lexicographic order
/// of classes, the last cell changes fastest. Without equal items number 0 leaves everything in place.
class Enumeration {
  public:
    Enumeration(const Exchange& exchange, const Eigen::VectorXd& values);
    [[nodiscard]] double log_count() const { return log_count_; }  ///< natural logarithm of their number
    [[nodiscard]] double count() const;  ///< exact below 10^12; infinity when too large for a double
    /// donor[i] of arrangement r; `count()` must be below 10^12.
    [[nodiscard]] std::vector<std::int32_t> assignment(std::int64_t r) const;

  private:
    struct Cell {
        std::vector<std::int32_t> item;
        std::vector<std::vector<std::int32_t>> of_class;
        double log_count = 0;
    };
    std::vector<Cell> cell_;
    std::size_t items_ = 0;
    double log_count_ = 0;
};

/// Source row of each row when item i gets the values of item donor[i].
void source_rows(const Exchange& exchange, const std::vector<std::int32_t>& donor,
                 std::vector<std::int64_t>& source);

/// Whether every exchange maps the span of the effects to itself. A sufficient condition on each effect: its
/// level and its slopes are functions of the cell and the place within the item (for trajectories: of cell
/// and period); or, for trajectories, one level a unit with slopes of that kind.
[[nodiscard]] bool commutes(const std::vector<panel::FixedEffect>& effects, const Exchange& exchange);

}  // namespace greenfront::resample

#pragma once
#include <array>
#include <cstdint>

/// The sum of any number of doubles without rounding, so that it depends neither on their order nor on how
/// they were divided between sums that are added afterwards.
///
/// A finite double is an integer times 2^-1074. The sum is kept as 68 digits in base 2^32,
///     sum = sum_i digit_i 2^(32 i - 1074),   digits signed, 64 bits wide,
/// so that 2^28 numbers may be added before digits have to be carried; carrying leaves the sum as it is. An
/// infinity or NaN among the numbers makes the sum what IEEE arithmetic makes of it.
/// Source: the small superaccumulator of Neal (2015), Fast exact summation using small and large
/// superaccumulators, arXiv 1505.05571, section 2. Cost: three additions a number; memory 0.6 KB.
namespace greenfront::stats {

class ExactSum {
  public:
    void add(double value);
    /// x^2, exact but for what lies below 2^-1074.
    void add_square(double x);
    void add(const ExactSum& other);
    /// The sum, to nearest up to a unit in the last place; +-infinity where it does not fit.
    [[nodiscard]] double value() const;
    /// The sum less `value()`, or less any other number.
    [[nodiscard]] double less(double number) const;
    /// Equal sums, whatever the order they were made in.
    bool operator==(const ExactSum& other) const;

  private:
    static constexpr std::size_t digits = 68;
    void carry();

    std::array<std::int64_t, digits> digit_{};
    std::int64_t pending_ = 0;                   ///< numbers added since digits were carried
    std::int64_t up_ = 0, down_ = 0, none_ = 0;  ///< +infinity, -infinity, NaN
};

/// Number, mean and standard deviation of values, the same for any order of them.
class RunningMoments {
  public:
    void add(double value);
    void merge(const RunningMoments& other);
    [[nodiscard]] std::int64_t count() const { return count_; }
    /// NaN without values.
    [[nodiscard]] double mean() const;
    /// Divisor n - 1; NaN with fewer than two values. From exact sums, so that nothing cancels.
    [[nodiscard]] double standard_deviation() const;
    bool operator==(const RunningMoments& other) const = default;

  private:
    std::int64_t count_ = 0;
    ExactSum sum_, squares_;
};

}  // namespace greenfront::stats

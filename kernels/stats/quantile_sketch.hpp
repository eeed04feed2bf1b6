#pragma once
#include <cstdint>
#include <vector>

/// Quantiles of any number of values in memory that does not grow with their number: counts of values in
/// buckets whose width is a fixed part of their distance from zero.
///
/// A bucket holds the doubles of one sign that agree in their exponent and the first 11 bits of their
/// mantissa: [m, m + 1) 2^(e - 11), m = 2^11 .. 2^12 - 1. Its middle stands for its values, hence
///     |reported - x| <= 2^-12 |x|        for every order statistic x with |x| >= 2^-1022,
/// and 2^-1034 below that. Zero and the two infinities have buckets of their own; the least and the
/// greatest value are exact. Counts are integers, so a sketch depends neither on the order of the values nor
/// on how they were divided between sketches that are merged afterwards: the same values give the same bits.
///
/// The method is that of Masson, Rim and Lee (2019), DDSketch: a fast and fully-mergeable quantile sketch
/// with relative-error guarantees, PVLDB 12(12), with the bits of the number in place of its logarithm
/// (section 2.1) and without their collapsing of buckets. Cost: one count a value. Memory: 16 KB and 16 KB
/// for every sign and power of two that occurs, less than 2 MB for values between 1e-9 and 1e6.
namespace greenfront::stats {

class QuantileSketch {
  public:
    static constexpr double worst_relative_error = 0x1p-12;

    /// NaN is a mistake of the caller's.
    void add(double value);
    void merge(const QuantileSketch& other);
    [[nodiscard]] std::int64_t count() const { return count_; }

    /// Value number k = 0 .. count - 1 in ascending order, within the error above.
    [[nodiscard]] double order_statistic(std::int64_t k) const;
    /// The same of the absolute values.
    [[nodiscard]] double order_statistic_of_size(std::int64_t k) const;
    /// Percentile p by the rule of stats::percentile_stata; NaN without values.
    [[nodiscard]] double percentile_stata(double p) const;
    /// Values in buckets below that of `limit`, and in it (all zeros for 0).
    [[nodiscard]] std::int64_t below(double limit) const;
    [[nodiscard]] std::int64_t beside(double limit) const;

    /// Equal counts of every bucket.
    bool operator==(const QuantileSketch& other) const;
    /// Numbers that are kept for counts: memory in units of eight bytes.
    [[nodiscard]] std::size_t numbers() const { return counts_.size(); }

  private:
    /// Visits buckets in ascending order until `visit(middle, count)` is true.
    template <class Visit>
    void ascend(const Visit& visit) const;
    template <class Visit>
    bool one_sign(bool negative, bool outwards, const Visit& visit) const;

    std::int64_t count_ = 0, zeros_ = 0;
    double least_ = 0, greatest_ = 0;
    std::vector<std::int32_t> page_;    ///< of each sign and exponent in counts_, -1 where nothing occurred
    std::vector<std::int64_t> counts_;  ///< pages of 2^11 counts
};

}  // namespace greenfront::stats

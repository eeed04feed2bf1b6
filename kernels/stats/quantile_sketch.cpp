#include "kernels/stats/quantile_sketch.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

#include "kernels/stats/percentile.hpp"

namespace greenfront::stats {
namespace {

constexpr int kept_bits = 11, dropped_bits = 52 - kept_bits;
constexpr std::size_t slots = std::size_t{1} << kept_bits;
constexpr std::size_t exponents = 2048;  // the last one holds infinity

std::uint64_t bucket_of(double size) {
    return std::bit_cast<std::uint64_t>(size) >> dropped_bits;
}

double middle_of(std::size_t exponent, std::size_t slot) {
    const auto bucket = (static_cast<std::uint64_t>(exponent) << kept_bits) | slot;
    const double low = std::bit_cast<double>(bucket << dropped_bits);
    if (exponent == exponents - 1) return low;
    // Half of the bucket's width on; the bits of a number grow as the number does.
    return std::bit_cast<double>((bucket << dropped_bits) + (std::uint64_t{1} << (dropped_bits - 1)));
}

}  // namespace

void QuantileSketch::add(double value) {
    assert(!std::isnan(value));
    if (value == 0) value = 0;  // -0 would make the least value depend on the order
    least_ = count_ == 0 ? value : std::min(least_, value);
    greatest_ = count_ == 0 ? value : std::max(greatest_, value);
    ++count_;
    if (value == 0) {
        ++zeros_;
        return;
    }
    const std::uint64_t bucket = bucket_of(std::abs(value));
    if (page_.empty()) page_.assign(2 * exponents, -1);
    auto& page = page_[(bucket >> kept_bits) + (value < 0 ? exponents : 0)];
    if (page < 0) {
        page = static_cast<std::int32_t>(counts_.size() / slots);
        counts_.resize(counts_.size() + slots, 0);
    }
    ++counts_[static_cast<std::size_t>(page) * slots + (bucket & (slots - 1))];
}

void QuantileSketch::merge(const QuantileSketch& other) {
    if (other.count_ == 0) return;
    least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
    greatest_ = count_ == 0 ? other.greatest_ : std::max(greatest_, other.greatest_);
    count_ += other.count_;
    zeros_ += other.zeros_;
    if (other.page_.empty()) return;
    if (page_.empty()) page_.assign(2 * exponents, -1);
    for (std::size_t at = 0; at < page_.size(); ++at) {
        if (other.page_[at] < 0) continue;
        if (page_[at] < 0) {
            page_[at] = static_cast<std::int32_t>(counts_.size() / slots);
            counts_.resize(counts_.size() + slots, 0);
        }
        std::int64_t* const own = counts_.data() + static_cast<std::size_t>(page_[at]) * slots;
        const std::int64_t* const more =
            other.counts_.data() + static_cast<std::size_t>(other.page_[at]) * slots;
        for (std::size_t slot = 0; slot < slots; ++slot) own[slot] += more[slot];
    }
}

/// Buckets of one sign from zero outwards or from the outside in; true when a visit was.
template <class Visit>
bool QuantileSketch::one_sign(bool negative, bool outwards, const Visit& visit) const {
    if (page_.empty()) return false;
    for (std::size_t i = 0; i < exponents; ++i) {
        const std::size_t exponent = outwards ? i : exponents - 1 - i;
        const auto page = page_[exponent + (negative ? exponents : 0)];
        if (page < 0) continue;
        for (std::size_t j = 0; j < slots; ++j) {
            const std::size_t slot = outwards ? j : slots - 1 - j;
            const std::int64_t count = counts_[static_cast<std::size_t>(page) * slots + slot];
            if (count == 0) continue;
            const double middle = middle_of(exponent, slot);
            if (visit(negative ? -middle : middle, count)) return true;
        }
    }
    return false;
}

template <class Visit>
void QuantileSketch::ascend(const Visit& visit) const {
    if (one_sign(true, false, visit)) return;
    if (zeros_ > 0 && visit(0.0, zeros_)) return;
    one_sign(false, true, visit);
}

double QuantileSketch::order_statistic(std::int64_t k) const {
    assert(k >= 0 && k < count_);
    if (k == 0) return least_;
    if (k == count_ - 1) return greatest_;
    double found = greatest_;
    std::int64_t left = k;
    ascend([&](double middle, std::int64_t count) {
        found = middle;
        left -= count;
        return left < 0;
    });
    return std::clamp(found, least_, greatest_);
}

double QuantileSketch::order_statistic_of_size(std::int64_t k) const {
    assert(k >= 0 && k < count_);
    const double largest = std::max(std::abs(least_), std::abs(greatest_));
    if (k == count_ - 1) return largest;
    if (k < zeros_) return 0;
    // Both signs have the same buckets: their counts are those of a sketch of the sizes.
    QuantileSketch sizes;
    sizes.page_.assign(2 * exponents, -1);
    sizes.count_ = count_;
    sizes.zeros_ = zeros_;
    sizes.least_ = 0;
    sizes.greatest_ = largest;
    for (std::size_t at = 0; at < page_.size(); ++at) {
        if (page_[at] < 0) continue;
        auto& page = sizes.page_[at % exponents];
        if (page < 0) {
            page = static_cast<std::int32_t>(sizes.counts_.size() / slots);
            sizes.counts_.resize(sizes.counts_.size() + slots, 0);
        }
        for (std::size_t slot = 0; slot < slots; ++slot) {
            sizes.counts_[static_cast<std::size_t>(page) * slots + slot] +=
                counts_[static_cast<std::size_t>(page_[at]) * slots + slot];
        }
    }
    return sizes.order_statistic(k);
}

double QuantileSketch::percentile_stata(double p) const {
    const auto rank = stata_rank(static_cast<std::size_t>(count_), p);
    if (!rank) return std::numeric_limits<double>::quiet_NaN();
    const double low = order_statistic(static_cast<std::int64_t>(rank->low));
    if (rank->low == rank->high) return low;
    return low / 2 + order_statistic(static_cast<std::int64_t>(rank->high)) / 2;
}

std::int64_t QuantileSketch::below(double limit) const {
    std::int64_t sum = 0;
    const bool zero = limit == 0;
    const auto bucket = bucket_of(std::abs(limit));
    ascend([&](double middle, std::int64_t count) {
        const bool same =
            zero ? middle == 0
                 : middle != 0 && (middle < 0) == (limit < 0) && bucket_of(std::abs(middle)) == bucket;
        if (same || middle > limit) return true;
        sum += count;
        return false;
    });
    return sum;
}

std::int64_t QuantileSketch::beside(double limit) const {
    if (limit == 0) return zeros_;
    if (page_.empty()) return 0;
    const auto bucket = bucket_of(std::abs(limit));
    const auto page = page_[(bucket >> kept_bits) + (limit < 0 ? exponents : 0)];
    return page < 0 ? 0 : counts_[static_cast<std::size_t>(page) * slots + (bucket & (slots - 1))];
}

bool QuantileSketch::operator==(const QuantileSketch& other) const {
    if (count_ != other.count_ || zeros_ != other.zeros_) return false;
    if (count_ > 0 && (least_ != other.least_ || greatest_ != other.greatest_)) return false;
    if (page_.empty() || other.page_.empty()) return page_.empty() == other.page_.empty();
    for (std::size_t at = 0; at < page_.size(); ++at) {
        if ((page_[at] < 0) != (other.page_[at] < 0)) return false;
        if (page_[at] < 0) continue;
        const auto own = counts_.begin() + page_[at] * static_cast<std::ptrdiff_t>(slots);
        const auto theirs = other.counts_.begin() + other.page_[at] * static_cast<std::ptrdiff_t>(slots);
        if (!std::equal(own, own + slots, theirs)) return false;
    }
    return true;
}

}  // namespace greenfront::stats

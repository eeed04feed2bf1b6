#include "kernels/stats/exact_sum.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace greenfront::stats {
namespace {

constexpr int base_bits = 32;
constexpr std::int64_t most_pending = std::int64_t{1} << 28;

}  // namespace

void ExactSum::add(double value) {
    if (!std::isfinite(value)) {
        (std::isnan(value) ? none_ : value > 0 ? up_ : down_) += 1;
        return;
    }
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const auto exponent = static_cast<std::uint32_t>(bits >> 52) & 0x7FF;
    std::uint64_t mantissa = bits & 0xFFFFFFFFFFFFF;
    if (exponent > 0) mantissa |= std::uint64_t{1} << 52;
    // In units of 2^-1074: a denormal number is its mantissa.
    const std::uint32_t shift = exponent > 0 ? exponent - 1 : 0;
    const std::size_t first = shift / base_bits;
    const std::uint32_t within = shift % base_bits;
    // 53 bits, moved by at most 31, are at most 84 bits: three digits.
    const std::uint64_t low = (mantissa & 0xFFFFFFFF) << within, high = (mantissa >> base_bits) << within;
    const std::int64_t sign = (bits >> 63) != 0 ? -1 : 1;
    digit_[first] += sign * static_cast<std::int64_t>(low & 0xFFFFFFFF);
    digit_[first + 1] +=
        sign * (static_cast<std::int64_t>(low >> base_bits) + static_cast<std::int64_t>(high & 0xFFFFFFFF));
    digit_[first + 2] += sign * static_cast<std::int64_t>(high >> base_bits);
    if (++pending_ == most_pending) carry();
}

void ExactSum::add_square(double x) {
    const double square = x * x;
    add(square);
    if (std::isfinite(square)) add(std::fma(x, x, -square));
}

void ExactSum::add(const ExactSum& other) {
    ExactSum carried = other;
    carried.carry();
    carry();
    for (std::size_t i = 0; i < digits; ++i) digit_[i] += carried.digit_[i];
    carry();
    up_ += other.up_;
    down_ += other.down_;
    none_ += other.none_;
}

/// Digits 0 .. 2^32 - 1 and the sign in the last one, which has room: one representation of every sum.
void ExactSum::carry() {
    for (std::size_t i = 0; i + 1 < digits; ++i) {
        const std::int64_t over = digit_[i] >> base_bits;  // rounds down
        digit_[i] -= over * (std::int64_t{1} << base_bits);
        digit_[i + 1] += over;
    }
    pending_ = 0;
}

double ExactSum::value() const {
    if (none_ > 0 || (up_ > 0 && down_ > 0)) return std::numeric_limits<double>::quiet_NaN();
    if (up_ > 0 || down_ > 0) return std::copysign(std::numeric_limits<double>::infinity(), up_ > 0 ? 1 : -1);
    ExactSum sum = *this;
    sum.carry();
    const bool negative = sum.digit_.back() < 0;
    if (negative) {
        for (auto& digit : sum.digit_) digit = -digit;
        sum.carry();
    }
    std::size_t top = digits;
    while (top > 0 && sum.digit_[top - 1] == 0) --top;
    if (top == 0) return 0;
    // Small digits first: each further one is more than all before it, so one rounding counts.
    double value = 0;
    for (std::size_t i = top > 3 ? top - 4 : 0; i < top; ++i)
        value += std::ldexp(static_cast<double>(sum.digit_[i]), static_cast<int>(i) * base_bits - 1074);
    return negative ? -value : value;
}

double ExactSum::less(double number) const {
    ExactSum rest = *this;
    rest.add(-number);
    return rest.value();
}

bool ExactSum::operator==(const ExactSum& other) const {
    ExactSum a = *this, b = other;
    a.carry();
    b.carry();
    return a.digit_ == b.digit_ && a.up_ == b.up_ && a.down_ == b.down_ && a.none_ == b.none_;
}

void RunningMoments::add(double value) {
    ++count_;
    sum_.add(value);
    squares_.add_square(value);
}

void RunningMoments::merge(const RunningMoments& other) {
    count_ += other.count_;
    sum_.add(other.sum_);
    squares_.add(other.squares_);
}

double RunningMoments::mean() const {
    return count_ == 0 ? std::numeric_limits<double>::quiet_NaN()
                       : sum_.value() / static_cast<double>(count_);
}

double RunningMoments::standard_deviation() const {
    if (count_ < 2) return std::numeric_limits<double>::quiet_NaN();
    // (sum)^2 / n as two numbers, quotient and remainder.
    const auto n = static_cast<double>(count_);
    const double s = sum_.value(), rest = sum_.less(s);
    const double square = s * s, low = std::fma(s, s, -square);
    const double quotient = square / n;
    const double remainder = (std::fma(-quotient, n, square) + low + 2 * s * rest) / n;
    return std::sqrt(std::max(0.0, squares_.less(quotient) - remainder) / (n - 1));
}

}  // namespace greenfront::stats

#pragma once
#include <cmath>
#include <cstdint>

namespace greenfront::resample {

/// How the values of a reference distribution lie about an observed one, T: counts that p values are made of.
/// A value within 1e-9 (1 + |T|) counts as equal. Counts do not depend on the order of the values, and those
/// of parts may be added.
struct TailCounts {
    double observed = 0;                            ///< T
    std::int64_t used = 0;                          ///< values
    std::int64_t n_greater = 0, n_tie = 0;          ///< |value| above, equal to |T|
    std::int64_t upper_greater = 0, upper_tie = 0;  ///< value above, equal to T
    std::int64_t lower_less = 0;                    ///< value below T

    void add(double value) {
        const double tolerance = 1e-9 * (1 + std::abs(observed));
        const double excess = std::abs(value) - std::abs(observed);
        ++used;
        n_greater += excess > tolerance ? 1 : 0;
        n_tie += std::abs(excess) <= tolerance ? 1 : 0;
        upper_greater += value - observed > tolerance ? 1 : 0;
        upper_tie += std::abs(value - observed) <= tolerance ? 1 : 0;
        lower_less += observed - value > tolerance ? 1 : 0;
    }
    bool operator==(const TailCounts&) const = default;
    /// `other` has the same T.
    void merge(const TailCounts& other) {
        used += other.used;
        n_greater += other.n_greater;
        n_tie += other.n_tie;
        upper_greater += other.upper_greater;
        upper_tie += other.upper_tie;
        lower_less += other.lower_less;
    }
};

}  // namespace greenfront::resample

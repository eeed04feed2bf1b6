#pragma once
#include <cmath>
#include <cstdint>

/// Random numbers of the benchmarks of regressions.
namespace greenfront::bench {

/// splitmix64: the benchmark's panel must not change when the program's generators do.
struct Numbers {
    std::uint64_t state = 20240601;
    double uniform() {
        std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return (static_cast<double>((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
    }
    double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }
};

}  // namespace greenfront::bench

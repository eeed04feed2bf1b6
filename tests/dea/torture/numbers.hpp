#pragma once
#include <cmath>
#include <cstdint>

namespace greenfront::torture {

/// splitmix64: a batch is a function of (seed, number) alone, the same on every machine.
class Numbers {
  public:
    Numbers(std::uint64_t seed, std::uint64_t stream)
        : state_(seed * 0x9E3779B97F4A7C15ull ^ (stream + 1) * 0xD1B54A32D192ED03ull) {
        for (int i = 0; i < 3; ++i) (void)bits();
    }
    std::uint64_t bits() {
        state_ += 0x9E3779B97F4A7C15ull;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return z ^ (z >> 31);
    }
    double uniform() { return (static_cast<double>(bits() >> 12) + 0.5) * 0x1p-52; }
    double between(double low, double high) { return low + (high - low) * uniform(); }
    int below(int n) { return static_cast<int>(uniform() * n); }
    int from(int low, int high) { return low + below(high - low + 1); }  ///< both ends included
    bool chance(double p) { return uniform() < p; }
    double normal() {  // Box-Muller
        const double radius = std::sqrt(-2.0 * std::log(uniform()));
        return radius * std::cos(6.283185307179586 * uniform());
    }

  private:
    std::uint64_t state_;
};

}  // namespace greenfront::torture

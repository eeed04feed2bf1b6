#include <array>
#include <cmath>

#include "kernels/resample/wild.hpp"
#include "kernels/rng/philox.hpp"

namespace greenfront::resample {
namespace {

std::vector<double> signs_of_bits(std::int32_t G, std::uint64_t bits) {
    std::vector<double> v(static_cast<std::size_t>(G));
    for (std::size_t g = 0; g < v.size(); ++g) v[g] = (bits >> g & 1) != 0 ? -1.0 : 1.0;
    return v;
}

}  // namespace

std::vector<double> wild_weights(std::int32_t G, const WildOptions& wild, std::int64_t b) {
    if (wild.enumerate) return signs_of_bits(G, static_cast<std::uint64_t>(b));
    rng::Stream stream(wild.seed, rng::stage_bootstrap, static_cast<std::uint64_t>(b), wild.stream);
    std::vector<double> v(static_cast<std::size_t>(G));
    switch (wild.weights) {
        case WildWeights::rademacher: {
            std::uint64_t word = 0;
            for (std::size_t g = 0; g < v.size(); ++g, word >>= 1) {
                if (g % 64 == 0) word = stream.bits();
                v[g] = (word & 1) != 0 ? -1.0 : 1.0;
            }
            break;
        }
        case WildWeights::mammen: {
            const double root = std::sqrt(5.0), share = (root + 1) / (2 * root);
            for (double& w : v) w = stream.uniform() < share ? (1 - root) / 2 : (1 + root) / 2;
            break;
        }
        case WildWeights::webb: {
            const double low = std::sqrt(0.5), high = std::sqrt(1.5);
            const std::array<double, 6> values{-high, -1, -low, low, 1, high};
            for (double& w : v) w = values[stream.below(6)];
            break;
        }
        case WildWeights::normal:
            for (double& w : v) w = stream.normal();
            break;
    }
    return v;
}

}  // namespace greenfront::resample

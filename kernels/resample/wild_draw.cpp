#include "kernels/resample/wild_draw.hpp"

#include <fmt/format.h>

#include "kernels/error.hpp"
#include "kernels/resample/wild_strip.hpp"
#include "kernels/rng/philox.hpp"

namespace greenfront::resample {
namespace {

constexpr std::int32_t most_enumerated = 24;  // clusters

}  // namespace

void check_draws(const WildOptions& wild) {
    if (wild.enumerate && wild.weights != WildWeights::rademacher)
        throw Error(Fault::usage, "only Rademacher weights (signs) can be enumerated");
    if (!wild.enumerate && wild.replicates < 1)
        throw Error(Fault::usage, fmt::format("{} replicates: at least one is needed", wild.replicates));
}

WildOptions settled(const WildOptions& wild, std::int32_t G) {
    WildOptions result = wild;
    const bool few = G < 63 && (std::int64_t{1} << G) <= wild.replicates;
    if (wild.weights == WildWeights::rademacher && few) result.enumerate = true;
    if (!result.enumerate) return result;
    if (G > most_enumerated) {
        throw Error(Fault::usage,
                    fmt::format("{} clusters have 2^{} vectors of signs, more than 2^{}; draw at "
                                "random (without enumeration)",
                                G, G, most_enumerated));
    }
    result.replicates = std::int64_t{1} << G;
    return result;
}

WeightStrips::WeightStrips(const ClusterMoments& moments, const WildOptions& wild) : wild_(wild) {
    position_.resize(moments.cluster.size());
    for (std::size_t at = 0; at < moments.cluster.size(); ++at)
        position_[static_cast<std::size_t>(moments.cluster[at].code)] = static_cast<std::int32_t>(at);
}

void WeightStrips::fill(std::int64_t first, std::int64_t end, std::vector<double>& weights) const {
    weights.assign((position_.size() + wild_group) * strip, 0.0);
    const auto replicate = [&](int r) { return first + r < end ? first + r : first; };
    if (wild_.weights != WildWeights::rademacher) {
        for (int r = 0; r < strip; ++r) {
            const auto v = wild_weights(clusters(), wild_, replicate(r));
            for (std::size_t g = 0; g < v.size(); ++g)
                weights[static_cast<std::size_t>(position_[g]) * strip + static_cast<std::size_t>(r)] = v[g];
        }
        return;
    }
    std::vector<std::uint64_t> words((position_.size() + 63) / 64 * strip);
    for (int r = 0; r < strip; ++r) {
        const auto b = static_cast<std::uint64_t>(replicate(r));
        rng::Stream stream(wild_.seed, rng::stage_bootstrap, b, wild_.stream);
        for (std::size_t w = static_cast<std::size_t>(r); w < words.size(); w += strip)
            words[w] = wild_.enumerate ? b : stream.bits();
    }
    wild_signs(words.data(), position_.data(), clusters(), weights.data());
}

}  // namespace greenfront::resample

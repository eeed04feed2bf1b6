#include "kernels/resample/wild_draw.hpp"

#include <fmt/format.h>

#include <cmath>

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

WildSink::WildSink(WildDraws& draws, const WildOptions& settled) : draws_(draws), keep_(settled.keep) {
    if (!keep_) {
        draws_.running.emplace();
        draws_.running->tail.observed = draws.statistic;
        counted_ = decltype(counted_)(*draws_.running);
        return;
    }
    draws_.draw.resize(settled.replicates);
    draws_.draw_numerator.resize(settled.replicates);
    draws_.status.assign(static_cast<std::size_t>(settled.replicates), Status::failed);
}

void WildSink::add(std::int64_t first, std::int64_t end, const double* t, const double* numerator) {
    if (!keep_) {
        RunningTest& test = counted_.local();
        for (std::int64_t r = 0; r < end - first; ++r) test.add(t[r]);
        return;
    }
    for (std::int64_t b = first; b < end; ++b) {
        const auto r = b - first;
        draws_.draw(b) = t[r];
        draws_.draw_numerator(b) = numerator[r];
        draws_.status[static_cast<std::size_t>(b)] = std::isnan(t[r]) ? Status::undefined : Status::optimal;
    }
}

void WildSink::finish() {
    for (const RunningTest& part : counted_) draws_.running->merge(part);
}

WeightStrips::WeightStrips(const ClusterMoments& moments, const WildOptions& wild) : wild_(wild) {
    position_.resize(moments.cluster.size());
    for (std::size_t at = 0; at < moments.cluster.size(); ++at)
        position_[static_cast<std::size_t>(moments.cluster[at].code)] = static_cast<std::int32_t>(at);
}

void WeightStrips::fill(std::int64_t first, std::int64_t end, std::vector<double>& weights) const {
    std::array<std::int64_t, strip> replicate{};
    for (int r = 0; r < strip; ++r)
        replicate[static_cast<std::size_t>(r)] = first + r < end ? first + r : first;
    fill(replicate, weights);
}

void WeightStrips::fill(const std::array<std::int64_t, strip>& replicate,
                        std::vector<double>& weights) const {
    weights.assign((position_.size() + wild_group) * strip, 0.0);
    if (wild_.weights != WildWeights::rademacher) {
        for (int r = 0; r < strip; ++r) {
            const auto v = wild_weights(clusters(), wild_, replicate[static_cast<std::size_t>(r)]);
            for (std::size_t g = 0; g < v.size(); ++g)
                weights[static_cast<std::size_t>(position_[g]) * strip + static_cast<std::size_t>(r)] = v[g];
        }
        return;
    }
    std::vector<std::uint64_t> words((position_.size() + 63) / 64 * strip);
    for (int r = 0; r < strip; ++r) {
        const auto b = static_cast<std::uint64_t>(replicate[static_cast<std::size_t>(r)]);
        rng::Stream stream(wild_.seed, rng::stage_bootstrap, b, wild_.stream);
        for (std::size_t w = static_cast<std::size_t>(r); w < words.size(); w += strip)
            words[w] = wild_.enumerate ? b : stream.bits();
    }
    wild_signs(words.data(), position_.data(), clusters(), weights.data());
}

}  // namespace greenfront::resample

#include "kernels/dea/smoothed_bootstrap.hpp"

#include "kernels/dea/rays.hpp"
#include "kernels/rng/philox.hpp"

namespace greenfront::dea {

BootstrapScores smoothed_bootstrap(const Quantities& units, const BootstrapSettings& settings) {
    const RadialSample sample = radial_sample(units, settings.orientation, settings.returns, settings.metric);
    const Smoothing smoothing(sample.metric, settings.rule, settings.bandwidth, sample.scale.above());
    BootstrapScores result = bootstrap(sample, settings.replicates, settings.confidence, [&](std::size_t b) {
        rng::Stream stream(settings.seed, rng::stage_boot_dea, b, settings.item);
        return score_on_rays(sample.units, smoothing.ratios(stream), sample.radial);
    });
    result.bandwidth = smoothing.bandwidth();
    return result;
}

}  // namespace greenfront::dea

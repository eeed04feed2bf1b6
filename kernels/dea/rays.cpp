#include "kernels/dea/rays.hpp"

namespace greenfront::dea {
namespace {

Eigen::Map<const Eigen::ArrayXd> array_of(std::span<const double> ratio) {
    return {ratio.data(), static_cast<Eigen::Index>(ratio.size())};
}

}  // namespace

Quantities on_rays(const Quantities& units, std::span<const double> ratio, Orientation orientation) {
    Quantities points = units;
    if (orientation == Orientation::input)
        points.X.array().rowwise() *= array_of(ratio).transpose();
    else
        points.Y.array().rowwise() /= array_of(ratio).transpose();
    return points;
}

RadialScores of_units(RadialScores scores, std::span<const double> ratio, Orientation orientation) {
    if (orientation == Orientation::input)
        scores.score.array() *= array_of(ratio);
    else
        scores.score.array() /= array_of(ratio);
    return scores;
}

RadialScores score_on_rays(const Quantities& units, std::span<const double> ratio, const Settings& radial) {
    const Quantities points = on_rays(units, ratio, radial.orientation);
    return of_units(facet_scores(points, radial), ratio, radial.orientation);
}

}  // namespace greenfront::dea

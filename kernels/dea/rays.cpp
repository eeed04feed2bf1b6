#include "kernels/dea/rays.hpp"

#include "kernels/dea/gather.hpp"

namespace greenfront::dea {

RadialScores score_on_rays(const Quantities& units, std::span<const double> ratio, const Settings& radial) {
    const bool input = radial.orientation == Orientation::input;
    const Eigen::Map<const Eigen::ArrayXd> r(ratio.data(), units.units());
    Quantities points = units;
    if (input)
        points.X.array().rowwise() *= r.transpose();
    else
        points.Y.array().rowwise() /= r.transpose();
    RadialScores scores = facet_scores(points, points, themselves(units.units()), radial);
    if (input)
        scores.score.array() *= r;
    else
        scores.score.array() /= r;
    return scores;
}

}  // namespace greenfront::dea

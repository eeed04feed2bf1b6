#include "kernels/resample/running.hpp"

#include <cmath>
#include <limits>

namespace greenfront::resample {
double studentised(double draw, double std_error, double estimate) {
    const double gap = draw - estimate;
    if (std_error > 0) return gap / std_error;
    const bool same = std::abs(gap) <= 1e-9 * std::abs(estimate);
    return same ? 0 : std::copysign(std::numeric_limits<double>::infinity(), gap);
}

void RunningDraws::add(double draw) {
    if (std::isnan(draw)) {
        ++infeasible;
        return;
    }
    const double gap = draw - estimate;
    change.add(gap);
    moments.add(gap);
}

void RunningDraws::add(double draw, double std_error) {
    add(draw);
    if (std::isnan(draw)) return;
    const double value = studentised(draw, std_error, estimate);
    infinite_t += std_error > 0 ? 0 : 1;
    t.add(value);
    tail.add(value);
}

void RunningDraws::merge(const RunningDraws& other) {
    change.merge(other.change);
    moments.merge(other.moments);
    t.merge(other.t);
    tail.merge(other.tail);
    infeasible += other.infeasible;
    infinite_t += other.infinite_t;
}

void RunningTest::add(double statistic) {
    if (std::isnan(statistic)) {
        ++infeasible;
        return;
    }
    t.add(statistic);
    tail.add(statistic);
}

void RunningTest::merge(const RunningTest& other) {
    t.merge(other.t);
    tail.merge(other.tail);
    infeasible += other.infeasible;
}

}  // namespace greenfront::resample

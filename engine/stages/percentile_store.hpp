#pragma once
#include <string>
#include <vector>

#include "engine/results.hpp"
#include "kernels/stats/quantile_sketch.hpp"

namespace greenfront::stages {

/// What stands in the file of draws that were counted and not kept: the variable `name` (term, percent), the
/// percentiles 0, 0.1, 0.5, 1, 2.5, 5, 10, 25, 50 and so on up to 100 of each sketch, plus the term's centre
/// where centres are given. The scale `percent` is added with the first one. With `by_term` false the
/// variable has the dimension `percent` alone, and there is one sketch.
void store_percentiles(ResultGroup& group, const std::string& name,
                       const std::vector<const stats::QuantileSketch*>& sketches,
                       const std::vector<double>& centre, const std::string& long_name, bool by_term = true);

}  // namespace greenfront::stages

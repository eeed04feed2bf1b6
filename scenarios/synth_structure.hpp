#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/synth.hpp"

namespace greenfront::synth {

/// What a synthetic city is, before any number. The shares are those of the reference study: of 242 cities 4
/// municipalities (provinces of their own), 3 further single-city provinces, 23 provinces of several cities,
/// 24 capitals beside the municipalities, 92 resource-based ones, and 52, 22 and 37 low-carbon pilots of the
/// waves 2010, 2012 and 2017. Other numbers of cities keep the proportions.
struct City {
    std::string name, province_name;
    std::size_t province = 0;
    bool municipality = false, capital = false, resource_based = false;
    std::int64_t pilot_wave = 0;  ///< 2010, 2012 or 2017; 0: never
    bool leader = false;          ///< one of the few cities that set the frontier
};
[[nodiscard]] std::vector<City> structure(const SynthSettings& settings);

}  // namespace greenfront::synth

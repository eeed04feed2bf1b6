#pragma once
#include <Eigen/Core>
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
    std::int64_t pilot_wave = 0;         ///< 2010, 2012 or 2017; 0: never
    bool leader = false;                 ///< one of the few cities that set the frontier
    Eigen::Index low_digital_years = 0;  ///< first years below the panel's median of digital infrastructure
};
[[nodiscard]] std::vector<City> structure(const SynthSettings& settings);

/// Sets low_digital_years by the rank of the cities' digital capacity. With the years of the reference study
/// and its number of cities the numbers of each wave follow a fixed table, so that the four types of
/// city-years (digital infrastructure above the median or not, pilot or not) keep 665, 971, 765 and 405
/// observations once singletons are dropped; otherwise half of all city-years are below.
void assign_digital_years(std::vector<City>& cities, const Eigen::VectorXd& capacity, Eigen::Index periods);

}  // namespace greenfront::synth

#include "scenarios/synth/structure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/rng/philox.hpp"

namespace greenfront::synth {
namespace {

// Purposes of the streams of a city or province; see synth.cpp for the numbers below 1000.
constexpr std::uint64_t draw_resource = 1000, draw_pilot = 1001, draw_province = 1002;

std::size_t share(int cities, double of_242) {
    return static_cast<std::size_t>(std::llround(of_242 * static_cast<double>(cities) / 242));
}

/// Marks the `count` cities with the largest scores among the eligible ones.
template <class Score, class Mark>
void choose(std::vector<City>& cities, std::size_t count, const Score& score, const Mark& mark) {
    std::vector<std::pair<double, std::size_t>> ranked;
    for (std::size_t i = 0; i < cities.size(); ++i) {
        const double s = score(i);
        if (s > -1e9) ranked.emplace_back(-s, i);
    }
    std::sort(ranked.begin(), ranked.end());
    for (std::size_t k = 0; k < std::min(count, ranked.size()); ++k) mark(cities[ranked[k].second]);
}

/// Cities of each province: the single-city ones first. Sizes of the others follow weights 1, 2, 3, 4, 5 in
/// turn, at least two each, by largest remainders.
std::vector<std::size_t> province_sizes(std::size_t cities, std::size_t single, std::size_t several) {
    std::vector<std::size_t> sizes(single, 1);
    const std::size_t spare = cities - single - 2 * several;
    double total = 0;
    for (std::size_t q = 0; q < several; ++q) total += 1 + static_cast<double>(q % 5);
    double due = 0;
    std::size_t given = 0;
    for (std::size_t q = 0; q < several; ++q) {
        due += static_cast<double>(spare) * (1 + static_cast<double>(q % 5)) / total;
        const std::size_t upto = q + 1 == several ? spare : static_cast<std::size_t>(std::floor(due + 0.5));
        sizes.push_back(2 + upto - given);
        given = upto;
    }
    return sizes;
}

}  // namespace

std::vector<City> structure(const SynthSettings& settings) {
    const int n = settings.cities;
    const std::size_t municipalities = std::max<std::size_t>(1, share(n, 4));
    const std::size_t lone = share(n, 3);
    const std::size_t several = std::max<std::size_t>(1, share(n, 23));
    const auto sizes = province_sizes(static_cast<std::size_t>(n), municipalities + lone, several);
    const int city_digits = std::max<int>(3, static_cast<int>(std::to_string(n).size()));
    const int province_digits = std::max<int>(2, static_cast<int>(std::to_string(sizes.size()).size()));

    std::vector<City> cities;
    const std::size_t capitals = std::max<std::size_t>(1, share(n, 24));
    std::size_t capitals_given = 0;
    for (std::size_t p = 0; p < sizes.size(); ++p) {
        for (std::size_t k = 0; k < sizes[p]; ++k) {
            City city;
            city.province = p;
            city.province_name = fmt::format("P{:0{}}", p + 1, province_digits);
            city.name = fmt::format("C{:0{}}", cities.size() + 1, city_digits);
            city.municipality = p < municipalities;
            city.capital = !city.municipality && k == 0 && capitals_given < capitals;
            if (city.capital) ++capitals_given;
            cities.push_back(city);
        }
    }
    const auto uniform = [&](std::uint64_t item, std::uint64_t draw) {
        return rng::Stream(settings.seed, rng::stage_synth, item, draw).uniform();
    };
    // Resource-based cities crowd in some provinces and are no capitals.
    choose(
        cities, share(n, 92),
        [&](std::size_t i) {
            if (cities[i].municipality || cities[i].capital || sizes[cities[i].province] == 1) return -1e10;
            return uniform(i, draw_resource) + uniform(cities[i].province, draw_province);
        },
        [](City& city) { city.resource_based = true; });
    // The first wave took whole provinces and leading cities, the later ones single cities.
    const auto pilots = [&](std::size_t count, std::int64_t wave, double clustering) {
        choose(
            cities, count,
            [&](std::size_t i) {
                if (cities[i].pilot_wave != 0) return -1e10;
                const double bonus = cities[i].municipality || cities[i].capital ? 0.25 : 0.0;
                return uniform(i, draw_pilot) +
                       clustering * uniform(cities[i].province + 1000000, draw_province) + bonus;
            },
            [&](City& city) { city.pilot_wave = wave; });
    };
    pilots(share(n, 52), 2010, 1.5);
    pilots(share(n, 22), 2012, 0);
    pilots(share(n, 37), 2017, 0);
    cities.front().leader = true;  // a municipality
    const auto first = std::find_if(cities.begin(), cities.end(), [](const City& c) { return c.capital; });
    if (first != cities.end()) first->leader = true;
    return cities;
}

namespace {

/// Cities of one pilot wave by the number of their first years below the median, 0 to 12.
struct WaveTable {
    std::int64_t wave;
    std::array<int, 13> cities;
};
// Observations of a type that are a city's only one are dropped: 64 low without pilot, 16 high without, 12
// low with, 6 high with. Low without: 1015 + 20 = 971 + 64; high without: 779 + 2 = 765 + 16; low with pilot:
// 260 + 90 + 67 = 405 + 12; high with: 364 + 152 + 155 = 665 + 6.
constexpr std::array<WaveTable, 4> wave_tables{{
    {0, {1, 40, 2, 2, 2, 3, 5, 8, 11, 14, 17, 10, 16}},
    {2010, {3, 4, 5, 6, 6, 6, 6, 5, 4, 2, 2, 3, 0}},
    {2012, {2, 2, 3, 0, 3, 2, 3, 2, 2, 1, 0, 1, 1}},
    {2017, {2, 4, 0, 4, 2, 4, 0, 5, 5, 4, 0, 2, 5}},
}};

/// Cities of one wave, the most capable first.
std::vector<std::size_t> ranked(const std::vector<City>& cities, const Eigen::VectorXd& capacity,
                                std::int64_t wave, bool any) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < cities.size(); ++i) {
        if (any || cities[i].pilot_wave == wave) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return capacity(static_cast<Eigen::Index>(a)) > capacity(static_cast<Eigen::Index>(b));
    });
    return order;
}

}  // namespace

void assign_digital_years(std::vector<City>& cities, const Eigen::VectorXd& capacity, Eigen::Index periods) {
    if (cities.size() != 242 || periods != 12) {
        const auto order = ranked(cities, capacity, 0, true);
        for (std::size_t k = 0; k < order.size(); ++k) {
            const double share = (static_cast<double>(k) + 0.5) / static_cast<double>(order.size());
            cities[order[k]].low_digital_years =
                static_cast<Eigen::Index>(std::lround(share * static_cast<double>(periods)));
        }
        return;
    }
    for (const auto& table : wave_tables) {
        const auto order = ranked(cities, capacity, table.wave, false);
        std::size_t next = 0;
        for (std::size_t years = 0; years < table.cities.size(); ++years) {
            for (int k = 0; k < table.cities[years]; ++k) {
                cities[order.at(next++)].low_digital_years = static_cast<Eigen::Index>(years);
            }
        }
    }
}

}  // namespace greenfront::synth

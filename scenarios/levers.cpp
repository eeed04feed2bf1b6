#include "scenarios/levers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "kernels/error.hpp"

namespace greenfront {
namespace {

/// The logistic curve between 0 and 1, moved and stretched so that it is exactly 0 at 0 and 1 at 1.
double logistic(double s) {
    constexpr double steepness = 10;
    const auto curve = [](double x) { return 1 / (1 + std::exp(-steepness * (x - 0.5))); };
    return (curve(s) - curve(0)) / (curve(1) - curve(0));
}

}  // namespace

double Path::at(std::int64_t time) const {
    if (time < start) return 0;
    if (shape == "step") return 1;
    const double s = std::min(1.0, static_cast<double>(time - start + 1) / static_cast<double>(length + 1));
    return shape == "linear" ? s : logistic(s);
}

Panel apply_levers(const Panel& completed, const Panel& baseline, const std::vector<AppliedLever>& levers,
                   double* cost) {
    const LeverProgram program(completed, baseline, levers);
    std::vector<double> intensity;
    for (const auto& applied : levers) intensity.push_back(applied.intensity);
    LeverProgram::Outcome outcome;
    program.apply(intensity, program.point(), outcome);
    Panel panel = completed;
    for (std::size_t c = 0; c < program.columns().size(); ++c)
        panel.set_number(completed.columns()[program.columns()[c]].name, std::move(outcome.value[c]));
    if (cost != nullptr) *cost = std::accumulate(outcome.cost.begin(), outcome.cost.end(), 0.0);
    return panel;
}

std::vector<ScenarioPoint> full_grid(const std::vector<std::string>& lever_names,
                                     const std::vector<std::vector<double>>& intensities) {
    if (lever_names.size() != intensities.size()) {
        throw Error(Fault::study, fmt::format("grid: {} levers, but {} lists of intensities",
                                              lever_names.size(), intensities.size()));
    }
    if (lever_names.empty()) throw Error(Fault::study, "grid: a sweep needs at least one lever");
    constexpr std::size_t most = 10'000'000;
    std::size_t count = 1;
    for (std::size_t l = 0; l < lever_names.size(); ++l) {
        if (std::find(lever_names.begin(), lever_names.begin() + static_cast<std::ptrdiff_t>(l),
                      lever_names[l]) != lever_names.begin() + static_cast<std::ptrdiff_t>(l)) {
            throw Error(
                Fault::study,
                fmt::format("grid: lever {} stands twice; give one of them another name", lever_names[l]));
        }
        if (intensities[l].empty())
            throw Error(Fault::study, fmt::format("grid: lever {} has no intensities", lever_names[l]));
        const std::set<double> distinct(intensities[l].begin(), intensities[l].end());
        if (distinct.size() != intensities[l].size()) {
            throw Error(Fault::study, fmt::format("grid: lever {} has an intensity twice", lever_names[l]));
        }
        if (intensities[l].size() > most / count) {
            throw Error(Fault::study,
                        fmt::format("grid: more than {} scenarios; use fewer intensities", most));
        }
        count *= intensities[l].size();
    }
    std::vector<ScenarioPoint> grid(count);
    for (std::size_t s = 0; s < count; ++s) {
        std::size_t rest = s, block = count;
        for (std::size_t l = 0; l < lever_names.size(); ++l) {
            block /= intensities[l].size();
            const double value = intensities[l][rest / block];
            rest %= block;
            grid[s].intensity.push_back(value);
            grid[s].name += fmt::format("{}{}={}", l == 0 ? "" : ",", lever_names[l], value);
        }
    }
    return grid;
}

}  // namespace greenfront

#include "scenarios/levers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "kernels/error.hpp"
#include "scenarios/expression.hpp"
#include "scenarios/groups.hpp"

namespace greenfront {
namespace {

[[noreturn]] void fail(const std::string& lever, const std::string& what) {
    throw Error(Fault::study, fmt::format("lever {}: {}", lever, what));
}

/// The logistic curve between 0 and 1, moved and stretched so that it is exactly 0 at 0 and 1 at 1.
double logistic(double s) {
    constexpr double steepness = 10;
    const auto curve = [](double x) { return 1 / (1 + std::exp(-steepness * (x - 0.5))); };
    return (curve(s) - curve(0)) / (curve(1) - curve(0));
}

void require_path(const std::string& lever, const Path& path, const Panel& panel) {
    const std::vector<std::string> shapes{"step", "linear", "logistic"};
    if (std::find(shapes.begin(), shapes.end(), path.shape) == shapes.end()) {
        const std::string near = nearest(path.shape, shapes);
        fail(lever, fmt::format("unknown path shape \"{}\"{}", path.shape,
                                near.empty() ? "; use step, linear or logistic"
                                             : fmt::format("; did you mean \"{}\"?", near)));
    }
    if (path.shape == "step" && path.length != 0) {
        fail(lever,
             fmt::format("a step has no length, but length is {}; use linear or logistic for a build-up",
                         path.length));
    }
    if (path.shape != "step" && path.length < 1) {
        fail(lever, fmt::format("a {} path needs a length of at least 1 period", path.shape));
    }
    if (path.shape != "step" && !panel.has_time())
        fail(lever, fmt::format("a {} path needs a time column", path.shape));
    if (panel.has_time() && !panel.time_value.empty() && path.start > panel.time_value.back()) {
        fail(lever, fmt::format("the path starts in {}, and the panel ends in {}: no row would change",
                                path.start, panel.time_value.back()));
    }
}

/// The lever's intensity in each row: 0 where it is not selected.
std::vector<double> intensities(const AppliedLever& applied, const Panel& baseline) {
    const auto chosen = select(applied.where, baseline, Fault::study);
    if (std::find(chosen.begin(), chosen.end(), char{1}) == chosen.end()) {
        fail(applied.lever.name, fmt::format("the selector \"{}\" selects no row", applied.where));
    }
    std::vector<double> result(chosen.size(), 0);
    for (std::size_t r = 0; r < result.size(); ++r) {
        if (!chosen[r]) continue;
        const double built_up =
            baseline.has_time()
                ? applied.path.at(baseline.time_value[static_cast<std::size_t>(baseline.time[r])])
                : 1;
        result[r] = applied.intensity * built_up;
    }
    return result;
}

void scale(std::vector<double>& values, const std::vector<double>& intensity, const Operation& operation,
           const std::string& lever) {
    for (std::size_t r = 0; r < values.size(); ++r) {
        const double factor = 1 + operation.per_unit * intensity[r];
        if (factor < 0) {
            fail(lever,
                 fmt::format("scale of {}: intensity {} turns the sign (factor {:.6g}); lower it or per_unit",
                             operation.variable, intensity[r], factor));
        }
        if (intensity[r] != 0) values[r] *= factor;
    }
}

void close_gap(std::vector<double>& values, const std::vector<double>& intensity, const Operation& operation,
               const std::string& lever, const Panel& completed) {
    if (!(operation.target >= 0 && operation.target <= 100)) {
        fail(lever, fmt::format("close_gap of {}: target {} is not a percentile in 0..100",
                                operation.variable, operation.target));
    }
    const Groups years =
        completed.has_time() ? groups_of(completed, completed.time_column) : groups_of(completed, "");
    const auto target =
        spread(group_percentile(completed.number(operation.variable), years, operation.target), years);
    for (std::size_t r = 0; r < values.size(); ++r) {
        const double share = operation.per_unit * intensity[r];
        if (!(share >= 0 && share <= 1)) {
            fail(lever,
                 fmt::format("close_gap of {}: intensity {} closes {:.6g} of the gap; it must lie in 0..1",
                             operation.variable, intensity[r], share));
        }
        const bool behind = operation.from_above ? values[r] > target[r] : values[r] < target[r];
        if (behind && share > 0) values[r] += share * (target[r] - values[r]);
    }
}

void apply(Panel& panel, const Operation& operation, const std::vector<double>& intensity,
           const std::string& lever, const Panel& completed) {
    if (!completed.has(operation.variable)) {
        std::vector<std::string> known;
        for (const auto& column : completed.columns()) known.push_back(column.name);
        const std::string near = nearest(operation.variable, known);
        fail(lever, fmt::format("{} moves \"{}\", and {} has no such column before the derived ones{}",
                                operation.type, operation.variable, completed.source,
                                near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near)));
    }
    if (completed.column(operation.variable).text || operation.variable == completed.unit_column ||
        operation.variable == completed.time_column) {
        fail(lever, fmt::format("{} cannot move \"{}\": it is no measured quantity", operation.type,
                                operation.variable));
    }
    if (!std::isfinite(operation.per_unit))
        fail(lever, fmt::format("per_unit of {} is not a number", operation.variable));
    std::vector<double> values = panel.number(operation.variable);
    if (operation.type == "scale") {
        scale(values, intensity, operation, lever);
    } else if (operation.type == "close_gap") {
        close_gap(values, intensity, operation, lever, completed);
    } else {
        fail(lever, fmt::format("unknown operation \"{}\"; known are scale and close_gap", operation.type));
    }
    panel.set_number(operation.variable, std::move(values));
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
    if (completed.rows() != baseline.rows() || completed.file_row != baseline.file_row) {
        throw Error(Fault::study, "levers: the completed and the prepared panel have different rows");
    }
    Panel panel = completed;
    double total = 0;
    for (const auto& applied : levers) {
        const std::string& name = applied.lever.name;
        if (!std::isfinite(applied.intensity)) fail(name, "the intensity is not a number");
        if (applied.lever.operations.empty())
            fail(name, "it has no operation, so that it would change nothing");
        require_path(name, applied.path, completed);
        const auto intensity = intensities(applied, baseline);
        for (const auto& operation : applied.lever.operations)
            apply(panel, operation, intensity, name, completed);
        for (const double i : intensity) total += applied.lever.cost_per_unit * i;
    }
    if (cost != nullptr) *cost = total;
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

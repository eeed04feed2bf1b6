#include "engine/sweep/design.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "kernels/rng/designs.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront::sweep {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw Error(Fault::study, what);
}

/// The study's own item of a name, else the catalogue's.
template <class T>
const T& find(const Named<T>& own, const Named<T>& catalogue, const std::string& name, const char* kind) {
    const T* item = own.find(name);
    if (item == nullptr) item = catalogue.find(name);
    if (item != nullptr) return *item;
    auto known = own.names();
    for (auto& more : catalogue.names()) known.push_back(more);
    fail(
        fmt::format("{} \"{}\" is neither in the study nor in the catalogue{}; \"greenfront levers\" lists "
                    "the catalogue",
                    kind, name, did_you_mean(name, known)));
}

/// What an entry of a sweep stands for: applied levers, and the factor from its intensity to theirs.
struct Expanded {
    std::string name;
    std::vector<AppliedLever> levers;
    std::vector<double> factor;
    double low = 0, high = 1;  ///< range of the entry's intensity
};

Expanded expand(const Workspace& workspace, const std::string& lever, const std::string& package,
                const std::string& where, const Path& path) {
    if (lever.empty() == package.empty())
        fail("an entry of levers names a lever or a package, one of the two");
    const Study& study = workspace.study;
    const auto lookup = [&](const std::string& name) {
        return &find(study.lever, workspace.catalogue, name, "lever");
    };
    Expanded result;
    if (!lever.empty()) {
        result.name = lever;
        result.levers.push_back({*lookup(lever), 0, where, path});
        result.levers.back().lever.name = lever;
        result.factor = {1};
        result.low = result.levers.back().lever.intensity_low;
        result.high = result.levers.back().lever.intensity_high;
        return result;
    }
    result.name = package;
    result.levers =
        expand_package(find(study.package, workspace.packages, package, "package"), lookup, where, path);
    for (auto& applied : result.levers) {
        result.factor.push_back(applied.intensity);
        applied.intensity = 0;
    }
    return result;
}

void require_drawn(const SweepStage& stage, bool drawn) {
    if (drawn && stage.points < 1)
        fail(fmt::format("design {} needs points, the number of its points", stage.design));
    if (!drawn && stage.points != 0)
        fail(fmt::format("points belongs to designs latin-hypercube, sobol and saltelli, not to {}",
                         stage.design));
    constexpr std::int64_t most = 10'000'000;
    if (stage.points > most) fail(fmt::format("points: {} are more than {}", stage.points, most));
    if (stage.levers.empty()) fail("a sweep needs at least one lever");
    for (const auto& entry : stage.levers) {
        const std::string name = entry.lever + entry.package;
        if (drawn && !entry.intensities.empty()) {
            fail(fmt::format("lever \"{}\": design {} draws between low and high and takes no intensities",
                             name, stage.design));
        }
        if (!drawn && entry.intensities.empty())
            fail(fmt::format("lever \"{}\": intensities is empty", name));
        if (!drawn && (entry.low || entry.high)) {
            fail(fmt::format("lever \"{}\": low and high belong to designs that draw, not to {}", name,
                             stage.design));
        }
    }
    if (!stage.scenario.empty())
        fail(fmt::format("scenario belongs to design list, not to {}", stage.design));
}

/// Points of the design in the intensities of its dimensions.
Eigen::MatrixXd drawn_points(const SweepStage& stage, const std::vector<Expanded>& entries,
                             std::uint64_t seed, std::uint64_t stream) {
    const auto n = static_cast<Eigen::Index>(stage.points), d = static_cast<Eigen::Index>(entries.size());
    Eigen::MatrixXd points = stage.design == "sobol"      ? rng::sobol(n, d, seed, stream)
                             : stage.design == "saltelli" ? rng::saltelli(n, d, seed, stream)
                                                          : rng::latin_hypercube(n, d, seed, stream);
    for (Eigen::Index k = 0; k < d; ++k) {
        const auto e = static_cast<std::size_t>(k);
        const double low = stage.levers[e].low.value_or(entries[e].low);
        const double high = stage.levers[e].high.value_or(entries[e].high);
        if (!(low < high)) {
            fail(fmt::format("lever \"{}\": low {} is not below high {}", entries[e].name, low, high));
        }
        points.col(k) = low + points.col(k).array() * (high - low);
    }
    return points;
}

/// Names of the rows of rng::saltelli(): A1, B1, and A1 with one lever from B1.
std::vector<std::string> saltelli_names(std::int64_t points, const std::vector<std::string>& dimension) {
    std::vector<std::string> names;
    for (std::int64_t i = 1; i <= points; ++i) {
        names.push_back(fmt::format("A{}", i));
        names.push_back(fmt::format("B{}", i));
        for (const auto& name : dimension) names.push_back(fmt::format("A{}:{}", i, name));
    }
    return names;
}

void one_at_a_time(const SweepStage& stage, Design& design) {
    design.scenario = {"baseline"};
    std::vector<std::pair<Eigen::Index, double>> alone;
    for (std::size_t e = 0; e < stage.levers.size(); ++e) {
        for (const double value : stage.levers[e].intensities) {
            if (value == 0) continue;  // the baseline again
            alone.emplace_back(static_cast<Eigen::Index>(e), value);
            const std::string name = fmt::format("{}={:g}", design.dimension[e], value);
            if (std::find(design.scenario.begin(), design.scenario.end(), name) != design.scenario.end())
                fail(
                    fmt::format("lever \"{}\": the intensity {:g} stands twice", design.dimension[e], value));
            design.scenario.push_back(name);
        }
    }
    design.point = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(alone.size()) + 1,
                                         static_cast<Eigen::Index>(stage.levers.size()));
    for (std::size_t s = 0; s < alone.size(); ++s)
        design.point(static_cast<Eigen::Index>(s) + 1, alone[s].first) = alone[s].second;
}

void grid(const SweepStage& stage, Design& design) {
    std::vector<std::vector<double>> intensities;
    for (const auto& entry : stage.levers) intensities.push_back(entry.intensities);
    const auto points = full_grid(design.dimension, intensities);
    design.point.resize(static_cast<Eigen::Index>(points.size()),
                        static_cast<Eigen::Index>(design.dimension.size()));
    for (std::size_t s = 0; s < points.size(); ++s) {
        design.scenario.push_back(points[s].name);
        for (std::size_t d = 0; d < design.dimension.size(); ++d)
            design.point(static_cast<Eigen::Index>(s), static_cast<Eigen::Index>(d)) = points[s].intensity[d];
    }
}

/// Designs whose levers are dimensions.
void by_dimensions(const Workspace& workspace, const SweepStage& stage, std::uint64_t stream,
                   Design& design) {
    const bool drawn =
        stage.design == "latin-hypercube" || stage.design == "sobol" || stage.design == "saltelli";
    require_drawn(stage, drawn);
    std::vector<Expanded> entries;
    for (const auto& entry : stage.levers) {
        entries.push_back(expand(workspace, entry.lever, entry.package, entry.where, entry.path));
        design.dimension.push_back(entries.back().name);
    }
    std::set<std::string> seen;
    for (const auto& name : design.dimension) {
        if (!seen.insert(name).second) fail(fmt::format("lever \"{}\" stands twice", name));
    }
    if (stage.design == "grid") {
        grid(stage, design);
    } else if (stage.design == "one-at-a-time") {
        one_at_a_time(stage, design);
    } else {
        design.point = drawn_points(stage, entries, workspace.study.seed, stream);
        if (stage.design == "saltelli") {
            design.scenario = saltelli_names(stage.points, design.dimension);
        } else {
            for (std::int64_t s = 1; s <= stage.points; ++s) design.scenario.push_back(fmt::format("s{}", s));
        }
    }
    std::vector<Eigen::VectorXd> columns;
    for (std::size_t e = 0; e < entries.size(); ++e) {
        const Expanded& entry = entries[e];
        for (std::size_t l = 0; l < entry.levers.size(); ++l) {
            design.levers.push_back(entry.levers[l]);
            const std::string& name = entry.levers[l].lever.name;
            design.lever_name.push_back(name == entry.name ? name : entry.name + "." + name);
            columns.emplace_back(design.point.col(static_cast<Eigen::Index>(e)) * entry.factor[l]);
        }
    }
    design.intensity.resize(design.point.rows(), static_cast<Eigen::Index>(columns.size()));
    for (std::size_t l = 0; l < columns.size(); ++l)
        design.intensity.col(static_cast<Eigen::Index>(l)) = columns[l];
}

void list(const Workspace& workspace, const SweepStage& stage, Design& design) {
    if (!stage.levers.empty())
        fail("design list takes its levers from [[scenario]] tables; levers belongs to the other designs");
    if (stage.points != 0) fail("points belongs to designs latin-hypercube, sobol and saltelli, not to list");
    if (stage.scenario.empty()) fail("design list needs at least one [[scenario]]");
    std::vector<std::vector<double>> intensity;  // of each scenario's own levers
    std::set<std::string> seen;
    for (const auto& scenario : stage.scenario) {
        if (scenario.name.empty()) fail("a scenario has an empty name");
        if (!seen.insert(scenario.name).second)
            fail(fmt::format("two scenarios are named \"{}\"", scenario.name));
        auto& own = intensity.emplace_back();
        std::set<std::string> labels;
        for (const auto& entry : scenario.levers) {
            const Expanded expanded = expand(workspace, entry.lever, entry.package, entry.where, entry.path);
            for (std::size_t l = 0; l < expanded.levers.size(); ++l) {
                design.levers.push_back(expanded.levers[l]);
                std::string label = scenario.name + "." + expanded.levers[l].lever.name;
                for (int copy = 2; !labels.insert(label).second; ++copy)
                    label = fmt::format("{}.{}#{}", scenario.name, expanded.levers[l].lever.name, copy);
                design.lever_name.push_back(label);
                own.push_back(entry.intensity * expanded.factor[l]);
            }
        }
        design.scenario.push_back(scenario.name);
    }
    design.intensity = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(stage.scenario.size()),
                                             static_cast<Eigen::Index>(design.levers.size()));
    Eigen::Index next = 0;
    for (std::size_t s = 0; s < intensity.size(); ++s) {
        for (const double value : intensity[s])
            design.intensity(static_cast<Eigen::Index>(s), next++) = value;
    }
}

/// Costs are added up, so they have one unit.
void require_one_cost_unit(const Design& design) {
    const AppliedLever* costed = nullptr;
    for (const auto& applied : design.levers) {
        if (!applied.lever.costed()) continue;
        if (costed == nullptr) costed = &applied;
        if (applied.lever.cost_unit != costed->lever.cost_unit) {
            fail(fmt::format(
                "levers \"{}\" and \"{}\" cost \"{}\" and \"{}\"; costs are added up, so give them "
                "one cost_unit",
                costed->lever.name, applied.lever.name, costed->lever.cost_unit, applied.lever.cost_unit));
        }
    }
}

}  // namespace

std::vector<double> Design::intensities(std::size_t s) const {
    const auto row = intensity.row(static_cast<Eigen::Index>(s));
    return {row.begin(), row.end()};
}

Design design(const Workspace& workspace, const SweepStage& stage, std::uint64_t stream) {
    Design design;
    if (stage.design == "list") {
        list(workspace, stage, design);
    } else {
        by_dimensions(workspace, stage, stream, design);
    }
    require_one_cost_unit(design);
    const auto& times = workspace.panel().time_value;
    if (times.empty()) return design;
    design.first_period = times.back();
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    for (const auto& applied : design.levers) first = std::min(first, applied.path.start);
    if (!design.levers.empty() && first > times.back()) {
        fail(fmt::format("the levers start in {}, after the last period {} of the panel", first,
                         times.back()));
    }
    design.first_period = design.levers.empty() ? times.front() : std::max(first, times.front());
    return design;
}

}  // namespace greenfront::sweep

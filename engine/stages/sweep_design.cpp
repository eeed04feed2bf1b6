#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/stages/stages.hpp"

namespace greenfront::stages {

SweepDesign sweep_design(const Workspace& workspace, const SweepStage& stage) {
    SweepDesign design;
    std::vector<std::string> names;
    std::vector<std::vector<double>> intensities;
    for (const auto& entry : stage.levers) {
        const Lever* lever = workspace.study.lever.find(entry.lever);
        if (lever == nullptr) lever = workspace.catalogue.find(entry.lever);
        if (lever == nullptr) {
            auto known = workspace.study.lever.names();
            const auto more = workspace.catalogue.names();
            known.insert(known.end(), more.begin(), more.end());
            const auto near = nearest(entry.lever, known);
            throw Error(Fault::study,
                        fmt::format("lever \"{}\" is neither in the study nor in the catalogue{}; "
                                    "\"greenfront levers\" lists the catalogue",
                                    entry.lever, near.empty() ? "" : " (did you mean " + near + "?)"));
        }
        if (entry.intensities.empty())
            throw Error(Fault::study, fmt::format("lever \"{}\": intensities is empty", entry.lever));
        design.levers.push_back({*lever, 0, entry.where, entry.path});
        design.levers.back().lever.name = entry.lever;
        names.push_back(entry.lever);
        intensities.push_back(entry.intensities);
    }
    for (const auto& lever : design.levers) {
        const auto costed = std::find_if(design.levers.begin(), design.levers.end(),
                                         [](const AppliedLever& other) { return other.lever.costed(); });
        if (lever.lever.costed() && lever.lever.cost_unit != costed->lever.cost_unit) {
            throw Error(
                Fault::study,
                fmt::format("levers \"{}\" and \"{}\" cost \"{}\" and \"{}\"; costs are added up, so give "
                            "them one cost_unit",
                            costed->lever.name, lever.lever.name, costed->lever.cost_unit,
                            lever.lever.cost_unit));
        }
    }
    if (names.empty()) throw Error(Fault::study, "a sweep needs at least one lever");
    design.scenarios = full_grid(names, intensities);
    design.first_period = std::numeric_limits<std::int64_t>::max();
    for (const auto& lever : design.levers)
        design.first_period = std::min(design.first_period, lever.path.start);
    design.first_period = std::max(design.first_period, workspace.panel().time_value.front());
    if (design.first_period > workspace.panel().time_value.back()) {
        throw Error(Fault::study, fmt::format("the levers start in {}, after the last period {} of the panel",
                                              design.first_period, workspace.panel().time_value.back()));
    }
    return design;
}

}  // namespace greenfront::stages

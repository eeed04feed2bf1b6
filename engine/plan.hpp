#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/workspace.hpp"

/// What a run will do, told before it. Counts follow from the study and its panel. Time, memory and file size
/// are predictions: what the kernels do, times costs that were measured once (engine/plan/costs.hpp). How
/// good they are stands in docs/guide/scale.md.
namespace greenfront {

struct PlanEntry {
    std::string stage;  ///< "dea.eff"
    std::string work;   ///< "linear programs", "replicates", ...
    std::int64_t units = 0;
    double seconds = 0;                    ///< of one core
    double megabytes = 0;                  ///< numbers of the result file, before compression
    std::int64_t blocks = 0;               ///< of a sweep: the parts of its checkpoint
    std::int64_t numbers_a_scenario = 0;   ///< of a sweep: what the result file holds of one scenario
    std::int64_t programs_a_scenario = 0;  ///< of a sweep: mean of a few scenarios, all replicates
};

/// Megabytes are 10^6 bytes.
struct Plan {
    std::vector<PlanEntry> entries;
    int threads = 1;
    double seconds = 0;           ///< of one core
    double wall_seconds = 0;      ///< on `threads` cores
    double megabytes = 0;         ///< numbers of the result file, before compression
    double file_megabytes = 0;    ///< the result file
    double memory_megabytes = 0;  ///< the most that stands in memory at once
    std::int64_t blocks = 0;      ///< parts of all checkpoints
    double parts_megabytes = 0;   ///< all parts together
    std::int64_t suggested_shards = 1;
};

/// What the study does not say.
struct PlanSettings {
    int threads = 1;
    double file_megabytes = 0;          ///< of the panel file; 0: a synthetic panel
    bool calibrated = false;            ///< a synthetic panel that returns the published tables
    std::size_t rows = 0, columns = 0;  ///< of the panel as it was read
};
[[nodiscard]] Plan plan(const Workspace& workspace, const PlanSettings& settings);

}  // namespace greenfront

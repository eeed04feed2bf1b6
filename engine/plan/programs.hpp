#pragma once
#include "engine/dea_choice.hpp"
#include "engine/plan/stage_cost.hpp"

/// Linear programs of an efficiency analysis: how many, and what one costs.
///
/// A program against a reference set that is scored itself prices its frame alone, the others price every
/// column (kernels/dea/frame.hpp). How many rows are efficient decides what the former cost, and that differs
/// a hundredfold between panels of one size; so a pilot scores a few hundred rows spread over the panel and
/// counts their frame, which grows as a power of the number of rows.
namespace greenfront::planning {

struct EfficiencyWork {
    double scored = 0;           ///< rows
    double programs = 0;         ///< as the run will count them; `combine` adds those of the efficient rows
    double seconds = 0;          ///< of one core
    double main_seconds = 0;     ///< of the analysis itself, without groups and other returns
    double frame = 0;            ///< efficient rows, all groups together
    double reference_links = 0;  ///< reference rows, all groups together
    std::vector<char> usable;    ///< panel rows
};

/// `stage` has passed the checks; columns that a run will make are taken to be complete.
[[nodiscard]] EfficiencyWork efficiency_work(const Setting& setting, const std::string& name,
                                             const DeaStage& stage);

/// Seconds of one program against `reference` rows; `frame` columns of them where it is used, else 0.
[[nodiscard]] double program_seconds(const dea::Settings& settings, double variables, double reference,
                                     double frame);

}  // namespace greenfront::planning

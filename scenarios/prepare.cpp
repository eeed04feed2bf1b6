#include "scenarios/prepare.hpp"

#include "scenarios/prepare_runner.hpp"

namespace greenfront {

Prepared prepare(const Panel& panel, const Preparation& steps) {
    const PreparationOrder order = preparation_order(steps);
    Prepared result;
    result.panel = panel;
    PreparationRunner runner(result.panel, steps, nullptr);
    for (const auto& step : order.completing) runner.run(step);
    result.completed = result.panel;
    for (const auto& step : order.deriving) runner.run(step);
    result.bounds = std::move(runner.bounds);
    result.notes = std::move(runner.notes);
    return result;
}

Panel prepare_scenario(const Panel& changed, const Preparation& steps, const FrozenBounds& bounds,
                       std::int64_t& clipped) {
    Panel panel = changed;
    PreparationRunner runner(panel, steps, &bounds);
    for (const auto& step : preparation_order(steps).deriving) runner.run(step);
    clipped = runner.clipped;
    return panel;
}

}  // namespace greenfront

#pragma once
#include <string>

#include "engine/app/commands.hpp"
#include "engine/app/unit_table.hpp"
#include "engine/frontier_choice.hpp"
#include "engine/frontier_inference.hpp"

/// The parts of `greenfront boot-dea`: one for each kind of answer.
namespace greenfront::app {

struct BootDeaOptions {
    std::string panel, unit, time, inputs, good, bad, bandwidth, environment;
    std::string direction_inputs, direction_good, direction_bad, weights;
    DeaStage analysis;
    BootDeaStage words;
    std::uint64_t seed = 1;
    OutputFormat format;
    Threads threads;

    [[nodiscard]] bool json() const { return format.name == "json"; }
    [[nodiscard]] bool full() const { return format.name == "csv"; }
};

/// The panel with its usable rows, and the analysis whose scores are meant; means of the rows are set in it.
struct BootDeaPanel {
    DeaChoice choice;
    Panel panel;
    std::vector<char> usable;
    BootDeaPanel(const BootDeaOptions& options, DeaChoice analysis);
};

void run_returns_test(const BootDeaOptions& options);
void run_separability_test(const BootDeaOptions& options);
void run_subsample(const BootDeaOptions& options);

}  // namespace greenfront::app

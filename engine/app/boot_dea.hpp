#pragma once
#include <string>

#include "engine/app/commands.hpp"
#include "engine/app/unit_table.hpp"
#include "engine/frontier_inference.hpp"

/// The parts of `greenfront boot-dea`: one for each kind of answer.
namespace greenfront::app {

struct BootDeaOptions {
    std::string panel, unit, time, inputs, good, bad, method = "homogeneous", test, null, orientation,
                                                      returns, bandwidth, metric, order, smoothing;
    std::string model, disposability, reference, direction_inputs, direction_good, direction_bad, weights,
        cluster;
    bool bads_as_inputs = false, replacement = false;
    std::optional<double> kappa, rate;
    std::int64_t replicates = 2000;
    std::uint64_t seed = 1;
    double confidence = 0.95;
    OutputFormat format;
    Threads threads;

    [[nodiscard]] bool json() const { return format.name == "json"; }
    [[nodiscard]] bool full() const { return format.name == "csv"; }
    /// Orientation and returns of a radial score. Throw Error(usage).
    [[nodiscard]] dea::Orientation radial_orientation() const;
    [[nodiscard]] dea::Returns radial_returns() const;
    [[nodiscard]] dea::SmoothingOrder smoothing_order() const;
};

/// An option that the chosen method does not take is the user's mistake.
void refuse_options(const BootDeaOptions& options, const std::vector<std::string>& known,
                    const std::string& method);

/// The panel with its usable rows.
struct BootDeaPanel {
    Panel panel;
    std::vector<char> usable;
    BootDeaPanel(const BootDeaOptions& options, const DeaVariables& variables);
};

[[nodiscard]] std::string order_name(dea::SmoothingOrder order);

void run_returns_test(const BootDeaOptions& options);
void run_subsample(const BootDeaOptions& options);

}  // namespace greenfront::app

#pragma once
#include <string>

#include "engine/app/commands.hpp"
#include "kernels/panel/iv.hpp"

/// Pieces of the printed output of regressions; engine/app/regression_io.hpp puts them together.
namespace greenfront::app {

/// A number with so many decimals, or seven significant digits; "." where there is none.
[[nodiscard]] std::string fixed(double value, int digits);
[[nodiscard]] std::string significant(double value);

[[nodiscard]] Json iv_json(const greenfront::panel::WeakInstruments& iv);
/// The tests of ivreg2's footer, in its order.
[[nodiscard]] io::Table iv_table(const greenfront::panel::Fit& fit, double confidence);

}  // namespace greenfront::app

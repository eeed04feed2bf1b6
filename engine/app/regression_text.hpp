#pragma once
#include <string>
#include <vector>

#include "engine/app/commands.hpp"
#include "kernels/panel/iv.hpp"
#include "kernels/panel/iv_equations.hpp"

/// Pieces of the printed output of regressions; engine/app/regression_io.hpp puts them together.
namespace greenfront::app {

/// A number with so many decimals, or seven significant digits; "." where there is none.
[[nodiscard]] std::string fixed(double value, int digits);
[[nodiscard]] std::string significant(double value);

[[nodiscard]] Json iv_json(const greenfront::panel::WeakInstruments& iv);
/// The tests of ivreg2's footer, in its order.
[[nodiscard]] io::Table iv_table(const greenfront::panel::Fit& fit, double confidence);

/// Coefficients with their intervals, what was omitted, warnings.
[[nodiscard]] io::Table term_table(const greenfront::panel::Fit& fit, const std::string& outcome,
                                   double confidence);
/// First stages and the reduced form, for --first.
[[nodiscard]] Json iv_equations_json(const greenfront::panel::IvEquations& equations);
[[nodiscard]] std::vector<io::Table> iv_equation_tables(const greenfront::panel::IvEquations& equations,
                                                        double confidence);

}  // namespace greenfront::app

#pragma once
#include <string>
#include <vector>

#include "engine/app/commands.hpp"
#include "kernels/limited/limited.hpp"

/// JSON and tables of `regress --model truncated|tobit|fractional-logit`.
namespace greenfront::app {

[[nodiscard]] Json limited_json(const limited::Fit& fit);
[[nodiscard]] std::vector<io::Table> limited_tables(const limited::Fit& fit, const std::string& outcome);
/// One row a coefficient and a row for sigma, then the marginal effects, all digits.
[[nodiscard]] io::Table limited_csv(const limited::Fit& fit);

}  // namespace greenfront::app

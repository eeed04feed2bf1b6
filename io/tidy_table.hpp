#pragma once
#include <string>

#include "io/long_table.hpp"

namespace greenfront::io {

/// Regressions as R's broom lays them out, so that scripts written for its tables read ours. `name` is a
/// regression, or empty for all; the column `model` names each. Throws Error(usage) where there is none.
///
/// A row a coefficient: model, term, estimate, std.error, statistic, p.value, conf.low, conf.high.
[[nodiscard]] LongTable tidy_table(const Results& results, const std::string& name = "");
/// A row a regression: model, outcome, r.squared, adj.r.squared, within.r.squared, pseudo.r.squared, sigma,
/// statistic and p.value (the F test of linear models, the chi-squared test of others), df, df.residual,
/// logLik, deviance, nobs. What a model does not have is missing.
[[nodiscard]] LongTable glance_table(const Results& results, const std::string& name = "");

}  // namespace greenfront::io

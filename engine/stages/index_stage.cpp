#include <cmath>
#include <limits>

#include "engine/columns.hpp"
#include "engine/index_columns.hpp"
#include "engine/stages/stages.hpp"
#include "engine/winsorized.hpp"

namespace greenfront::stages {

void index(Workspace& workspace, const std::string& name, const IndexStage& stage) {
    Panel& panel = workspace.prepared.panel;
    IndexOutcome& outcome = workspace.index.add(name);
    outcome.indicators = stage.positive;
    outcome.indicators.insert(outcome.indicators.end(), stage.negative.begin(), stage.negative.end());
    if (outcome.indicators.empty())
        throw Error(Fault::study, "index." + name + ": no indicator; name them in positive or negative");
    std::vector<bool> negative(outcome.indicators.size(), false);
    std::fill(negative.begin() + static_cast<std::ptrdiff_t>(stage.positive.size()), negative.end(), true);

    const IndicatorRows used = complete_rows(panel, outcome.indicators);
    const auto weighting = parse_weighting(stage.method, stage.shift, stage.weights, Fault::study);
    outcome.fit = greenfront::index::fit_weights(used.values, negative, weighting, outcome.indicators);
    auto scores = index_column(panel, outcome.indicators, outcome.fit);

    ResultGroup& group = workspace.results.add("index/" + name);
    group.attributes = {{"method", stage.method},
                        {"shift", stage.shift},
                        {"rows_used", static_cast<std::int64_t>(used.row.size())},
                        {"rows_left_out", static_cast<std::int64_t>(panel.rows() - used.row.size())}};
    const std::size_t k = outcome.indicators.size();
    const auto column = [&](const char* label, const Eigen::VectorXd& values, const char* long_name) {
        group.variables.push_back(numbers(label, {"indicator"}, {k}, to_vector(values), long_name));
    };
    group.variables.push_back(scale("indicator", outcome.indicators));
    column("weight", outcome.fit.weight, "weight of the indicator");
    column("entropy", outcome.fit.entropy, "information entropy");
    column("minimum", outcome.fit.minimum, "smallest value over the rows used");
    column("maximum", outcome.fit.maximum, "largest value over the rows used");
    std::vector<std::int8_t> direction(k);
    for (std::size_t i = 0; i < k; ++i) direction[i] = negative[i] ? 1 : 0;
    group.variables.push_back(categories("direction", {"indicator"}, {k}, std::move(direction),
                                         {"positive", "negative"}, "direction of the indicator"));
    group.variables.push_back(by_unit_time("score", panel, scores, "index"));
    outcome.bounds = winsorize_column(group, panel, stage.winsorize, scores);
    panel.set_number(name, scores, "1");
}

}  // namespace greenfront::stages

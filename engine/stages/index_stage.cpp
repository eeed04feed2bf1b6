#include <utility>

#include "engine/columns.hpp"
#include "engine/index_columns.hpp"
#include "engine/stages/stages.hpp"
#include "engine/winsorized.hpp"

namespace greenfront::stages {

void index(Workspace& workspace, const std::string& name, const IndexStage& stage) {
    Panel& panel = workspace.prepared.panel;
    IndexOutcome& outcome = workspace.index.add(name);
    FittedIndex fitted = fit_index(panel, stage);
    outcome.indicators = std::move(fitted.indicator);
    outcome.fit = std::move(fitted.fit);
    auto scores = std::move(fitted.column);

    ResultGroup& group = workspace.results.add("index/" + name);
    group.attributes = {{"method", stage.method},
                        {"shift", stage.shift},
                        {"rows_used", static_cast<std::int64_t>(fitted.rows_used)},
                        {"rows_left_out", static_cast<std::int64_t>(panel.rows() - fitted.rows_used)}};
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
    for (std::size_t i = 0; i < k; ++i) direction[i] = outcome.fit.negative[i] ? 1 : 0;
    group.variables.push_back(categories("direction", {"indicator"}, {k}, std::move(direction),
                                         {"positive", "negative"}, "direction of the indicator"));
    group.variables.push_back(by_unit_time("score", panel, scores, "index"));
    outcome.bounds = winsorize_column(group, panel, stage.winsorize, scores);
    panel.set_number(name, scores, "1");
}

}  // namespace greenfront::stages

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "engine/columns.hpp"
#include "engine/stages/stages.hpp"

namespace greenfront::stages {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// What a line of the curve says of the analyses behind it.
struct Words {
    std::vector<std::string> model, disposability, reference, returns, method, clipping, dea, index, term;

    void add(const Workspace& workspace, const Specification& made) {
        const Study& study = workspace.study;
        const ResultGroup* efficiency = workspace.results.find("dea/" + made.dea);
        const auto text = [&](const char* key) {
            const auto* value = efficiency == nullptr ? nullptr : efficiency->attribute(key);
            return value == nullptr ? std::string() : std::get<std::string>(*value);
        };
        const DeaStage* stage = study.dea.find(made.dea);
        model.push_back((stage != nullptr && (stage->super || stage->combine) ? "super-" : "") +
                        text("model"));
        disposability.push_back(stage == nullptr || stage->bad.empty() ? "" : text("disposability"));
        reference.push_back(text("reference"));
        returns.push_back(text("returns"));
        const IndexStage* weights = study.index.find(made.index);
        method.push_back(weights == nullptr ? "" : weights->method);
        clipping.push_back(!made.winsorize.empty() ? made.winsorize
                           : stage != nullptr      ? clipped(stage->winsorize)
                           : weights != nullptr    ? clipped(weights->winsorize)
                                                   : "");
        dea.push_back(made.dea);
        index.push_back(made.index);
        term.push_back(made.term);
    }

  private:
    static std::string clipped(const std::vector<double>& percentiles) {
        return percentiles.size() == 2 ? fmt::format("{}-{}", percentiles[0], percentiles[1]) : "off";
    }
};

/// A dataset of the regression's group by term; NaN where the term is omitted.
double of_term(const ResultGroup& group, const char* name, const std::string& term) {
    const auto& terms = std::get<std::vector<std::string>>(group.find("term")->values);
    for (std::size_t t = 0; t < terms.size(); ++t) {
        if (terms[t] == term) return std::get<std::vector<double>>(group.find(name)->values)[t];
    }
    return nan;
}

double mean_outcome(const Workspace& workspace, const std::string& regression) {
    const auto& y = workspace.regression.find(regression)->design.y;
    return y.size() == 0 ? nan : y.mean();
}

}  // namespace

void curve(Workspace& workspace, const std::string& name, const CurveStage& stage) {
    Words words;
    std::vector<std::string> labels;
    std::vector<double> mean;
    std::vector<std::int64_t> rows;
    const char* const datasets[] = {"estimate", "std_error", "p_value", "conf_low", "conf_high"};
    std::vector<std::vector<double>> numbers_of(std::size(datasets));
    std::vector<std::string> reasons;
    for (const auto& made : stage.made) {
        labels.push_back(made.regression);
        words.add(workspace, made);
        const ResultGroup* regression = workspace.results.find("regression/" + made.regression);
        for (std::size_t d = 0; d < std::size(datasets); ++d)
            numbers_of[d].push_back(regression == nullptr ? nan
                                                          : of_term(*regression, datasets[d], made.term));
        rows.push_back(regression == nullptr ? 0 : std::get<std::int64_t>(*regression->attribute("n")));
        mean.push_back(regression == nullptr ? nan : mean_outcome(workspace, made.regression));
        const std::string* reason = workspace.not_estimated.find(made.regression);
        reasons.push_back(reason == nullptr ? "" : *reason);
    }
    const std::size_t n = labels.size();
    ResultGroup& group = workspace.results.add("curve/" + name);
    group.attributes = {
        {"regression", stage.regression}, {"term", stage.term}, {"dea", stage.dea}, {"index", stage.index}};
    group.variables.push_back(scale("specification", labels));
    const auto column = [&](const char* key, const std::vector<std::string>& values, const char* text) {
        group.variables.push_back({key, {"specification"}, {n}, values, {{"long_name", std::string(text)}}});
    };
    column("model", words.model, "efficiency model");
    column("disposability", words.disposability, "of bad outputs");
    column("reference", words.reference, "reference sets");
    column("returns", words.returns, "returns to scale");
    column("method", words.method, "weights of the index");
    column("winsorize", words.clipping, "percentiles where the stages' columns are clipped");
    column("dea", words.dea, "dea stage");
    column("index", words.index, "index stage");
    column("term", words.term, "regressor");
    column("reason", reasons, "why there is no estimate");
    const char* const texts[] = {"coefficient", "standard error", "p value", "confidence interval, low end",
                                 "confidence interval, high end"};
    for (std::size_t d = 0; d < std::size(datasets); ++d)
        group.variables.push_back(numbers(datasets[d], {"specification"}, {n}, numbers_of[d], texts[d]));
    group.variables.push_back(
        numbers("mean_outcome", {"specification"}, {n}, mean, "mean of the outcome over the sample"));
    group.variables.push_back(integers("n", "specification", rows, "observations"));
}

}  // namespace greenfront::stages

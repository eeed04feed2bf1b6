#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/columns.hpp"
#include "engine/stages/stages.hpp"

namespace greenfront::stages {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A figure that the results do not have is NaN, with a reason.
struct Found {
    double value = nan;
    std::string reason;
};

/// n, mean, sd, min, max of a column; sd with n - 1.
Found of_column(const Panel& panel, const std::string& column, const std::string& statistic) {
    if (!panel.has(column) || panel.column(column).text)
        return {nan, fmt::format("the panel has no column of numbers \"{}\"", column)};
    std::vector<double> values;
    for (const double x : panel.number(column)) {
        if (!std::isnan(x)) values.push_back(x);
    }
    const auto n = static_cast<double>(values.size());
    if (statistic == "n") return {n, ""};
    if (values.empty()) return {nan, fmt::format("the column {} has no value", column)};
    if (statistic == "min") return {*std::min_element(values.begin(), values.end()), ""};
    if (statistic == "max") return {*std::max_element(values.begin(), values.end()), ""};
    double sum = 0, squares = 0;
    for (const double x : values) sum += x;
    if (statistic == "mean") return {sum / n, ""};
    if (statistic != "sd")
        return {nan, fmt::format("a column has n, mean, sd, min and max, not \"{}\"", statistic)};
    for (const double x : values) squares += (x - sum / n) * (x - sum / n);
    return {values.size() > 1 ? std::sqrt(squares / (n - 1)) : nan, ""};
}

/// A dataset along one scale of labels (term, indicator, ...), at one of them.
Found of_label(const ResultGroup& group, const std::string& dataset, const std::string& label) {
    const Variable* variable = group.find(dataset);
    const auto* values = variable == nullptr ? nullptr : std::get_if<std::vector<double>>(&variable->values);
    const Variable* scale =
        values == nullptr || variable->dims.size() != 1 ? nullptr : group.find(variable->dims[0]);
    const auto* labels = scale == nullptr ? nullptr : std::get_if<std::vector<std::string>>(&scale->values);
    if (labels == nullptr) return {nan, fmt::format("/{} has no {} by name", group.path, dataset)};
    const auto at = std::find(labels->begin(), labels->end(), label);
    if (at == labels->end())
        return {nan,
                fmt::format("/{} has no \"{}\"; it has {}", group.path, label, fmt::join(*labels, ", "))};
    return {(*values)[static_cast<std::size_t>(at - labels->begin())], ""};
}

/// A number among the attributes; "stock_yogo_size.1" is the first of a list.
Found of_attribute(const ResultGroup& group, const std::string& statistic) {
    const std::size_t dot = statistic.find('.');
    const AttributeValue* value = group.attribute(statistic.substr(0, dot));
    if (value == nullptr) return {nan, fmt::format("/{} has no \"{}\"", group.path, statistic)};
    if (const auto* number = std::get_if<double>(value)) return {*number, ""};
    if (const auto* count = std::get_if<std::int64_t>(value)) return {static_cast<double>(*count), ""};
    const auto* list = std::get_if<std::vector<double>>(value);
    std::size_t position = 0;
    if (list != nullptr && dot != std::string::npos) {
        const char* const end = statistic.data() + statistic.size();
        (void)std::from_chars(statistic.data() + dot + 1, end, position);
        if (position >= 1 && position <= list->size()) return {(*list)[position - 1], ""};
    }
    return {nan, fmt::format("\"{}\" of /{} is no number", statistic, group.path)};
}

Found obtained(const Workspace& workspace, const PublishedFigure& figure) {
    const std::string& statistic = figure.statistic;
    const bool describes = statistic == "mean" || statistic == "sd" || statistic == "min" ||
                           statistic == "max" || statistic == "n";
    const std::size_t slash = figure.stage.find('/');
    const std::string kind = figure.stage.substr(0, slash);
    if (kind == "panel") return of_column(workspace.panel(), figure.term, statistic);
    if ((kind == "dea" || kind == "index") && describes)
        return of_column(workspace.panel(), figure.stage.substr(slash + 1), statistic);
    const ResultGroup* group = workspace.results.find(figure.stage);
    if (group == nullptr) return {nan, fmt::format("the results have no /{}", figure.stage)};
    if (figure.term.empty()) return of_attribute(*group, statistic);
    return of_label(*group, statistic == "coefficient" ? "estimate" : statistic, figure.term);
}

/// The p value of a coefficient, for its stars.
double p_value(const Workspace& workspace, const PublishedFigure& figure) {
    const ResultGroup* group = workspace.results.find(figure.stage);
    if (figure.statistic != "coefficient" || group == nullptr) return nan;
    return of_label(*group, "p_value", figure.term).value;
}

class Store {
  public:
    Store(ResultGroup& group, const std::vector<PublishedFigure>& figures)
        : group_(group), figures_(figures) {}

    void texts(const char* name, std::string PublishedFigure::*member, const char* text) {
        std::vector<std::string> values;
        for (const auto& figure : figures_) values.push_back(figure.*member);
        group_.variables.push_back(
            {name, {"figure"}, {figures_.size()}, std::move(values), {{"long_name", std::string(text)}}});
    }
    void column(const char* name, std::vector<double> values, const char* text) {
        group_.variables.push_back(numbers(name, {"figure"}, {figures_.size()}, std::move(values), text));
    }

  private:
    ResultGroup& group_;
    const std::vector<PublishedFigure>& figures_;
};

}  // namespace

void published(Workspace& workspace) {
    const auto& figures = workspace.published;
    const std::size_t n = figures.size();
    const std::vector<double> error = published_errors(figures);
    std::vector<double> value, ours, p, difference, in_errors;
    std::vector<std::int64_t> decimals;
    std::vector<std::int8_t> within;
    std::int64_t judged = 0, agreed = 0, missing = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const PublishedFigure& figure = figures[i];
        const Found found = obtained(workspace, figure);
        if (!found.reason.empty()) {
            ++missing;
            workspace.progress.warning(fmt::format("published: table {}, column {}, {} {}: {}", figure.table,
                                                   figure.column, figure.statistic, figure.term,
                                                   found.reason));
        }
        value.push_back(figure.value);
        decimals.push_back(figure.decimals);
        ours.push_back(found.value);
        p.push_back(p_value(workspace, figure));
        difference.push_back(found.value - figure.value);
        in_errors.push_back(difference.back() / error[i]);
        const bool judge = !figure.tolerance.empty(), agree = agrees(figure, found.value, error[i]);
        within.push_back(judge ? static_cast<std::int8_t>(agree) : std::int8_t{-1});
        judged += judge;
        agreed += judge && agree;
    }
    ResultGroup& group = workspace.results.add("published");
    group.attributes = {{"source", workspace.study.published.source},
                        {"figures_judged", judged},
                        {"figures_within", agreed},
                        {"figures_missing", missing}};
    // Figures of the user's own have a path, which is none of the results' business.
    if (const std::string& file = workspace.study.published.file; file.starts_with("embedded:"))
        group.attributes.emplace_back("file", file);
    Store store(group, figures);
    group.variables.push_back(counter("figure", n, 1));
    store.texts("table", &PublishedFigure::table, "table of the publication");
    store.texts("column", &PublishedFigure::column, "column of that table");
    store.texts("stage", &PublishedFigure::stage, "group of these results");
    store.texts("term", &PublishedFigure::term, "regressor, indicator or column");
    store.texts("statistic", &PublishedFigure::statistic, "what was published");
    store.column("value", value, "published figure");
    group.variables.push_back(integers("decimals", "figure", decimals, "as printed"));
    store.texts("stars", &PublishedFigure::stars, "stars as printed");
    store.texts("tolerance", &PublishedFigure::tolerance, "how far the two may lie apart");
    store.column("std_error", error, "published standard error of the coefficient");
    store.column("obtained", ours, "figure of these results");
    store.column("obtained_p_value", p, "p value of the coefficient in these results");
    store.column("difference", difference, "obtained less published");
    store.column("difference_std_errors", in_errors, "difference over the published standard error");
    group.variables.push_back(categories("within", {"figure"}, {n}, std::move(within), {"no", "yes"},
                                         "the two agree within the tolerance, or to the digits printed"));
}

}  // namespace greenfront::stages

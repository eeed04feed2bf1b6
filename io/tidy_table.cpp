#include "io/tidy_table.hpp"

#include <cmath>

#include "io/table_access.hpp"

namespace greenfront::io {
namespace {

/// The first of two attributes that has a number.
double either(const ResultGroup& group, const char* first, const char* second) {
    const double value = number_attribute(group, first);
    return std::isnan(value) ? number_attribute(group, second) : value;
}

/// A column for each field, behind those that are there.
template <class Fields>
void add_fields(const Fields& fields, std::vector<std::vector<double>> values, LongTable& table) {
    for (std::size_t f = 0; f < values.size(); ++f) {
        table.header.emplace_back(fields[f].name);
        table.columns.emplace_back(std::move(values[f]));
        table.labels.emplace_back(fields[f].label);
    }
    table.meanings.resize(table.header.size());
}

}  // namespace

LongTable tidy_table(const Results& results, const std::string& name) {
    struct Field {
        const char *name, *dataset, *label;
    };
    static constexpr Field fields[] = {{"estimate", "estimate", "coefficient"},
                                       {"std.error", "std_error", "standard error"},
                                       {"statistic", "statistic", "t or z statistic"},
                                       {"p.value", "p_value", "two-sided p value"},
                                       {"conf.low", "conf_low", "lower end of the confidence interval"},
                                       {"conf.high", "conf_high", "upper end of the confidence interval"}};
    std::vector<std::string> models, terms;
    std::vector<std::vector<double>> values(std::size(fields));
    for (const auto* group : chosen_groups(results, "regression", name)) {
        const auto& own = texts(*group, "term");
        models.insert(models.end(), own.size(), last_name(*group));
        terms.insert(terms.end(), own.begin(), own.end());
        for (std::size_t f = 0; f < values.size(); ++f) {
            const auto& column = numbers(*group, fields[f].dataset);
            values[f].insert(values[f].end(), column.begin(), column.end());
        }
    }
    LongTable table;
    table.header = {"model", "term"};
    table.columns = {std::move(models), std::move(terms)};
    table.labels = {"name of the regression", "regressor"};
    add_fields(fields, std::move(values), table);
    return table;
}

LongTable glance_table(const Results& results, const std::string& name) {
    struct Field {
        const char *name, *attribute, *otherwise, *label;
    };
    static constexpr Field fields[] = {
        {"r.squared", "r2", "", "R-squared"},
        {"adj.r.squared", "adj_r2", "", "adjusted R-squared"},
        {"within.r.squared", "within_r2", "", "R-squared within fixed effects"},
        {"pseudo.r.squared", "pseudo_r2", "", "McFadden's pseudo R-squared"},
        {"sigma", "rmse", "sigma", "standard deviation of the errors"},
        {"statistic", "f_statistic", "chi2", "F statistic; chi-squared of limited outcomes"},
        {"p.value", "f_p_value", "chi2_p_value", "p value of the statistic"},
        {"df", "df_model", "chi2_df", "regressors tested, without the constant"},
        {"df.residual", "df_residual", "", "degrees of freedom of t and F"},
        {"logLik", "log_likelihood", "", "log likelihood"},
        {"deviance", "rss", "", "sum of squared residuals"},
        {"nobs", "n", "", "observations"}};
    std::vector<std::string> models, outcomes;
    std::vector<std::vector<double>> values(std::size(fields));
    for (const auto* group : chosen_groups(results, "regression", name)) {
        models.push_back(last_name(*group));
        outcomes.push_back(text_attribute(*group, "outcome"));
        for (std::size_t f = 0; f < values.size(); ++f)
            values[f].push_back(either(*group, fields[f].attribute, fields[f].otherwise));
    }
    LongTable table;
    table.header = {"model", "outcome"};
    table.columns = {std::move(models), std::move(outcomes)};
    table.labels = {"name of the regression", "outcome"};
    add_fields(fields, std::move(values), table);
    return table;
}

}  // namespace greenfront::io

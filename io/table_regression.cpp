#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "io/table_access.hpp"
#include "io/table_regression_checks.hpp"

namespace greenfront::io {
namespace {

std::size_t position(const std::vector<std::string>& list, const std::string& word) {
    return static_cast<std::size_t>(std::find(list.begin(), list.end(), word) - list.begin());
}

void add_new(std::vector<std::string>& list, const std::vector<std::string>& words) {
    for (const auto& word : words) {
        if (position(list, word) == list.size()) list.push_back(word);
    }
}

std::string variance_text(const ResultGroup& group) {
    const std::string vcov = text_attribute(group, "vcov");
    if (vcov == "iid") return "iid (homoskedastic)";
    return vcov;
}

/// Builds the side-by-side table column by column.
class SideBySide {
  public:
    SideBySide(const Results& results, std::vector<const ResultGroup*> groups, const Style& style)
        : results_(results), groups_(std::move(groups)), style_(style) {
        for (const auto* group : groups_) {
            add_new(terms_, texts(*group, "term"));
            add_new(terms_, list_attribute(*group, "omitted"));
            if (group->find("effect") != nullptr) add_new(effects_, labels(results_, *group, "effect"));
            add_new(clusters_, list_attribute(*group, "cluster_names"));
        }
        std::stable_partition(terms_.begin(), terms_.end(),
                              [](const std::string& t) { return t != "_cons"; });
    }

    [[nodiscard]] Table table(const std::string& title) {
        Table table;
        table.title = title;
        table.header.emplace_back("");
        for (std::size_t c = 0; c < groups_.size(); ++c)
            table.header.push_back(padded(fmt::format("({})", c + 1)));
        add(table, "Outcome", [](const ResultGroup& g) { return text_attribute(g, "outcome"); });
        add(table, "", [](const ResultGroup& g) {
            const std::string heading = text_attribute(g, "title");
            return heading.empty() ? last_name(g) : heading;
        });
        table.rules.push_back(table.rows.size());
        for (const auto& term : terms_) add_term(table, term);
        table.rules.push_back(table.rows.size());
        add_effects(table);
        add_figures(table);
        add_checks(table);
        add_notes(table);
        return table;
    }

  private:
    /// Room for stars, so that the digits of a column stand below each other.
    [[nodiscard]] std::string padded(const std::string& text) const {
        return text.empty() ? text : text + std::string(style_.stars.size(), ' ');
    }

    template <class F>
    void add(Table& table, const std::string& label, F cell) {
        std::vector<std::string> row{label};
        for (const auto* group : groups_) row.push_back(padded(cell(*group)));
        table.rows.push_back(std::move(row));
    }

    void add_term(Table& table, const std::string& term) {
        std::vector<std::string> first{term}, second{""};
        for (const auto* group : groups_) {
            const auto& names = texts(*group, "term");
            const std::size_t t = position(names, term);
            if (t == names.size()) {
                const auto omitted = list_attribute(*group, "omitted");
                first.push_back(position(omitted, term) < omitted.size() ? padded("(omitted)") : "");
                second.emplace_back("");
                continue;
            }
            const double p = numbers(*group, "p_value")[t];
            first.push_back(starred(numbers(*group, "estimate")[t], p, style_));
            second.push_back(
                below(numbers(*group, "std_error")[t], numbers(*group, "statistic")[t], p, style_));
        }
        table.rows.push_back(std::move(first));
        const bool blank =
            std::all_of(second.begin(), second.end(), [](const std::string& c) { return c.empty(); });
        if (!blank) table.rows.push_back(std::move(second));
    }

    void add_effects(Table& table) {
        for (const auto& effect : effects_) {
            add(table, "Fixed effects: " + effect, [&](const ResultGroup& g) -> std::string {
                if (g.find("effect") == nullptr) return "No";
                const auto own = labels(results_, g, "effect");
                return position(own, effect) < own.size() ? "Yes" : "No";
            });
        }
    }

    void add_figures(Table& table) {
        std::set<std::string> estimators;
        for (const auto* group : groups_) estimators.insert(text_attribute(*group, "estimator"));
        if (estimators.size() > 1 ||
            (estimators.size() == 1 && *estimators.begin() != "ols" && !estimators.begin()->empty())) {
            add(table, "Estimator", [](const ResultGroup& g) { return text_attribute(g, "estimator"); });
        }
        add(table, "Variance", variance_text);
        for (const auto& cluster : clusters_) {
            add(table, "Clusters: " + cluster, [&](const ResultGroup& g) -> std::string {
                const std::size_t k = position(list_attribute(g, "cluster_names"), cluster);
                const auto counts = numbers_attribute(g, "cluster_counts");
                return k < counts.size() ? count(counts[k]) : "";
            });
        }
        add(table, "Observations", [](const ResultGroup& g) { return count(number_attribute(g, "n")); });
        if (std::any_of(groups_.begin(), groups_.end(),
                        [](const ResultGroup* g) { return number_attribute(*g, "singletons") > 0; })) {
            add(table, "Singletons dropped",
                [](const ResultGroup& g) { return count(number_attribute(g, "singletons")); });
        }
        const std::vector<std::pair<std::string, std::string>> figures{
            {"R2", "r2"},       {"Adjusted R2", "adj_r2"},  {"Within R2", "within_r2"},
            {"Sigma", "sigma"}, {"Pseudo R2", "pseudo_r2"}, {"Log likelihood", "log_likelihood"}};
        for (const auto& [label, key] : figures) {
            // Linear models have none of the last three, the others none of the first.
            if (std::none_of(groups_.begin(), groups_.end(),
                             [&](const ResultGroup* g) { return g->attribute(key) != nullptr; }))
                continue;
            add(table, label, [&](const ResultGroup& g) {
                const double value = number_attribute(g, key);
                return std::isnan(value) ? "" : in_style(value, style_);
            });
        }
        std::vector<std::string> compared;
        for (const auto* group : groups_) {
            if (group->attribute("difference_term") != nullptr)
                add_new(compared, {text_attribute(*group, "difference_term")});
        }
        for (const auto& term : compared) {
            add(table, "Group difference, p: " + term, [&](const ResultGroup& g) -> std::string {
                if (text_attribute(g, "difference_term") != term) return "";
                return p_value(number_attribute(g, "difference_p"));
            });
        }
    }

    void add_checks(Table& table) {
        for (auto& [label, cells] : check_rows(groups_)) {
            std::vector<std::string> row{label};
            for (const auto& cell : cells) row.push_back(padded(cell));
            instruments_ = instruments_ || label == "Cragg-Donald F";
            tests_ = tests_ || label.starts_with("F: ");
            table.rows.push_back(std::move(row));
        }
    }

    void add_notes(Table& table) {
        table.notes.push_back(note_of(style_));
        if (tests_ && !instruments_) table.notes.emplace_back("[ ]: p value.");
        if (instruments_) {
            table.notes.emplace_back(
                "[ ]: p value. { }: Stock and Yogo's critical value for a size of 10 %, which holds for iid "
                "errors.");
        }
        std::vector<std::pair<std::string, std::string>> said;  // a warning, and the columns that have it
        for (std::size_t c = 0; c < groups_.size(); ++c) {
            for (const auto& warning : list_attribute(*groups_[c], "warnings")) {
                const auto known =
                    std::find_if(said.begin(), said.end(), [&](const auto& w) { return w.first == warning; });
                if (known == said.end()) {
                    said.emplace_back(warning, fmt::format("({})", c + 1));
                } else {
                    known->second += fmt::format(" ({})", c + 1);
                }
            }
        }
        for (const auto& [warning, columns] : said) table.notes.push_back(columns + " " + warning);
    }

    const Results& results_;
    std::vector<const ResultGroup*> groups_;
    Style style_;
    std::vector<std::string> terms_, effects_, clusters_;
    bool instruments_ = false, tests_ = false;
};

}  // namespace

Table regression_table(const Results& results, const std::string& kind, const Style& style) {
    const std::string title = kind == "first_stage" ? "First stages and reduced forms" : "Regressions";
    return SideBySide(results, require_groups(results, kind), style).table(title);
}

namespace {

void add_degrees_of_freedom(const Results& results, const ResultGroup& group, Table& table) {
    if (group.find("effect") == nullptr) return;
    const auto effects = labels(results, group, "effect");
    if (effects.empty()) return;
    const auto categories = integers(group, "categories"), redundant = integers(group, "redundant"),
               coefficients = integers(group, "coefficients"), nested = integers(group, "nested");
    table.rules.push_back(table.rows.size());
    table.rows.push_back({"Absorbed effect", "categories", "redundant", "coefficients", "", "", ""});
    for (std::size_t e = 0; e < effects.size(); ++e) {
        table.rows.push_back({effects[e], fmt::format("{}", categories[e]), fmt::format("{}", redundant[e]),
                              fmt::format("{}", coefficients[e]), nested[e] != 0 ? "nested in clusters" : "",
                              "", ""});
    }
}

/// Limits, likelihood and marginal effects of a model for a limited outcome.
void add_limited_facts(const ResultGroup& group, Table& table) {
    const auto figure = [&](const char* key) { return number_attribute(group, key); };
    table.notes.push_back(fmt::format(
        "Model {}, limits {} and {}; rows at the lower limit {}, inside {}, at the upper {}.",
        text_attribute(group, "estimator"), significant(figure("lower")), significant(figure("upper")),
        count(figure("n_at_lower")), count(figure("n_inside")), count(figure("n_at_upper"))));
    std::string likelihood = "Log likelihood " + significant(figure("log_likelihood"));
    if (!std::isnan(figure("pseudo_r2"))) {
        likelihood += ", pseudo R2 " + significant(figure("pseudo_r2"));
        if (figure("log_likelihood") > 0)
            likelihood += " (no share: the log likelihood of a density is positive)";
    }
    if (!std::isnan(figure("sigma"))) {
        likelihood += fmt::format("; sigma {} ({})", significant(figure("sigma")),
                                  significant(figure("sigma_std_error")));
    }
    table.notes.push_back(likelihood + ".");
    if (!text_attribute(group, "chi2_test").empty()) {
        table.notes.push_back(fmt::format(
            "{} chi2({}) = {}, p = {}.", text_attribute(group, "chi2_test") == "lr" ? "LR" : "Wald",
            count(figure("chi2_df")), significant(figure("chi2")), p_value(figure("chi2_p_value"))));
    }
    if (group.find("margin_target") == nullptr) return;
    const auto &targets = texts(group, "margin_target"), &terms = texts(group, "margin_term");
    for (std::size_t m = 0; m < targets.size(); ++m) {
        table.rules.push_back(table.rows.size());
        table.rows.push_back({"Average marginal effects: " + targets[m], "", "", "", "", "", ""});
        for (std::size_t t = 0; t < terms.size(); ++t) {
            const std::size_t at = m * terms.size() + t;
            table.rows.push_back({terms[t], significant(numbers(group, "margin_estimate")[at]),
                                  significant(numbers(group, "margin_std_error")[at]),
                                  significant(numbers(group, "margin_statistic")[at]),
                                  p_value(numbers(group, "margin_p_value")[at]),
                                  significant(numbers(group, "margin_conf_low")[at]),
                                  significant(numbers(group, "margin_conf_high")[at])});
        }
    }
}

void add_linear_facts(const ResultGroup& group, Table& table) {
    const auto figure = [&](const char* key) { return number_attribute(group, key); };
    table.notes.push_back(fmt::format("R2 {}, adjusted {}, within {}, adjusted within {}; RMSE {}.",
                                      significant(figure("r2")), significant(figure("adj_r2")),
                                      significant(figure("within_r2")), significant(figure("within_adj_r2")),
                                      significant(figure("rmse"))));
    table.notes.push_back(fmt::format("F({}, {}) = {}, p = {}.", count(figure("df_model")),
                                      count(figure("df_residual")), significant(figure("f_statistic")),
                                      p_value(figure("f_p_value"))));
}

void add_facts(const ResultGroup& group, Table& table) {
    const auto figure = [&](const char* key) { return number_attribute(group, key); };
    table.notes.push_back("Variance: " + variance_text(group) + ".");
    if (group.attribute("small_sample_factor") != nullptr) {
        table.notes.push_back(
            fmt::format("Small sample: {}; the variance is multiplied by {:.7g}; {} absorbed and "
                        "{} nested coefficients.",
                        text_attribute(group, "ssc"), figure("small_sample_factor"),
                        count(figure("df_absorbed")), count(figure("df_nested"))));
    }
    table.notes.push_back(fmt::format("Observations {} of {} read; singletons dropped {}.",
                                      count(figure("n")), count(figure("n_read")),
                                      count(figure("singletons"))));
    const std::string weights = text_attribute(group, "weights");
    if (!weights.empty()) table.notes.push_back("Weights: " + weights + ".");
    const auto names = list_attribute(group, "cluster_names");
    const auto counts = numbers_attribute(group, "cluster_counts");
    for (std::size_t k = 0; k < std::min(names.size(), counts.size()); ++k) {
        table.notes.push_back(fmt::format("Clusters in {}: {}.", names[k], count(counts[k])));
    }
    if (group.attribute("log_likelihood") != nullptr) {
        add_limited_facts(group, table);
    } else {
        add_linear_facts(group, table);
    }
    const auto omitted = list_attribute(group, "omitted"), reasons = list_attribute(group, "omitted_reasons");
    for (std::size_t k = 0; k < omitted.size(); ++k) {
        table.notes.push_back(fmt::format("Omitted: {}{}.", omitted[k],
                                          k < reasons.size() ? " (" + reasons[k] + ")" : std::string()));
    }
    for (const auto& warning : list_attribute(group, "warnings"))
        table.notes.push_back("Warning: " + warning);
}

}  // namespace

Table regression_detail(const Results& results, const std::string& path, const Style& style) {
    const ResultGroup& group = require_group(results, path);
    Table table;
    table.title = fmt::format("{} {}: {}", path.starts_with("first_stage/") ? "First stage" : "Regression",
                              last_name(group), text_attribute(group, "formula"));
    double confidence = number_attribute(group, "confidence");
    if (std::isnan(confidence)) confidence = 0.95;
    const std::string level = fmt::format("{:g} %", 100 * confidence);
    const bool normal = group.attribute("log_likelihood") != nullptr;
    table.header = {"Term", "Estimate",     "Std. error",   normal ? "z" : "t",
                    "p",    level + " low", level + " high"};
    const auto& terms = texts(group, "term");
    for (std::size_t t = 0; t < terms.size(); ++t) {
        table.rows.push_back(
            {terms[t], starred(numbers(group, "estimate")[t], numbers(group, "p_value")[t], style),
             significant(numbers(group, "std_error")[t]), significant(numbers(group, "statistic")[t]),
             p_value(numbers(group, "p_value")[t]), significant(numbers(group, "conf_low")[t]),
             significant(numbers(group, "conf_high")[t])});
    }
    add_degrees_of_freedom(results, group, table);
    add_check_blocks(group, table);
    add_facts(group, table);
    if (!style.stars.empty()) table.notes.push_back(stars_note(style));
    return table;
}

}  // namespace greenfront::io

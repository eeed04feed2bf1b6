#pragma once
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "engine/results.hpp"

/// Hand-made results with a group of every kind, shaped as docs/formats/results.md says.
namespace sample {

using greenfront::Attributes;
using greenfront::ResultGroup;
using greenfront::Results;
using greenfront::Values;
using greenfront::Variable;

inline Variable variable(const std::string& name, std::vector<std::string> dims,
                         std::vector<std::size_t> shape, Values values, Attributes attributes = {}) {
    return {name, std::move(dims), std::move(shape), std::move(values), std::move(attributes)};
}
inline Variable texts(const std::string& name, std::vector<std::string> values) {
    const std::size_t n = values.size();
    return variable(name, {name}, {n}, std::move(values));
}
inline Variable doubles(const std::string& name, const std::string& dim, std::vector<double> values) {
    const std::size_t n = values.size();
    return variable(name, {dim}, {n}, std::move(values), {{"long_name", name}, {"units", std::string("1")}});
}
inline Variable integers(const std::string& name, const std::string& dim, std::vector<std::int64_t> values) {
    const std::size_t n = values.size();
    return variable(name, {dim}, {n}, std::move(values), {{"long_name", name}});
}
inline Attributes flags(std::vector<std::int64_t> values, const std::string& meanings) {
    return {{"flag_values", std::move(values)}, {"flag_meanings", meanings}};
}

inline void add_regression(Results& results, const std::string& name, std::vector<std::string> terms,
                           std::vector<double> estimates, std::vector<double> errors, std::vector<double> p,
                           std::vector<std::string> effects, const std::string& vcov) {
    ResultGroup& g = results.add("regression/" + name);
    const std::size_t k = terms.size();
    std::vector<double> t, low, high;
    for (std::size_t i = 0; i < k; ++i) {
        t.push_back(estimates[i] / errors[i]);
        low.push_back(estimates[i] - 2 * errors[i]);
        high.push_back(estimates[i] + 2 * errors[i]);
    }
    g.variables = {texts("term", std::move(terms)),
                   doubles("estimate", "term", std::move(estimates)),
                   doubles("std_error", "term", std::move(errors)),
                   doubles("statistic", "term", std::move(t)),
                   doubles("p_value", "term", std::move(p)),
                   doubles("conf_low", "term", std::move(low)),
                   doubles("conf_high", "term", std::move(high))};
    const std::size_t e = effects.size();
    g.variables.push_back(texts("effect", std::move(effects)));
    g.variables.push_back(integers("categories", "effect", std::vector<std::int64_t>(e, 3)));
    g.variables.push_back(integers("redundant", "effect", std::vector<std::int64_t>(e, 1)));
    g.variables.push_back(integers("coefficients", "effect", std::vector<std::int64_t>(e, 2)));
    g.variables.push_back(integers("nested", "effect", std::vector<std::int64_t>(e, 1)));
    const bool clustered = vcov != "iid";
    g.attributes = {
        {"formula", "coor ~ nqp | city"},
        {"outcome", std::string("coor")},
        {"title", std::string()},
        {"vcov", vcov},
        {"estimator", std::string("ols")},
        {"n", std::int64_t{12}},
        {"n_read", std::int64_t{13}},
        {"singletons", std::int64_t{clustered ? 1 : 0}},
        {"cluster_names", clustered ? std::vector<std::string>{"city"} : std::vector<std::string>{}},
        {"cluster_counts", clustered ? std::vector<std::int64_t>{3} : std::vector<std::int64_t>{}},
        {"omitted", clustered ? std::vector<std::string>{"zeta"} : std::vector<std::string>{}},
        {"omitted_reasons", clustered ? std::vector<std::string>{"collinear"} : std::vector<std::string>{}},
        {"df_model", std::int64_t{1}},
        {"df_residual", std::int64_t{2}},
        {"variance_repaired", std::int64_t{0}},
        {"confidence", 0.95},
        {"r2", 0.51234567},
        {"adj_r2", 0.4},
        {"within_r2", NAN},
        {"within_adj_r2", NAN},
        {"rmse", 0.123},
        {"f_statistic", 4.5},
        {"f_p_value", 0.0312},
        {"warnings",
         clustered ? std::vector<std::string>{"3 clusters are few"} : std::vector<std::string>{}}};
}

inline void add_dea(Results& results) {
    ResultGroup& g = results.add("dea/eff");
    g.variables = {
        texts("variable", {"capital", "gdp", "co2"}),
        variable("score", {"unit", "time"}, {3, 2}, std::vector<double>{1, 0.5, 0.25, NAN, NAN, 0.75},
                 {{"long_name", std::string("efficiency score")}, {"units", std::string("1")}}),
        variable("status", {"unit", "time"}, {3, 2}, std::vector<std::int8_t>{0, 0, 0, 1, -1, 0},
                 flags({0, 1, 2, 3, 4}, "optimal infeasible unbounded undefined failed")),
        variable("used", {"unit", "time"}, {3, 2}, std::vector<std::int8_t>{1, 1, 1, 1, -1, 1},
                 flags({0, 1}, "no yes")),
        variable("slack", {"unit", "time", "variable"}, {3, 2, 3}, std::vector<double>(18, 0.5)),
        variable("lambda", {"peer_entry"}, {0}, std::vector<double>{}),
    };
    g.attributes = {{"model", std::string("sbm")},
                    {"orientation", std::string("none")},
                    {"returns", std::string("crs")},
                    {"reference", std::string("global")},
                    {"inputs", std::vector<std::string>{"capital"}},
                    {"good", std::vector<std::string>{"gdp"}},
                    {"bad", std::vector<std::string>{"co2"}},
                    {"gap", 1e-15},
                    {"weights_inputs", std::vector<double>{1.0}}};
}

inline void add_sweep(Results& results) {
    ResultGroup& g = results.add("sweep/policy");
    g.variables = {
        texts("scenario", {"a=0,b=0", "a=1,b=0", "a=0,b=1", "a=1,b=1"}),
        texts("lever", {"a", "b"}),
        texts("dimension", {"a", "b"}),
        texts("variable", {"capital", "gdp", "co2"}),
        texts("group", {"East", "West"}),
        variable("point", {"scenario", "dimension"}, {4, 2}, std::vector<double>{0, 0, 1, 0, 0, 1, 1, 1}),
        variable("intensity", {"scenario", "lever"}, {4, 2}, std::vector<double>{0, 0, 1, 0, 0, 1, 1, 1}),
        doubles("econometric_effect", "scenario", {0, 0.2, 0.1, 0.3}),
        doubles("econometric_low", "scenario", {0, 0.1, -0.05, 0.2}),
        doubles("econometric_high", "scenario", {0, 0.3, 0.25, 0.4}),
        variable("econometric_by_time", {"scenario", "time"}, {4, 2},
                 std::vector<double>{0, 0, 1, 2, 3, 4, 5, 6}),
        variable("econometric_by_group", {"scenario", "group"}, {4, 2},
                 std::vector<double>{0, 0, 7, 8, 9, 10, 11, 12}),
        doubles("frontier_effect", "scenario", {0, 0.02, NAN, 0.01}),
        variable("variable_relative", {"scenario", "variable"}, {4, 3},
                 std::vector<double>{0, 0, 0, 0, 0, -0.125, 0, 0, -0.25, 0, 0, -0.375}),
        doubles("cost", "scenario", {0, 10, 20, 30}),
        integers("rank", "scenario", {4, 2, 3, 1}),
        integers("pareto", "scenario", {1, 1, 0, 1}),
        doubles("probability_best", "scenario", {0, 0.25, 0, 0.75}),
    };
    g.attributes = {{"dea", std::string("eff")},
                    {"regression", std::string("base")},
                    {"bootstrap", std::string("boot")},
                    {"outcome", std::string("coor")},
                    {"group", std::string("region")},
                    {"assumptions", std::vector<std::string>{"The technology stays."}}};
}

inline Results results() {
    Results results;
    ResultGroup& root = results.add("");
    root.variables = {texts("unit", {"A", "B", "\xE5\x8C\x97\xE4\xBA\xAC"}),
                      variable("time", {"time"}, {2}, std::vector<std::int64_t>{2011, 2012})};
    root.attributes = {{"title", std::string("A sample")},
                       {"study", std::string("sample")},
                       {"format_version", std::int64_t{1}}};
    ResultGroup& panel = results.add("panel");
    std::vector<double> gdp{1, 2, 3, 4, NAN, 6};
    panel.variables = {
        variable("gdp", {"unit", "time"}, {3, 2}, gdp, {{"units", std::string("yuan")}}),
        variable("gdp/capita", {"unit", "time"}, {3, 2}, std::vector<double>{1, 1, 1, 1, 1, 1}),
        variable("time", {"unit", "time"}, {3, 2}, std::vector<double>{1, 2, 1, 2, 1, 2}),
        variable("region", {"unit", "time"}, {3, 2},
                 std::vector<std::string>{"East", "East", "West", "", "a\nb", "\xE5\x8C\x97"})};
    panel.attributes = {{"rows", std::int64_t{5}}};
    add_dea(results);
    ResultGroup& index = results.add("index/nqp");
    index.variables = {texts("indicator", {"robots", "smoke"}),
                       doubles("weight", "indicator", {0.625, 0.375}),
                       doubles("entropy", "indicator", {0.9, 0.94}),
                       doubles("minimum", "indicator", {0, 1}),
                       doubles("maximum", "indicator", {10, 20}),
                       variable("direction", {"indicator"}, {2}, std::vector<std::int8_t>{0, 1},
                                flags({0, 1}, "positive negative")),
                       variable("score", {"unit", "time"}, {3, 2}, std::vector<double>(6, 0.5))};
    index.attributes = {{"method", std::string("entropy")}, {"rows_used", std::int64_t{6}}};
    add_regression(results, "base", {"nqp", "_cons"}, {0.123456, -12345.678}, {0.0456, 2000}, {0.009, 0.2},
                   {}, "iid");
    add_regression(results, "fe", {"nqp", "gov"}, {0.2, -0.5}, {0.11, 0.24}, {0.0999, 0.049}, {"city"},
                   "cluster:city");
    ResultGroup& boot = results.add("bootstrap/boot");
    boot.variables = {texts("term", {"nqp"}),
                      doubles("estimate", "term", {0.2}),
                      doubles("std_error", "term", {0.11}),
                      doubles("bootstrap_std_error", "term", {0.12}),
                      doubles("percentile_low", "term", {-0.01}),
                      doubles("percentile_high", "term", {0.44}),
                      doubles("t_low", "term", {-0.02}),
                      doubles("t_high", "term", {0.46}),
                      doubles("p_value", "term", {0.061}),
                      doubles("p_equal_tailed", "term", {0.07}),
                      integers("n_greater", "term", {60}),
                      integers("n_tie", "term", {0}),
                      integers("used", "term", {998}),
                      integers("infeasible", "term", {1}),
                      variable("draw", {"term", "replicate"}, {1, 2}, std::vector<double>{0.1, 0.3})};
    boot.attributes = {{"regression", std::string("fe")}, {"method", std::string("pairs-cluster")},
                       {"cluster", std::string("city")},  {"clusters", std::int64_t{3}},
                       {"replicates", std::int64_t{999}}, {"confidence", 0.95},
                       {"seed", std::string("1")}};
    ResultGroup& placebo = results.add("placebo/random");
    placebo.variables = {doubles("draw", "replicate", {0.1, -0.1, NAN})};
    placebo.attributes = {{"regression", std::string("fe")},
                          {"treatment", std::string("nqp")},
                          {"method", std::string("trajectory")},
                          {"replicates", std::int64_t{3}},
                          {"infeasible", std::int64_t{1}},
                          {"estimate", 0.2},
                          {"std_error", 0.11},
                          {"statistic", 1.8181},
                          {"compared", std::string("t")},
                          {"n_extreme", std::int64_t{0}},
                          {"p_value", 1.0 / 3},
                          {"p_share", 0.0},
                          {"seed", std::string("7")}};
    add_sweep(results);
    results.add("provenance").attributes = {{"run_id", std::string("0123abcd")},
                                            {"study", std::string(100000, 'x')}};
    return results;
}

}  // namespace sample

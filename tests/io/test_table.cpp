#include <algorithm>

#include "io/long_table.hpp"
#include "io/table.hpp"
#include "io/table_access.hpp"
#include "io/tidy_table.hpp"
#include "tests/io/sample_results.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;
using io::Table;

namespace {

/// Position of the column with this heading, blanks at the ends left out.
std::size_t column(const Table& table, const std::string& heading) {
    for (std::size_t c = 0; c < table.header.size(); ++c) {
        if (table.header[c] == heading) return c;
    }
    FAIL("no column " << heading);
    return 0;
}

std::string stripped(const std::string& cell) {
    const auto last = cell.find_last_not_of(' ');
    return last == std::string::npos ? "" : cell.substr(0, last + 1);
}

/// Cells of the first row that begins with `first`, padding left out.
std::vector<std::string> row(const Table& table, const std::string& first) {
    for (const auto& cells : table.rows) {
        if (cells.front() != first) continue;
        std::vector<std::string> result;
        for (const auto& cell : cells) result.push_back(stripped(cell));
        return result;
    }
    FAIL("no row " << first);
    return {};
}

bool has_note(const Table& table, const std::string& part) {
    return std::any_of(table.notes.begin(), table.notes.end(),
                       [&](const auto& n) { return contains(n, part); });
}

using Cells = std::vector<std::string>;

}  // namespace

TEST_CASE("rendering: alignment, rules, wide characters") {
    const Table table{
        "Title", {"name", "x"}, {{"\xE5\x8C\x97\xE4\xBA\xAC", "1"}, {"e\xCC\x81", "22"}, {"two\nlines", "3"}},
        {1},     {"note"},      {}};
    CHECK(io::text(table) ==
          "Title\n-------------\nname        x\n-------------\n\xE5\x8C\x97\xE4\xBA\xAC        1\n"
          "-------------\ne\xCC\x81          22\ntwo lines   3\n-------------\nnote\n");
}

TEST_CASE("csv: quoting, blanks of names kept") {
    const Table table{"Title", {"a,b", "x"}, {{"say \"no\"", "0.1**  "}, {"two\nlines", ""}},
                      {},      {"note"},     {}};
    CHECK(io::csv(table) == "\"a,b\",x\n\"say \"\"no\"\"\",0.1**\n\"two\nlines\",\n");
}

TEST_CASE("markdown and LaTeX: special characters, stars, rules, notes") {
    io::Table table;
    table.title = "50 % of a_b";
    table.header = {"", "(1)  "};
    table.rows = {{"x_1 | y", "0.12**"}, {"", "(0.05)  "}, {"N", "{9}"}};
    table.rules = {2};
    table.notes = {"* p < 0.1"};
    const std::string page = io::markdown(table);
    CHECK(page.find("**50 % of a\\_b**\n\n|  | (1) |\n| :-- | --: |\n| x\\_1 \\| y | 0.12\\*\\* |\n") == 0);
    CHECK(page.find("\\* p \\< 0.1") != std::string::npos);
    const std::string paper = io::latex(table);
    CHECK(paper.find("\\caption{50 \\% of a\\_b}") != std::string::npos);
    CHECK(paper.find("x\\_1 | y & 0.12\\rlap{$^{**}$} \\\\\n & (0.05\\rlap{)} \\\\\n\\midrule\nN & \\{9\\} "
                     "\\\\\n\\bottomrule") != std::string::npos);
    CHECK(paper.find("\\item * p $<$ 0.1") != std::string::npos);
}

TEST_CASE("decimals: coefficients and R2s as a paper wants them") {
    io::Style style;
    style.decimals = 3;
    CHECK(io::in_style(0.00012, style) == "0.000");
    CHECK(io::in_style(-0.0001, style) == "0.000");
    CHECK(io::in_style(-12.34567, style) == "-12.346");
    CHECK(io::in_style(NAN, style) == ".");
    const Table t = io::regression_table(sample::results(), "regression", style);
    CHECK(row(t, "nqp")[1] == "0.123***");
    CHECK(row(t, "R2")[1] == "0.512");
}

TEST_CASE("only: the regressions that are asked for, in that order") {
    auto results = sample::results();
    io::keep_only(results, "regression", {"fe", "base"});
    const Table t = io::regression_table(results);
    CHECK(row(t, "Outcome").size() == 3);
    CHECK(stripped(t.rows[1][1]) == "fe");
    CHECK(contains(message_of(Fault::usage, [&] { io::keep_only(results, "regression", {"bass"}); }),
                   "did you mean base?"));
}

TEST_CASE("broom's tables: its names, every coefficient, every regression") {
    const auto results = sample::results();
    const std::string tidy = io::csv(io::tidy_table(results));
    CHECK(
        tidy.starts_with("model,term,estimate,std.error,statistic,p.value,conf.low,conf.high\n"
                         "base,nqp,0.123456,0.0456,"));
    CHECK(contains(tidy, "\nfe,gov,-0.5,0.24,"));
    CHECK(io::tidy_table(results, "fe").rows() == 2);
    const std::string glance = io::csv(io::glance_table(results));
    CHECK(contains(glance,
                   "model,outcome,r.squared,adj.r.squared,within.r.squared,pseudo.r.squared,sigma,"
                   "statistic,p.value,df,df.residual,logLik,deviance,nobs\n"));
    CHECK(contains(glance, "\nbase,coor,0.51234567,0.4,,,0.123,4.5,0.0312,1,2,,,12\n"));
}

TEST_CASE("numbers keep at least four digits") {
    CHECK(io::significant(0.123456) == "0.1235");
    CHECK(io::significant(-12345.678) == "-12346");
    CHECK(io::significant(1) == "1.000");
    CHECK(io::significant(0.99996) == "1.000");
    CHECK(io::significant(999.96) == "1000");
    CHECK(io::significant(0.00012345) == "0.0001234");
    CHECK(io::significant(1.5e-7) == "1.500e-07");
    CHECK(io::significant(2.5e12) == "2.500e+12");
    CHECK(io::significant(-0.0) == "0.000");
    CHECK(io::significant(NAN) == ".");
    CHECK(io::p_value(0.00001) == "0.0000");
}

TEST_CASE("stars: by the levels asked for; what stands below a coefficient") {
    const io::Style usual;
    CHECK(io::stars(0.01, usual.stars) == "**");
    CHECK(io::stars(0.0099, usual.stars) == "***");
    CHECK(io::stars(0.1, usual.stars).empty());
    CHECK(io::stars(NAN, usual.stars).empty());
    CHECK(io::parse_stars("0.1,0.05,0.01") == usual.stars);
    CHECK(io::parse_stars("none").empty());
    CHECK(io::stars(0.0001, io::parse_stars("0.05,0.01,0.001,0.0005")) == "****");
    CHECK(io::stars(0.04, io::parse_stars("0.05")) == "*");
    for (const char* wrong : {"", "0.1,", "0.05,0.1", "1", "0", "a", "0.5,0.4,0.3,0.2,0.1", "0.1 ,0.05"}) {
        CAPTURE(wrong);
        CHECK(contains(message_of(Fault::usage, [&] { (void)io::parse_stars(wrong); }), "stars \""));
    }
    io::Style style{{0.05}, io::Style::Below::statistic};
    CHECK(io::note_of(style) == "t (or z) statistics in parentheses. * p < 0.05.");
    Table t = io::regression_table(sample::results(), "regression", style);
    CHECK(row(t, "gov") == Cells{"gov", "", "-0.5000*"});
    const auto gov = std::find_if(t.rows.begin(), t.rows.end(), [](const auto& r) { return r[0] == "gov"; });
    CHECK(stripped((gov + 1)->at(2)) == "(-2.083)");
    style = {{}, io::Style::Below::p_value};
    t = io::regression_table(sample::results(), "regression", style);
    CHECK(row(t, "gov") == Cells{"gov", "", "-0.5000"});
    const auto again =
        std::find_if(t.rows.begin(), t.rows.end(), [](const auto& r) { return r[0] == "gov"; });
    CHECK(stripped((again + 1)->at(2)) == "[0.0490]");
    CHECK(has_note(t, "p values in brackets."));
}

TEST_CASE("regressions side by side") {
    const Table t = io::regression_table(sample::results());
    CHECK(row(t, "Outcome") == Cells{"Outcome", "coor", "coor"});
    CHECK(row(t, "nqp") == Cells{"nqp", "0.1235***", "0.2000*"});
    CHECK(row(t, "gov") == Cells{"gov", "", "-0.5000**"});
    CHECK(row(t, "_cons") == Cells{"_cons", "-12346", ""});
    CHECK(row(t, "zeta") == Cells{"zeta", "", "(omitted)"});
    CHECK(row(t, "Fixed effects: city") == Cells{"Fixed effects: city", "No", "Yes"});
    CHECK(row(t, "Clusters: city") == Cells{"Clusters: city", "", "3"});
    CHECK(row(t, "Variance") == Cells{"Variance", "iid (homoskedastic)", "cluster:city"});
    CHECK(row(t, "Observations") == Cells{"Observations", "12", "12"});
    CHECK(row(t, "R2") == Cells{"R2", "0.5123", "0.5123"});
    const auto nqp = std::find_if(t.rows.begin(), t.rows.end(), [](const auto& r) { return r[0] == "nqp"; });
    CHECK(stripped((nqp + 1)->at(1)) == "(0.04560)");
    CHECK(has_note(t, "*** p < 0.01"));
    CHECK(row(t, "Singletons dropped") == Cells{"Singletons dropped", "0", "1"});
    CHECK(has_note(t, "(2) 3 clusters are few"));
    CHECK_FALSE(has_note(t, "(1)"));
}

TEST_CASE("one regression") {
    const Table t = io::regression_detail(sample::results(), "regression/fe");
    CHECK(row(t, "gov") == Cells{"gov", "-0.5000**", "0.2400", "-2.083", "0.0490", "-0.9800", "-0.02000"});
    CHECK(row(t, "city") == Cells{"city", "3", "1", "2", "nested in clusters", "", ""});
    CHECK(t.header[5] == "95 % low");
    CHECK(has_note(t, "Omitted: zeta (collinear)"));
    CHECK(has_note(t, "F(1, 2) = 4.500, p = 0.0312"));
}

TEST_CASE("weights, joint tests, variance inflation and instruments stand below the coefficients") {
    auto results = sample::results();
    for (auto& group : results.groups) {
        if (group.path == "regression/base") {
            group.attributes.emplace_back("weights", std::string("aweights:people"));
            for (auto variable :
                 {sample::texts("test", {"nqp,gov", "gov"}), sample::doubles("test_f", "test", {12.5, 1.25}),
                  sample::doubles("test_df1", "test", {2, 1}), sample::doubles("test_df2", "test", {9, 9}),
                  sample::doubles("test_p", "test", {0.0025, 0.2925}),
                  sample::doubles("vif", "term", {1.25, NAN}), sample::texts("policy", {"nqp"}),
                  sample::doubles("policy_negative_share", "policy", {0.375}),
                  sample::doubles("policy_negative_sum", "policy", {-0.125})})
                group.variables.push_back(std::move(variable));
        }
        if (group.path == "regression/fe") {
            group.variables.push_back(sample::doubles("vif", "term", {4, 1.6}));
            group.attributes.insert(group.attributes.end(),
                                    {{"kp_rk_lm", 12.25},
                                     {"kp_rk_lm_df", std::int64_t{2}},
                                     {"kp_rk_lm_p", 0.0022},
                                     {"kp_rk_wald_f", 31.5},
                                     {"cragg_donald_f", 40.75},
                                     {"stock_yogo_size", std::vector<double>{19.93, 11.59}},
                                     {"overid_test", std::string("hansen")},
                                     {"overid", 0.5},
                                     {"overid_df", std::int64_t{1}},
                                     {"overid_p", 0.4795},
                                     {"endogenous", std::vector<std::string>{"nqp"}},
                                     {"instruments", std::vector<std::string>{"z1", "z2"}},
                                     {"first_stage_of", std::vector<std::string>{"nqp"}},
                                     {"first_stage_f", std::vector<double>{33.25}},
                                     {"first_stage_df1", std::vector<double>{2}},
                                     {"first_stage_df2", std::vector<double>{45}},
                                     {"first_stage_p", std::vector<double>{0.01}},
                                     {"first_stage_partial_r2", std::vector<double>{0.5}},
                                     {"sanderson_windmeijer_f", std::vector<double>{NAN}},
                                     {"effective_f", 28.5},
                                     {"effective_f_critical", std::vector<double>{30, 20, 12, 9}},
                                     {"anderson_rubin_f", 4.5},
                                     {"anderson_rubin_df1", 2.0},
                                     {"anderson_rubin_df2", 45.0},
                                     {"anderson_rubin_p", 0.0165},
                                     {"anderson_rubin_low", std::vector<double>{-HUGE_VAL, 2.5}},
                                     {"anderson_rubin_high", std::vector<double>{1, HUGE_VAL}}});
        }
    }
    const Table all = io::regression_table(results);
    CHECK(row(all, "Weights") == Cells{"Weights", "aweights:people", ""});
    CHECK(row(all, "F: nqp,gov = 0") == Cells{"F: nqp,gov = 0", "12.50 [0.0025]", ""});
    CHECK(row(all, "F: gov = 0") == Cells{"F: gov = 0", "1.250 [0.2925]", ""});
    CHECK(row(all, "Underidentification LM") == Cells{"Underidentification LM", "", "12.25 [0.0022]"});
    CHECK(row(all, "Kleibergen-Paap rk Wald F") == Cells{"Kleibergen-Paap rk Wald F", "", "31.50 {19.93}"});
    CHECK(row(all, "Cragg-Donald F") == Cells{"Cragg-Donald F", "", "40.75 {19.93}"});
    CHECK(row(all, "Overidentification") == Cells{"Overidentification", "", "Hansen 0.5000 [0.4795]"});
    CHECK(has_note(all, "Stock and Yogo"));
    const Table plain = io::regression_table(sample::results());
    CHECK(row(all, "Effective F") == Cells{"Effective F", "", "28.50"});
    CHECK(row(all, "Anderson-Rubin F") == Cells{"Anderson-Rubin F", "", "4.500 [0.0165]"});
    CHECK(plain.rows.size() + 9 == all.rows.size());
    CHECK_FALSE(has_note(plain, "Stock and Yogo"));

    const Table base = io::regression_detail(results, "regression/base");
    CHECK(row(base, "nqp,gov") == Cells{"nqp,gov", "12.50", "2", "9", "0.0025", "", ""});
    CHECK(has_note(base, "Weights: aweights:people."));
    CHECK(contains(io::text(base), "37.50"));
    // One regressor alone is collinear with nothing.
    CHECK_FALSE(contains(io::text(base), "Variance inflation"));
    const Table fe = io::regression_detail(results, "regression/fe");
    CHECK(contains(io::text(fe), "Variance inflation"));
    CHECK(contains(io::text(fe), "0.6250"));
    CHECK(row(fe, "Hansen J") == Cells{"Hansen J", "0.5000", "1", "0.4795", "", "", ""});
    CHECK(row(fe, "Kleibergen-Paap rk Wald F")[1] == "31.50");
    CHECK(row(fe, "First-stage F: nqp") ==
          Cells{"First-stage F: nqp", "33.25", "2, 45", "0.0100", "partial R2 0.5000", "", ""});
    CHECK(row(fe, "Effective F")[1] == "28.50");
    CHECK(has_note(fe, "10, 15, 20, 25 % maximal IV size: 19.93, 11.59"));
    CHECK(has_note(fe, "5, 10, 20, 30 % worst-case bias (5 % level): 30.00, 20.00, 12.00, 9.00."));
    CHECK(has_note(fe, "Anderson-Rubin 95 % confidence set: [-inf, 1.000] and [2.500, inf]."));
    CHECK(has_note(fe, "endogenous: nqp; excluded instruments: z1, z2."));
}

TEST_CASE("export: joint tests by their own dimension, facts as attributes") {
    auto results = sample::results();
    for (auto& group : results.groups) {
        if (group.path != "regression/base") continue;
        group.attributes.emplace_back("weights", std::string("fweights:people"));
        for (auto variable : {sample::texts("test", {"nqp,gov"}), sample::doubles("test_f", "test", {12.5}),
                              sample::doubles("vif", "term", {1.25, NAN})})
            group.variables.push_back(std::move(variable));
    }
    CHECK(io::csv(io::long_table(results, "regression/base/test")) == "test,test_f\n\"nqp,gov\",12.5\n");
    const std::string terms = io::csv(io::long_table(results, "regression/base"));
    CHECK(contains(terms, ",vif\n"));
    CHECK(contains(terms, ",1.25\n"));
    CHECK(contains(io::csv(io::long_table(results, "regression/base/attributes")),
                   "weights,fweights:people\n"));
}

TEST_CASE("efficiency: numbers over optimal scores only, statuses counted, absent rows not") {
    const Table t = io::efficiency_table(sample::results());
    REQUIRE(t.rows.size() == 3);
    CHECK(t.rows[0] ==
          Cells{"eff", "all", "4", "0.6250", "0.3227", "0.2500", "0.6250", "1.000", "1", "1", "0", "0", "0"});
    CHECK(t.rows[1] == Cells{"eff", "2011", "2", "0.6250", "0.5303", "0.2500", "0.6250", "1.000", "1", "0",
                             "0", "0", "0"});
    CHECK(t.rows[2][column(t, "infeasible")] == "1");
}

TEST_CASE("index, bootstrap, placebo, descriptives") {
    const auto results = sample::results();
    CHECK(io::index_table(results).rows[1] ==
          Cells{"nqp", "smoke", "negative", "0.3750", "0.9400", "1.000", "20.00"});
    const Table boot = io::bootstrap_table(results);
    CHECK(boot.rows[0][column(boot, "Bootstrap SE")] == "0.1200");
    CHECK(contains(io::text(boot), "1 of the replicates do not identify"));
    CHECK(has_note(boot, "3 clusters of city, 999 replicates"));
    const Table placebo = io::placebo_table(results);
    CHECK(placebo.rows[0][column(placebo, "Placebo SD")] == "0.1414");
    CHECK(placebo.rows[0][column(placebo, "p")] == "0.3333");
    const Table panel = io::descriptives_table(results);
    CHECK(row(panel, "gdp") == Cells{"gdp", "yuan", "5", "3.200", "1.924", "1.000", "3.000", "6.000"});
    CHECK(has_note(panel, "Columns of text: region."));
}

TEST_CASE("scenarios by rank, lever, group and year") {
    const auto results = sample::results();
    const Table all = io::ranking_table(results, "policy", "");
    CHECK(all.rows[0] == Cells{"1", "a=1,b=1", "1", "1", "0.3000", "0.2000", "0.4000", "0.01000", "-37.50",
                               "30.00", "0.01000", "", "0.7500"});
    CHECK(all.rows[2][column(all, "Frontier")] == ".");
    CHECK(all.rows[2][column(all, "Dominated by")] == "rank 2");
    CHECK(all.header[column(all, "co2 %")] == "co2 %");
    CHECK(io::ranking_table(results, "policy", "", 2).rows.size() == 2);
    const Table pareto = io::ranking_table(results, "policy", "pareto");
    REQUIRE(pareto.rows.size() == 3);
    CHECK(pareto.rows[1] == Cells{"a=1,b=0", "10.00", "0.2000", "50.00"});
    const Table lever = io::ranking_table(results, "policy", "lever");
    CHECK(lever.rows[1] == Cells{"a", "1", "2", "0.2500", "0.01500", "20.00", "1", "1.0000"});
    CHECK(lever.rows[2][column(lever, "Mean frontier")] == "0.01000");
    CHECK(lever.rows[0][column(lever, "Mean frontier")] == ".");  // one of its scenarios has none
    const Table group = io::ranking_table(results, "policy", "group");
    CHECK(group.rows[1] == Cells{"a=1,b=1", "West", "12.00"});
    const Table year = io::ranking_table(results, "policy", "year");
    CHECK(year.rows[2] == Cells{"a=1,b=0", "2011", "1.000"});
    CHECK(contains(message_of(Fault::usage, [&] { (void)io::ranking_table(results, "policy", "month"); }),
                   "lever, group, year"));
}

TEST_CASE("every named table renders; unknown names and missing groups say what there is") {
    const auto results = sample::results();
    for (const auto& name : io::table_names(results)) CHECK_FALSE(io::text(io::table(results, name)).empty());
    CHECK(io::table_names(results).size() == 11);
    CHECK(contains(message_of(Fault::usage, [&] { (void)io::table(results, "regresion"); }),
                   "did you mean regression?"));
    CHECK(contains(message_of(Fault::usage, [&] { (void)io::ranking_table(results, "x", ""); }),
                   "sweep/policy"));
    Results none;
    none.add("panel");
    CHECK(contains(message_of(Fault::usage, [&] { (void)io::regression_table(none); }), "they have panel"));
    for (const auto view : {io::efficiency_table, io::index_table, io::bootstrap_table, io::placebo_table}) {
        CHECK(contains(message_of(Fault::usage, [&] { (void)view(none); }), "they have panel"));
    }
    Results foreign;
    foreign.add("dea/x");
    CHECK(contains(message_of(Fault::data, [&] { (void)io::efficiency_table(foreign); }), "score"));
}

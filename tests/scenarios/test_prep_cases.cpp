// All public reference cases of data preparation: winsorising, interpolation, perpetual inventory, entropy
// weights, median splits. Their values were computed in R and compared with Stata's documentation.
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "kernels/index/entropy.hpp"
#include "scenarios/expression.hpp"
#include "scenarios/prepare.hpp"
#include "tests/scenarios/support.hpp"

using namespace greenfront;
using namespace greenfront::scenarios_test;
using nlohmann::json;

namespace {

std::string shared() {
    const char* folder = std::getenv("GREENFRONT_SHARED");
    return folder == nullptr ? "../shared" : folder;
}

double cell(const std::string& text) {
    return text.empty() || text == "NA" ? missing : std::stod(text);
}

/// These files are plain: commas, no quotes, LF.
Panel read(const std::string& name, const std::string& unit, const std::string& time) {
    std::ifstream file(shared() + "/data/panel-cases/" + name);
    REQUIRE(file.good());
    std::string line;
    std::vector<Column> table;
    std::getline(file, line);
    std::istringstream header(line);
    for (std::string field; std::getline(header, field, ',');) table.push_back(numbers(field, {}));
    table[0].text = table[0].name == "prov";
    while (std::getline(file, line)) {
        std::istringstream fields(line + ",");
        for (auto& column : table) {
            std::string field;
            std::getline(fields, field, ',');
            if (column.text) {
                column.label.push_back(field);
            } else {
                column.number.push_back(cell(field));
            }
        }
    }
    return Panel::from_table(name, std::move(table), unit, time);
}

std::vector<double> values(const json& list) {
    std::vector<double> result;
    for (const auto& v : list) result.push_back(v.is_null() ? missing : v.get<double>());
    return result;
}

void check_winsor(const json& spec, const json& expected, const std::string& file) {
    Preparation steps;
    const auto rule = spec["kind"] == "stata" ? PercentileRule::stata : PercentileRule::type7;
    steps.winsorize = {{{spec["col"]}, spec["lo"], spec["hi"], rule, spec.value("by", "")}};
    const Panel before = read(file, "", "");
    const Prepared made = prepare(before, steps);
    const auto& v = made.panel.number(spec["col"].get<std::string>());
    std::vector<double> known;
    double sum = 0;
    for (const double x : v) {
        if (std::isnan(x)) continue;
        known.push_back(x);
        sum += x;
    }
    const double mean = sum / static_cast<double>(known.size());
    double squares = 0;
    for (const double x : known) squares += (x - mean) * (x - mean);
    CHECK(static_cast<int>(known.size()) == expected["n"].get<int>());
    CHECK(made.notes.at(0).cells == expected["n_changed"].get<int>());
    check_close({*std::min_element(known.begin(), known.end()), *std::max_element(known.begin(), known.end()),
                 mean, std::sqrt(squares / static_cast<double>(known.size() - 1))},
                {expected["min"], expected["max"], expected["mean"], expected["sd"]}, 1e-9);
    if (expected.contains("p_lo")) {
        check_close({made.bounds.entries.at(0).low.at(0), made.bounds.entries.at(0).high.at(0)},
                    {expected["p_lo"], expected["p_hi"]}, 1e-9);
    }
    if (expected.contains("values")) check_close(v, values(expected["values"]), 1e-9);
    if (!spec.contains("by"))
        check_close(winsorize(before.number(spec["col"].get<std::string>()), spec["lo"], spec["hi"], rule), v,
                    0);
}

void check_pim(const json& spec, const json& expected, const std::string& file) {
    const Panel panel = read(file, "prov", "year");
    PerpetualInventory pim{"K",
                           spec["col"],
                           spec["deflator"].is_null() ? "" : spec["deflator"].get<std::string>(),
                           spec["delta"],
                           "",
                           {},
                           {}};
    if (spec.contains("g") && !spec["g"].is_null()) pim.growth = spec["g"].get<double>();
    if (spec.contains("k0_multiple")) pim.initial_multiple = spec["k0_multiple"].get<double>();
    std::vector<double> K;
    for (const auto& unit : panel.unit_name) {
        const auto part = values(expected[unit]["K"]);
        K.insert(K.end(), part.begin(), part.end());
    }
    check_close(perpetual_inventory(panel, pim), K, 1e-9);
}

/// Entropy weights of some rows.
index::Fit fit_rows(const Panel& panel, const json& spec, const std::vector<std::size_t>& rows,
                    std::vector<double>& score) {
    const auto names = spec["cols"].get<std::vector<std::string>>();
    Eigen::MatrixXd x(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(names.size()));
    std::vector<bool> negative;
    for (std::size_t k = 0; k < names.size(); ++k) {
        const auto& column = panel.number(names[k]);
        for (std::size_t i = 0; i < rows.size(); ++i)
            x(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k)) = column[rows[i]];
        negative.push_back(std::find(spec["negative"].begin(), spec["negative"].end(), names[k]) !=
                           spec["negative"].end());
    }
    auto fit = index::fit_entropy(x, negative, spec["shift"], names);
    const Eigen::VectorXd s = index::score(fit, x);
    for (std::size_t i = 0; i < rows.size(); ++i) score[rows[i]] = s[static_cast<Eigen::Index>(i)];
    return fit;
}

void check_fit(const index::Fit& fit, const json& weights, const json& entropy) {
    check_close({fit.weight.begin(), fit.weight.end()}, values(weights), 1e-9);
    check_close({fit.entropy.begin(), fit.entropy.end()}, values(entropy), 1e-9);
}

void check_entropy(const json& spec, const json& expected, const std::string& file) {
    const Panel panel = read(file, "prov", "year");
    std::vector<double> score(panel.rows(), missing);
    if (spec["by"].is_null()) {
        std::vector<std::size_t> all(panel.rows());
        for (std::size_t r = 0; r < all.size(); ++r) all[r] = r;
        check_fit(fit_rows(panel, spec, all, score), expected["weights"], expected["entropy"]);
    } else {
        REQUIRE(spec["by"] == panel.time_column);
        for (std::size_t t = 0; t < panel.time_value.size(); ++t) {
            std::vector<std::size_t> rows;
            for (std::size_t r = 0; r < panel.rows(); ++r) {
                if (static_cast<std::size_t>(panel.time[r]) == t) rows.push_back(r);
            }
            check_fit(fit_rows(panel, spec, rows, score), expected["weights"][t], expected["entropy"][t]);
        }
    }
    check_close(score, values(expected["score"]), 1e-9);
}

void check_median(const json& spec, const json& expected, const std::string& file) {
    const Panel panel = read(file, "prov", "year");
    const std::string column = spec["col"];
    CHECK(percentile(panel.number(column), 50, PercentileRule::stata) == expected["median"].get<double>());
    const bool low = spec["ties"] == "low";
    Preparation steps;
    if (low) steps.group = {{"high", column, "above_median", ""}};
    if (!low) steps.derive = {{"high", column + " >= median(" + column + ")", ""}};
    const Prepared made = prepare(panel, steps);
    const auto& high = made.panel.number("high");
    check_close(high, values(expected["values"]));
    CHECK(std::count(high.begin(), high.end(), 1.0) == expected["n_high"].get<int>());
}

}  // namespace

TEST_CASE("public reference cases of data preparation") {
    std::ifstream file(shared() + "/cases/panel/cases.json");
    if (!file.good()) {
        MESSAGE("SKIPPED: public reference cases of data preparation: no cases/panel/cases.json in "
                << shared());
        return;
    }
    int done = 0;
    for (const auto& reference : json::parse(file)) {
        if (reference["kind"] != "prep") continue;
        const std::string id = reference["id"], op = reference["spec"]["op"], data = reference["data"];
        CAPTURE(id);
        const std::string name = data.substr(data.rfind('/') + 1);
        const json& spec = reference["spec"];
        const json& expected = reference["expected"];
        if (op == "winsor") {
            check_winsor(spec, expected, name);
        } else if (op == "ipolate") {
            const Panel panel = read(name, spec["by"], spec["time"]);
            const auto made =
                interpolate(panel, panel.number(spec["col"].get<std::string>()), spec["extrapolate"]);
            check_close(made, values(expected["values"]), 1e-9);
            CHECK(std::count_if(made.begin(), made.end(), [](double v) { return std::isnan(v); }) ==
                  expected["n_missing"].get<int>());
        } else if (op == "pim") {
            check_pim(spec, expected, name);
        } else if (op == "entropy") {
            check_entropy(spec, expected, name);
        } else if (op == "median") {
            check_median(spec, expected, name);
        } else {
            FAIL("no check for operation " << op);
        }
        ++done;
    }
    MESSAGE(done << " cases");
    CHECK(done >= 17);
}

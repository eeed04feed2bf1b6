// Published figures on data that do not come with the program: FixedEffectModels.jl's and Stata's numbers on
// the Cigar panel.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "kernels/panel/iv.hpp"
#include "scenarios/formula.hpp"
#include "tests/panel/support.hpp"

using namespace greenfront;

namespace {

std::string cigar_path() {
    const char* shared = std::getenv("GREENFRONT_SHARED");
    return std::string(shared ? shared : "../shared") + "/data/panel-cases/cigar.csv";
}

Panel read_numbers(const std::string& path) {
    std::ifstream file(path);
    std::string line, cell;
    std::vector<Column> table;
    REQUIRE(std::getline(file, line));
    std::istringstream header(line);
    while (std::getline(header, cell, ',')) table.push_back({cell, false, {}, {}, {}});
    while (std::getline(file, line)) {
        std::istringstream cells(line);
        for (auto& column : table) {
            std::getline(cells, cell, ',');
            column.number.push_back(std::strtod(cell.c_str(), nullptr));
        }
    }
    return Panel::from_table(path, table, "State", "Year");
}

panel::Fit run(const Panel& data, const std::string& formula, const std::string& vcov) {
    panel::Options options;
    std::vector<std::string> clusters;
    if (vcov == "robust") options.variance = panel::Variance::robust;
    if (vcov.starts_with("State") || vcov.starts_with("Year")) {
        options.variance = panel::Variance::cluster;
        clusters =
            vcov == "State+Year" ? std::vector<std::string>{"State", "Year"} : std::vector<std::string>{vcov};
    }
    return panel::fit(build_design(parse_formula(formula, Fault::usage), data, {}, clusters), options);
}

}  // namespace

TEST_CASE("Cigar: published standard errors and statistics") {
    if (!std::filesystem::exists(cigar_path())) {
        MESSAGE("SKIPPED: Cigar oracles, " << cigar_path() << " is not there");
        return;
    }
    const Panel data = read_numbers(cigar_path());
    const auto near = [](double got, double wanted) { return doctest::Approx(wanted).epsilon(2e-6) == got; };
    const std::map<std::string, double> errors{{"iid", 0.0098003},
                                               {"robust", 0.0110005},
                                               {"State", 0.0357498},
                                               {"Year", 0.0220563},
                                               {"State+Year", 0.0405335}};
    for (const auto& [vcov, se] : errors) {
        const auto fit = run(data, "Sales ~ Price | State", vcov);
        CHECK(near(fit.terms[0].estimate, -0.2098402));
        CHECK(fit.terms[0].std_error == doctest::Approx(se).epsilon(6e-6));
    }
    auto fit = run(data, "Sales ~ Price + Pimin | State", "State");
    CHECK(near(fit.r2, 0.7747174));
    CHECK(near(fit.adj_r2, 0.7667682));
    CHECK(near(fit.within_r2, 0.2767085));
    fit = run(data, "Sales ~ Price | State + Year", "State");
    CHECK(near(fit.terms[0].estimate, -1.0847116772));
    CHECK(near(fit.terms[0].std_error, 0.246029));
    CHECK(near(run(data, "Sales ~ Price | State + Year", "State+Year").terms[0].std_error, 0.2974564));
    fit = run(data, "Sales ~ NDI | State | Price ~ Pimin", "State");
    CHECK(fit.terms[0].std_error == doctest::Approx(0.0019704).epsilon(3e-5));
    CHECK(near(fit.terms[1].std_error, 0.1893396));
    const auto kp = [&](const std::string& formula, const std::string& vcov) {
        return run(data, formula, vcov).iv->kp_wald_f;
    };
    CHECK(near(kp("Sales ~ 1 | 0 | Price ~ Pimin", "robust"), 23160.0635));
    CHECK(near(kp("Sales ~ CPI | 0 | Price ~ Pimin", "robust"), 2093.46609));
    CHECK(near(kp("Sales ~ 1 | State | Price ~ Pimin", "robust"), 37662.82808));
    CHECK(near(kp("Sales ~ 1 | 0 | Price ~ Pimin", "State"), 7249.886));
    CHECK(near(kp("Sales ~ CPI | 0 | Price ~ Pimin", "State"), 538.4039));
    CHECK(near(kp("Sales ~ 1 | 0 | Price ~ Pimin + CPI", "robust"), 16406.3));
}

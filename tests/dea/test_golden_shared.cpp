// Figures in print on data that do not come with the program. Without the folder of shared data these tests
// are skipped, by name.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "tests/dea/golden.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

std::string shared(const std::string& file) {
    const char* folder = std::getenv("GREENFRONT_SHARED");
    return std::string(folder ? folder : "../shared") + "/data/" + file;
}

/// Columns of text by name; empty when there is no file.
using Table = std::map<std::string, std::vector<std::string>>;

Table read_table(const std::string& path) {
    std::ifstream file(path);
    Table table;
    std::vector<std::string> names;
    std::string line, cell;
    const auto cells = [&] {
        std::vector<std::string> found;
        std::istringstream stream(line);
        while (std::getline(stream, cell, ',')) {
            cell.erase(std::remove(cell.begin(), cell.end(), '"'), cell.end());
            found.push_back(cell);
        }
        return found;
    };
    while (std::getline(file, line)) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        const std::vector<std::string> row = cells();
        if (names.empty()) {
            names = row;
            continue;
        }
        REQUIRE(row.size() == names.size());
        for (std::size_t c = 0; c < row.size(); ++c) table[names[c]].push_back(row[c]);
    }
    return table;
}

bool there(const char* test, const std::string& path) {
    if (std::ifstream(path)) return true;
    MESSAGE("SKIPPED: " << test << ": no " << path);
    return false;
}

double number(const Table& table, const std::string& column, std::size_t row) {
    return std::strtod(table.at(column).at(row).c_str(), nullptr);
}

Eigen::MatrixXd rows(const Table& table, const std::vector<std::string>& columns,
                     const std::vector<std::size_t>& which) {
    Eigen::MatrixXd q(static_cast<Eigen::Index>(columns.size()), static_cast<Eigen::Index>(which.size()));
    for (std::size_t i = 0; i < columns.size(); ++i) {
        for (std::size_t j = 0; j < which.size(); ++j)
            q(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
                number(table, columns[i], which[j]);
    }
    return q;
}

/// Scores of each year against its own frontier, by "province year".
std::map<std::string, double> score_by_year(const Table& data, const Settings& settings) {
    std::map<std::string, double> result;
    const auto& years = data.at("year");
    for (const std::string& year : std::set<std::string>(years.begin(), years.end())) {
        std::vector<std::size_t> which;
        for (std::size_t r = 0; r < years.size(); ++r) {
            if (years[r] == year) which.push_back(r);
        }
        const Quantities q{rows(data, {"K", "L"}, which), rows(data, {"Y"}, which),
                           rows(data, {"CO2"}, which)};
        const Scores scores = evaluate_all(q, settings);
        check_certificate(scores);
        for (std::size_t j = 0; j < which.size(); ++j) {
            CHECK(scores.status[j] == Status::optimal);
            result[data.at("Province")[which[j]] + " " + year] = scores.score[static_cast<Eigen::Index>(j)];
        }
    }
    return result;
}

void compare_with(const std::string& file, const std::map<std::string, double>& scores) {
    const Table printed = read_table(shared("china-province/" + file));
    const std::size_t count = printed.at("Dv").size();
    CHECK(count == scores.size());
    for (std::size_t r = 0; r < count; ++r) {
        const std::string key = printed.at("Province")[r] + " " + printed.at("year")[r];
        CAPTURE(key);
        CHECK(std::abs(scores.at(key) - number(printed, "Dv", r)) <= 1e-6);
    }
}

}  // namespace

// Wang, Du and Zhang (2022), Stata Journal 22(1): 30 provinces, 2013 to 2015; capital and labour make GDP and
// CO2; direction (-K, -L, Y, -CO2), constant returns, weak disposability.
TEST_CASE("directional distances of the Stata Journal example") {
    const std::string data = shared("china-province/gtfpch-example.csv");
    if (!there("directional distances of the Stata Journal example", data)) return;
    Settings s = setting(Model::ddf, Orientation::none, Returns::crs);
    s.disposability = Disposability::weak;
    s.direction_inputs.kind = Direction::Kind::observed;
    compare_with("gtfpch-ref-teddf.csv", score_by_year(read_table(data), s));
    // The betas of the non-radial form are not unique; their sum is.
    s.model = Model::nddf;
    s.item_weights = Eigen::VectorXd::Ones(4);
    compare_with("gtfpch-ref-teddf-nonradial.csv", score_by_year(read_table(data), s));
}

// Charnes, Cooper and Rhodes (1981), Management Science 27:668: 49 sites in Program Follow Through, then 21
// outside it. Input efficiency of the latter among themselves under constant returns, as R's deaR 1.5.3 gives
// it for its copy of the table (copies differ in the last digits of a few values).
TEST_CASE("Program Follow Through: the sites outside the programme") {
    const std::string path = shared("dea-classic/deaR-PFT1981.csv");
    if (!there("Program Follow Through: the sites outside the programme", path)) return;
    const Table data = read_table(path);
    std::vector<std::size_t> outside;
    for (std::size_t r = 0; r < data.at("Program").size(); ++r) {
        if (data.at("Program")[r] != "PFT") outside.push_back(r);
    }
    REQUIRE(outside.size() == 21);
    const Quantities q{rows(data, {"Education", "Occupation", "Parental", "Counseling", "Teachers"}, outside),
                       rows(data, {"Reading", "Math", "Coopersmith"}, outside), Eigen::MatrixXd(0, 21)};
    check_scores(
        evaluate_all(q, setting(Model::radial, Orientation::input, Returns::crs)),
        {0.956948, 0.920507, 1,        0.876848, 1,        1, 1, 0.925707, 1, 0.922281, 0.981452, 0.881836, 1,
         0.960974, 0.916724, 0.977457, 0.925825, 0.926977, 1, 1, 0.947449},
        1e-6);
}

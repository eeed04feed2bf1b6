// A whole study on a small panel in memory, against computations that do not use the stages.
#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>

#include <cmath>
#include <cstring>
#include <string>

#include "engine/runner.hpp"
#include "engine/scoring.hpp"
#include "kernels/rng/philox.hpp"

using namespace greenfront;

namespace {

class Silent : public Progress {
  public:
    void begin(const std::string&, std::int64_t) override {}
    void resize(std::int64_t) override {}
    void advance(std::int64_t) override {}
    void end() override {}
    void cancel() override {}
    void note(const std::string&) override {}
    void warning(const std::string& text) override { warnings += text + "\n"; }
    std::string warnings;
};

constexpr int units = 24, periods = 6;

/// Numbers that look like a panel of plants: positive amounts, an unbalanced unit, a share in (0, 1).
Panel small_panel() {
    std::vector<Column> table(8);
    const char* names[] = {"plant", "year", "k", "l", "y", "b", "share", "region"};
    for (std::size_t c = 0; c < table.size(); ++c) table[c].name = names[c];
    table[0].text = table[7].text = true;
    for (int i = 0; i < units; ++i) {
        rng::Stream plant(7, 99, static_cast<std::uint64_t>(i));
        const double size = std::exp(plant.normal());
        for (int t = 0; t < periods; ++t) {
            if (i == 3 && t == 5) continue;
            const double share = 0.2 + 0.6 * plant.uniform();
            const double k = size * std::exp(0.3 * plant.normal()), l = size * std::exp(0.3 * plant.normal());
            const double y = std::sqrt(k * l) * std::exp(share - std::fabs(0.4 * plant.normal()));
            table[0].label.push_back("P" + std::to_string(100 + i));
            table[1].number.push_back(2000 + t);
            table[2].number.push_back(k);
            table[3].number.push_back(l);
            table[4].number.push_back(y);
            table[5].number.push_back(0.5 * k * std::exp(0.2 * plant.normal()));
            table[6].number.push_back(share);
            table[7].label.push_back(i % 3 == 0 ? "north" : "south");
        }
    }
    return Panel::from_table("small", std::move(table), "plant", "year");
}

Study small_study() {
    Study study;
    study.name = "small";
    study.seed = 5;
    study.panel = {"small", "plant", "year", ""};
    study.prepare.derive = {{"intensity", "log(k / l)", ""}};
    DeaStage& dea = study.dea.add("eff");
    dea.inputs = {"k", "l"};
    dea.good = {"y"};
    dea.bad = {"b"};
    dea.reference = "global";
    RegressionStage& main = study.regression.add("main");
    main.formula = "eff ~ share + intensity | plant + year";
    main.vcov = "cluster:plant";
    BootstrapStage& boot = study.bootstrap.add("boot");
    boot.regression = "main";
    boot.cluster = "plant";
    boot.replicates = 60;
    boot.confidence = 0.9;
    study.placebo.add("fake") = {"main", "trajectory", "share", 40, "", "", "", false};
    study.lever.add("raise_share").operations = {{"scale", "share", 0.01, 90, false}};
    study.lever.add("cut_k").operations = {{"scale", "k", -0.01, 90, false}};
    SweepStage& sweep = study.sweep.add("policy");
    sweep.dea = "eff";
    sweep.regression = "main";
    sweep.bootstrap = "boot";
    sweep.group = "region";
    sweep.levers = {{"raise_share", {0, 10}, "", {"step", 2003, 0}},
                    {"cut_k", {0, 20}, "region is \"north\"", {"step", 2002, 0}}};
    return study;
}

struct Ran {
    Silent progress;
    Study study = small_study();
    Named<Lever> catalogue;
    Workspace workspace;
    Ran() : workspace(prepare_workspace(study, catalogue, small_panel(), progress)) {
        check(workspace);
        run(workspace);
    }
};

const std::vector<double>& values(const ResultGroup& group, const std::string& name) {
    REQUIRE(group.find(name) != nullptr);
    return std::get<std::vector<double>>(group.find(name)->values);
}

}  // namespace

TEST_CASE(
    "a sweep: no intervention changes nothing, a scaled regressor moves the outcome by its coefficient") {
    const Ran ran;
    const Panel& panel = ran.workspace.panel();
    const auto& sweep = *ran.workspace.results.find("sweep/policy");
    const auto& effect = values(sweep, "econometric_effect");
    const auto& frontier = values(sweep, "frontier_effect");
    REQUIRE(effect.size() == 4);  // 2 x 2 grid, the last lever fastest
    CHECK(effect[0] == 0.0);
    CHECK(frontier[0] == 0.0);

    // Scenario 2: share + 10 % from 2003 on. Means are over 2002 and later, the first period of any lever.
    const auto& fit = ran.workspace.regression.find("main")->fit;
    REQUIRE(fit.terms[0].name == "share");
    REQUIRE(fit.terms[1].name == "intensity");
    double sum = 0, sum_k = 0;
    int count = 0;
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        const auto year = panel.time_value[static_cast<std::size_t>(panel.time[r])];
        if (year < 2002) continue;
        ++count;
        if (year >= 2003) sum += 0.1 * panel.number("share")[r];
        if (panel.column("region").label[r] == "north") sum_k += std::log(0.8);
    }
    CHECK(effect[2] == doctest::Approx(fit.terms[0].estimate * sum / count).epsilon(1e-12));
    CHECK(effect[1] == doctest::Approx(fit.terms[1].estimate * sum_k / count).epsilon(1e-12));
    CHECK(effect[3] == doctest::Approx(effect[1] + effect[2]).epsilon(1e-12));
}

TEST_CASE("the frontier channel scores changed rows against the baseline technology") {
    const Ran ran;
    const Panel& panel = ran.workspace.panel();
    const auto& sweep = *ran.workspace.results.find("sweep/policy");
    const auto& outcome = *ran.workspace.dea.find("eff");
    dea::Quantities base{Eigen::MatrixXd(2, panel.rows()), Eigen::MatrixXd(1, panel.rows()),
                         Eigen::MatrixXd(1, panel.rows())};
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        const auto j = static_cast<Eigen::Index>(r);
        base.X.col(j) << panel.number("k")[r], panel.number("l")[r];
        base.Y(0, j) = panel.number("y")[r];
        base.B(0, j) = panel.number("b")[r];
    }
    double sum = 0;
    int count = 0, beyond = 0;
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (panel.time_value[static_cast<std::size_t>(panel.time[r])] < 2002) continue;
        ++count;
        if (panel.column("region").label[r] != "north") continue;
        const auto j = static_cast<Eigen::Index>(r);
        dea::Quantities one{base.X.col(j), base.Y.col(j), base.B.col(j)};
        one.X(0, 0) *= 0.8;
        const std::int32_t self[] = {-1};
        const auto scores = dea::evaluate(one, base, self, outcome.settings);
        if (scores.status[0] == Status::infeasible) ++beyond;
        sum += (scores.status[0] == Status::infeasible ? 1 : scores.score[0]) - outcome.score[r];
    }
    CHECK(values(sweep, "frontier_effect")[1] == doctest::Approx(sum / count).epsilon(1e-9));
    CHECK(std::get<std::vector<std::int64_t>>(sweep.find("frontier_beyond")->values)[1] == beyond);
    CHECK(values(sweep, "frontier_effect")[2] == 0.0);  // no DEA variable moves
}

TEST_CASE("one draw serves every scenario, and the shares of being the best add up to one") {
    const Ran ran;
    const auto& sweep = *ran.workspace.results.find("sweep/policy");
    const auto& draws = values(sweep, "econometric_draw");
    const std::size_t B = 60;
    REQUIRE(draws.size() == 4 * B);
    for (std::size_t b = 0; b < B; ++b)
        CHECK(draws[3 * B + b] == doctest::Approx(draws[B + b] + draws[2 * B + b]).epsilon(1e-9));
    double total = 0;
    for (const double p : values(sweep, "probability_best")) total += p;
    CHECK(total == doctest::Approx(1));
}

TEST_CASE("a scenario that loses rows has no effect instead of a mean over fewer rows") {
    Study study = small_study();
    // All of k: log(k / l) has no value, and efficiency has no input left.
    study.sweep.find("policy")->levers[1].intensities = {0, 100};
    const Named<Lever> catalogue;
    Silent progress;
    Workspace workspace = prepare_workspace(study, catalogue, small_panel(), progress);
    check(workspace);
    run(workspace);
    const auto& sweep = *workspace.results.find("sweep/policy");
    CHECK(values(sweep, "econometric_effect")[0] == 0);
    CHECK(std::isnan(values(sweep, "econometric_effect")[1]));
    CHECK(std::get<std::vector<std::int64_t>>(sweep.find("econometric_lost")->values)[1] > 0);
    CHECK(std::get<std::vector<std::int64_t>>(sweep.find("rank")->values)[1] == 3);
    CHECK(progress.warnings.find("have a regressor without a value") != std::string::npos);
    // More than all of it is refused before anything runs.
    study.sweep.find("policy")->levers[1].intensities = {0, 200};
    const Workspace refused = prepare_workspace(study, catalogue, small_panel(), progress);
    CHECK_THROWS_AS(check(refused), Error);
}

TEST_CASE("a sweep moves an instrumented regressor by its two-stage coefficient") {
    Study study = small_study();
    study.regression.find("main")->formula = "eff ~ intensity | plant + year | share ~ l(share, 1)";
    study.bootstrap = {};
    study.placebo = {};
    study.sweep.find("policy")->bootstrap.clear();
    const Named<Lever> catalogue;
    Silent progress;
    Workspace workspace = prepare_workspace(study, catalogue, small_panel(), progress);
    check(workspace);
    run(workspace);
    const auto& outcome = *workspace.regression.find("main");
    double beta = 0;
    for (const auto& term : outcome.fit.terms) {
        if (term.name == "share") beta = term.estimate;
    }
    const Panel& panel = workspace.panel();
    double sum = 0;
    int count = 0;
    for (const auto row : outcome.design.row) {
        const auto r = static_cast<std::size_t>(row);
        const auto year = panel.time_value[static_cast<std::size_t>(panel.time[r])];
        if (year < 2002) continue;
        ++count;
        if (year >= 2003) sum += 0.1 * panel.number("share")[r];
    }
    REQUIRE(beta != 0);
    CHECK(values(*workspace.results.find("sweep/policy"), "econometric_effect")[2] ==
          doctest::Approx(beta * sum / count).epsilon(1e-10));
}

TEST_CASE("results are bit-identical for any number of threads") {
    std::vector<Results> all;
    for (const std::size_t threads : {1u, 2u, 8u}) {
        const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
        all.push_back(Ran().workspace.results);
    }
    for (std::size_t run = 1; run < all.size(); ++run) {
        REQUIRE(all[run].groups.size() == all[0].groups.size());
        for (std::size_t g = 0; g < all[0].groups.size(); ++g) {
            for (std::size_t v = 0; v < all[0].groups[g].variables.size(); ++v) {
                const auto& a = all[0].groups[g].variables[v];
                const auto& b = all[run].groups[g].variables[v];
                INFO(all[0].groups[g].path << " " << a.name);
                if (const auto* x = std::get_if<std::vector<double>>(&a.values)) {
                    const auto& y = std::get<std::vector<double>>(b.values);
                    REQUIRE(x->size() == y.size());
                    CHECK(std::memcmp(x->data(), y.data(), x->size() * sizeof(double)) == 0);
                } else {
                    CHECK(a.values == b.values);
                }
            }
        }
    }
}

TEST_CASE("the check of a study reports every problem at once, with the stage") {
    Silent progress;
    Study study = small_study();
    study.dea.find("eff")->bad = {"bb"};
    study.regression.find("main")->formula = "eff ~ shaer | plant";
    study.bootstrap.find("boot")->regression = "mian";
    study.placebo.find("fake")->treatment = "intensity2";
    study.sweep.find("policy")->levers[0].lever = "raise_shares";
    const Named<Lever> catalogue;
    const Workspace workspace = prepare_workspace(study, catalogue, small_panel(), progress);
    std::string message;
    try {
        check(workspace);
    } catch (const Error& error) {
        message = error.what();
        CHECK(error.fault() == Fault::study);
    }
    for (const char* part :
         {"dea.eff", "\"bb\"", "regression.main", "shaer", "bootstrap.boot", "did you mean main?",
          "placebo.fake", "sweep.policy", "did you mean raise_share?"}) {
        INFO(part << " in:\n" << message);
        CHECK(message.find(part) != std::string::npos);
    }
}

TEST_CASE("the identity of a run depends on data and study alone") {
    CHECK(run_id("a", "b") == run_id("a", "b"));
    CHECK(run_id("a", "b") != run_id("a", "c"));
    CHECK(run_id("a", "b") != run_id("c", "b"));
    CHECK(run_id("a", "b").size() == 32);
}

// A whole study on a small panel in memory, against computations that do not use the stages.
#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>

#include <cmath>
#include <cstring>
#include <string>

#include "engine/scoring.hpp"
#include "tests/engine/small_study.hpp"

using namespace greenfront;

using namespace greenfront::engine_test;

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
    CHECK(run_id(run_identity("a", "b")) == run_id(run_identity("a", "b")));
    CHECK(run_id(run_identity("a", "b")) != run_id(run_identity("a", "c")));
    CHECK(run_id(run_identity("a", "b")) != run_id(run_identity("c", "b")));
    CHECK(run_id(run_identity("a", "b")).size() == 32);
}

// Sweeps against computations that do not use them: closed forms, literal replicates, scores one by one.
#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>

#include <cmath>
#include <cstring>
#include <string>

#include "engine/scoring.hpp"
#include "engine/sweep/frontier.hpp"
#include "tests/engine/small_study.hpp"

using namespace greenfront;
using namespace greenfront::engine_test;

namespace {

double coefficient(const panel::Fit& fit, const std::string& name) {
    for (const auto& term : fit.terms) {
        if (term.name == name) return term.estimate;
    }
    FAIL("no term " << name);
    return 0;
}

std::size_t draw_row(const resample::PairsDraws& draws, const std::string& name) {
    for (std::size_t k = 0; k < draws.term.size(); ++k) {
        if (draws.term[k] == name) return k;
    }
    FAIL("no draws of " << name);
    return 0;
}

std::int64_t year_of(const Panel& panel, std::size_t r) {
    return panel.time_value[static_cast<std::size_t>(panel.time[r])];
}

/// A study without efficiency channel and with other scenarios than the small study's grid.
Study listed(std::vector<SweepScenario> scenarios) {
    Study study = small_study();
    SweepStage& sweep = *study.sweep.find("policy");
    sweep.dea.clear();
    sweep.design = "list";
    sweep.levers.clear();
    sweep.scenario = std::move(scenarios);
    return study;
}

ScenarioLever acting(const std::string& name, double intensity, const std::string& where = {},
                     std::int64_t start = 2002) {
    ScenarioLever entry;
    entry.lever = name;
    entry.intensity = intensity;
    entry.where = where;
    entry.path.start = start;
    return entry;
}

const ResultGroup& sweep_of(const Ran& ran) {
    return *ran.workspace.results.find("sweep/policy");
}

}  // namespace

TEST_CASE("a lever without intensity changes nothing, in every outcome and replicate") {
    Study study = small_study();
    study.lever.add("unsure").operations = {{"scale", "share", Uncertain(0.01), 90, false}};
    Uncertain& spread = study.lever.find("unsure")->operations[0].per_unit;
    spread = {};
    spread.distribution = "uniform";
    spread.low = 0.0;
    spread.high = 0.02;
    SweepStage& sweep = *study.sweep.find("policy");
    sweep.levers = {lever("unsure", {0, 5}, "", 2002), lever("cut_k", {0, 5}, "", 2002)};
    sweep.units = true;
    sweep.frontier_replicates = 7;
    sweep.frontier = "moving";
    sweep.outcomes = {"share"};
    const Ran ran(study);
    const auto& group = sweep_of(ran);
    for (const auto& variable : group.variables) {
        const auto* numbers = std::get_if<std::vector<double>>(&variable.values);
        const bool effect = variable.name.find("econometric_") == 0 || variable.name.find("frontier_") == 0 ||
                            variable.name.find("variable_") == 0;
        const bool level = variable.name.find("inequality") != std::string::npos ||
                           variable.name.find("sigma") != std::string::npos;
        if (numbers == nullptr || !effect || level || variable.dims.front() != "scenario") continue;
        CAPTURE(variable.name);
        const std::size_t width = numbers->size() / 4;
        for (std::size_t k = 0; k < width; ++k) {
            const double value = (*numbers)[k];    // scenario 0: both levers at 0
            const bool early = std::isnan(value);  // periods before the first of any lever
            CHECK((early || value == 0.0));
        }
    }
    CHECK(values(group, "econometric_inequality")[0] == values(group, "baseline_econometric_inequality")[0]);
    CHECK(values(group, "frontier_draw").size() == 4 * 7);
    CHECK(values(group, "frontier_draw")[3 * 7] != 0);
}

TEST_CASE("rows have the coefficients of the type that they belong to after the change") {
    Study study = listed({{"none", {}}, {"more", {acting("raise_share", 50, "region is \"south\"")}}});
    for (const char* name : {"low", "high"}) {
        RegressionStage& part = study.regression.add(name);
        part = *study.regression.find("main");
        part.where = std::string("share ") + (name[0] == 'l' ? "<=" : ">") + " median(share)";
        BootstrapStage& boot = study.bootstrap.add(std::string("boot_") + name);
        boot = *study.bootstrap.find("boot");
        boot.regression = name;
    }
    // The order of the file: the bootstraps were appended behind the regressions that they need.
    SweepStage& sweep = *study.sweep.find("policy");
    sweep.types = {{"high", "share > median(share)", "high", "boot_high"}};
    const Ran ran(study);
    const Panel& panel = ran.workspace.panel();
    auto sorted = panel.number("share");
    std::sort(sorted.begin(), sorted.end());
    const std::size_t n = sorted.size();
    const double median = n % 2 == 1 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
    const auto &pooled = ran.workspace.regression.find("main")->fit,
               &high = ran.workspace.regression.find("high")->fit;
    double sum = 0, sum_low = 0, sum_high = 0;
    int count = 0, crossed = 0;
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (year_of(panel, r) < 2002) continue;
        ++count;
        if (panel.column("region").label[r] != "south") continue;
        const double before = panel.number("share")[r], dx = 0.5 * before;
        const bool is_high = before + dx > median;  // the baseline's median
        crossed += is_high && before <= median;
        sum += dx * coefficient(is_high ? high : pooled, "share");
        (is_high ? sum_high : sum_low) += dx;
    }
    CHECK(crossed > 0);
    const auto& group = sweep_of(ran);
    CHECK(values(group, "econometric_effect")[0] == 0);
    CHECK(values(group, "econometric_effect")[1] == doctest::Approx(sum / count).epsilon(1e-12));
    const auto &boot = *ran.workspace.bootstrap.find("boot"),
               &boot_high = *ran.workspace.bootstrap.find("boot_high");
    const auto& draws = values(group, "econometric_draw");
    for (std::size_t b = 0; b < 60; ++b) {
        const auto at = static_cast<Eigen::Index>(b);
        const double expected =
            (sum_low * boot.draw(static_cast<Eigen::Index>(draw_row(boot, "share")), at) +
             sum_high * boot_high.draw(static_cast<Eigen::Index>(draw_row(boot_high, "share")), at)) /
            count;
        if (std::isnan(expected)) continue;
        CHECK(draws[60 + b] == doctest::Approx(expected).epsilon(1e-10));
    }
}

TEST_CASE("a mediator carries what the treatment moves, and what levers move of it") {
    Study study = listed({{"treatment", {acting("raise_share", 10)}},
                          {"mediator", {acting("cut_k", 10)}},
                          {"both", {acting("raise_share", 10), acting("cut_k", 10)}}});
    study.prepare.derive = {{"intensity", "log(k / l)", ""}};
    study.regression.find("main")->formula = "eff ~ share | plant + year";
    MediationStage& mediation = study.mediation.add("path");
    mediation.regression = "main";
    mediation.treatment = "share";
    mediation.mediator = "intensity";
    mediation.cluster = "plant";
    mediation.replicates = 40;
    SweepStage& sweep = *study.sweep.find("policy");
    sweep.bootstrap.clear();
    sweep.mediation = "path";
    const Ran ran(study);
    const auto& outcome = *ran.workspace.mediation.find("path");
    const double a = coefficient(outcome.first, "share"), b = coefficient(outcome.full, "intensity"),
                 direct = coefficient(outcome.full, "share");
    const Panel& panel = ran.workspace.panel();
    double dx = 0, count = 0;
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (year_of(panel, r) < 2002) continue;
        dx += 0.1 * panel.number("share")[r];
        ++count;
    }
    dx /= count;
    const double dm = std::log(0.9);
    const auto& group = sweep_of(ran);
    CHECK(values(group, "econometric_effect")[0] == doctest::Approx((direct + a * b) * dx).epsilon(1e-12));
    CHECK(values(group, "econometric_direct")[0] == doctest::Approx(direct * dx).epsilon(1e-12));
    CHECK(values(group, "econometric_mediated")[0] == doctest::Approx(a * b * dx).epsilon(1e-12));
    CHECK(values(group, "econometric_effect")[1] == doctest::Approx(b * dm).epsilon(1e-12));
    CHECK(values(group, "econometric_direct")[1] == 0);
    CHECK(values(group, "econometric_effect")[2] ==
          doctest::Approx((direct + a * b) * dx + b * dm).epsilon(1e-12));
    const auto& draws = values(group, "econometric_draw");
    const auto first = static_cast<Eigen::Index>(draw_row(outcome.first_draws, "share")),
               full = static_cast<Eigen::Index>(draw_row(outcome.full_draws, "share")),
               m = static_cast<Eigen::Index>(draw_row(outcome.full_draws, "intensity"));
    for (Eigen::Index r = 0; r < 40; ++r) {
        const double expected = dx * (outcome.full_draws.draw(full, r) +
                                      outcome.full_draws.draw(m, r) * outcome.first_draws.draw(first, r));
        if (!std::isnan(expected))
            CHECK(draws[static_cast<std::size_t>(r)] == doctest::Approx(expected).epsilon(1e-10));
    }
}

TEST_CASE("uncertain levers: every replicate has its own panel and coefficients") {
    Study study = listed({{"more", {acting("unsure", 10)}}});
    study.lever.add("unsure").operations = {{"scale", "share", Uncertain(0.01), 90, false}};
    Uncertain& spread = study.lever.find("unsure")->operations[0].per_unit;
    spread = {};
    spread.distribution = "uniform";
    spread.low = 0.005;
    spread.high = 0.015;
    study.sweep.find("policy")->replicates = 25;
    const Ran ran(study);
    const Panel& panel = ran.workspace.panel();
    double mean = 0, count = 0;
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (year_of(panel, r) < 2002) continue;
        mean += panel.number("share")[r];
        ++count;
    }
    mean /= count;
    const auto& group = sweep_of(ran);
    const double beta = coefficient(ran.workspace.regression.find("main")->fit, "share");
    CHECK(values(group, "econometric_effect")[0] == doctest::Approx(beta * 0.1 * mean).epsilon(1e-12));
    const auto& boot = *ran.workspace.bootstrap.find("boot");
    const auto row = static_cast<Eigen::Index>(draw_row(boot, "share"));
    const auto& draws = values(group, "econometric_draw");
    REQUIRE(draws.size() == 25);
    for (Eigen::Index r = 0; r < 25; ++r) {
        const double u =
            uniform_of(5, stream_of("unsure", "operations.0.per_unit"), static_cast<std::uint64_t>(r));
        const double expected = boot.draw(row, r) * 10 * (0.005 + 0.01 * u) * mean;
        CHECK(draws[static_cast<std::size_t>(r)] == doctest::Approx(expected).epsilon(1e-10));
    }
}

TEST_CASE("levers on different variables commute") {
    Study study = listed({{"one", {acting("raise_share", 10), acting("cut_k", 20)}},
                          {"other", {acting("cut_k", 20), acting("raise_share", 10)}}});
    study.sweep.find("policy")->dea = "eff";
    const Ran ran(study);
    const auto& group = sweep_of(ran);
    CHECK(values(group, "econometric_effect")[0] == values(group, "econometric_effect")[1]);
    CHECK(values(group, "frontier_effect")[0] == values(group, "frontier_effect")[1]);
    CHECK(values(group, "difference")[1] == 0);
    CHECK(values(group, "probability_above")[1] == 0.5);
}

TEST_CASE("the frontier channel prices the best units only and finds the scores of all") {
    for (const char* model : {"sbm", "radial"}) {
        for (const char* reference : {"global", "contemporaneous", "sequential"}) {
            const char* returns = reference[0] == 'g' ? "crs" : "vrs";
            Study study = small_study();
            study.dea.find("eff")->model = model;
            if (model[0] == 'r') study.dea.find("eff")->orientation = "input";
            study.dea.find("eff")->returns = returns;
            study.dea.find("eff")->reference = reference;
            const Ran ran(study);
            const DeaOutcome& dea = *ran.workspace.dea.find("eff");
            const sweep::FrontierChannel channel(ran.workspace.panel(), dea, true);
            if (std::string(reference) != "sequential") CHECK(channel.size().kept < channel.size().all);
            Panel changed = ran.workspace.panel();
            auto k = changed.number("k"), b = changed.number("b");
            for (std::size_t r = 0; r < k.size(); r += 2) {
                k[r] *= 0.9;
                b[r] *= 1.2;
            }
            changed.set_number("k", k);
            changed.set_number("b", b);
            const auto found = channel.evaluate(changed);
            auto groups = dea.groups;
            for (auto& group : groups) group.self.assign(group.self.size(), -1);
            const auto whole =
                score_rows(changed, ran.workspace.panel(), dea.variables, groups, dea.settings);
            for (auto& group : groups) group = dea.groups[static_cast<std::size_t>(&group - groups.data())];
            const auto moved = score_rows(changed, changed, dea.variables, groups, dea.settings);
            int inside = 0, beyond = 0;
            for (std::size_t r = 0; r < k.size(); r += 2) {
                const bool optimal = whole.status[r] == Status::optimal;
                inside += optimal;
                // Beyond the technology an SBM program has no optimum, a radial one a score above 1.
                const double after = optimal ? std::min(whole.score[r], 1.0) : 1;
                beyond += !optimal || whole.score[r] > 1 + 1e-9;
                CHECK(found.change[r] == doctest::Approx(after - dea.score[r]).epsilon(1e-9));
                CHECK(found.catch_up[r] == doctest::Approx(moved.score[r] - dea.score[r]).epsilon(1e-9));
                CHECK(found.catch_up[r] + found.shift[r] == doctest::Approx(found.change[r]));
            }
            CHECK(inside > 20);
            CHECK(beyond > 0);
            CHECK(found.beyond == beyond);
            CHECK(found.change[1] == 0);
        }
    }
}

TEST_CASE("designs: lists, one at a time, random points and Sobol' indices of an additive effect") {
    Study study = small_study();
    SweepStage& sweep = *study.sweep.find("policy");
    sweep.dea.clear();
    sweep.design = "saltelli";
    sweep.points = 64;
    for (auto& entry : sweep.levers) {
        entry.intensities.clear();
        entry.low = 0;
        entry.high = 10;
        entry.where.clear();
    }
    {
        const Ran ran(study);
        const auto& group = sweep_of(ran);
        CHECK(values(group, "econometric_effect").size() == 64 * 4);
        CHECK(values(group, "sobol_first")[0] ==
              doctest::Approx(values(group, "sobol_total")[0]).epsilon(0.05));
        CHECK(values(group, "sobol_total")[0] + values(group, "sobol_total")[1] ==
              doctest::Approx(1).epsilon(0.05));
        CHECK(group.find("difference") == nullptr);  // too many pairs
    }
    sweep.design = "one-at-a-time";
    sweep.points = 0;
    for (auto& entry : sweep.levers) {
        entry.low = entry.high = std::nullopt;
        entry.intensities = {0, 5, 10};
    }
    {
        const Ran ran(study);
        const auto& names = std::get<std::vector<std::string>>(sweep_of(ran).find("scenario")->values);
        CHECK(names ==
              std::vector<std::string>{"baseline", "raise_share=5", "raise_share=10", "cut_k=5", "cut_k=10"});
        CHECK(values(sweep_of(ran), "econometric_effect")[0] == 0);
        CHECK(values(sweep_of(ran), "point")[2 * 3] == 0);
    }
    for (const char* design : {"sobol", "latin-hypercube"}) {
        sweep.design = design;
        sweep.points = 100;
        sweep.keep = "summary";
        for (auto& entry : sweep.levers) {
            entry.intensities.clear();
            entry.low = 2;
            entry.high = 4;
        }
        const Ran ran(study);
        for (const double x : values(sweep_of(ran), "point")) CHECK((x >= 2 && x <= 4));
        CHECK(sweep_of(ran).find("econometric_draw") == nullptr);
        double best = 0;
        for (const double p : values(sweep_of(ran), "probability_best")) best += p;
        CHECK(best == doctest::Approx(1));
    }
}

TEST_CASE("what a sweep cannot do is refused before anything runs") {
    const auto refused = [](const Study& study, const std::string& part) {
        Silent progress;
        const Named<Lever> catalogue;
        try {
            const Workspace workspace = prepare_workspace(study, catalogue, small_panel(), progress);
            check(workspace);
        } catch (const Error& error) {
            CAPTURE(error.what());
            CHECK(std::string(error.what()).find(part) != std::string::npos);
            CHECK(error.fault() == Fault::study);
            return;
        }
        FAIL("accepted, but should complain of: " << part);
    };
    const auto changed = [](const std::function<void(SweepStage&)>& change) {
        Study study = small_study();
        change(*study.sweep.find("policy"));
        return study;
    };
    refused(changed([](auto& s) { s.design = "sobol"; }), "needs points");
    refused(changed([](auto& s) { s.points = 5; }), "points belongs to");
    refused(changed([](auto& s) { s.levers[0].low = 1; }), "low and high belong to designs that draw");
    refused(changed([](auto& s) { s.levers[0].package = "all"; }), "one of the two");
    refused(changed([](auto& s) { s.levers[0].lever = "raise"; }),
            "neither in the study nor in the catalogue");
    refused(changed([](auto& s) { s.design = "list"; }), "levers belongs to the other designs");
    refused(changed([](auto& s) { s.replicates = 61; }), "bootstrap.boot has 60");
    refused(changed([](auto& s) { s.replicates = 10, s.bootstrap.clear(); }), "name a bootstrap");
    refused(changed([](auto& s) { s.frontier_replicates = 10; }), "uncertain parameters");
    refused(changed([](auto& s) {
                s.design = "one-at-a-time", s.levers[0].intensities = {0, 5, 5};
            }),
            "stands twice");
    refused(changed([](auto& s) { s.mediation = "path"; }), "mediation");
    refused(changed([](auto& s) { s.outcomes = {"shares"}; }), "shares");
    refused(changed([](auto& s) { s.confidence = 1; }), "not between 0 and 1");
    refused(changed([](auto& s) { s.dea.clear(), s.frontier = "moving"; }), "frontier channel");
    refused(changed([](auto& s) {
                s.types = {{"high", "share > 0.5", "main", ""}};
            }),
            "other rows have replicates");
    refused(changed([](auto& s) { s.levers[1].where = "region is \"east\""; }), "cut_k");
    refused(changed([](auto& s) { s.levers[0].path.start = 2050; }), "2050");
}

TEST_CASE("a sweep is bit-identical for any number of threads") {
    Study study = small_study();
    SweepStage& sweep = *study.sweep.find("policy");
    sweep.design = "latin-hypercube";
    sweep.points = 150;
    sweep.units = true;
    for (auto& entry : sweep.levers) {
        entry.intensities.clear();
        entry.low = 0;
        entry.high = 20;
    }
    std::vector<ResultGroup> all;
    for (const std::size_t threads : {1u, 2u, 8u}) {
        const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
        all.push_back(sweep_of(Ran(study)));
    }
    for (std::size_t other = 1; other < all.size(); ++other) {
        REQUIRE(all[other].variables.size() == all[0].variables.size());
        for (std::size_t v = 0; v < all[0].variables.size(); ++v) {
            const auto* x = std::get_if<std::vector<double>>(&all[0].variables[v].values);
            if (x == nullptr) {
                CHECK(all[0].variables[v].values == all[other].variables[v].values);
                continue;
            }
            const auto& y = std::get<std::vector<double>>(all[other].variables[v].values);
            CAPTURE(all[0].variables[v].name);
            CHECK(std::memcmp(x->data(), y.data(), x->size() * sizeof(double)) == 0);
        }
    }
}

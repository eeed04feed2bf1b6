#pragma once
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "engine/runner.hpp"
#include "kernels/rng/philox.hpp"
#include "tests/engine/silent.hpp"

/// A whole study on a small panel in memory.
namespace greenfront::engine_test {

inline constexpr int units = 24, periods = 6;

/// Numbers that look like a panel of plants: positive amounts, an unbalanced unit, a share in (0, 1).
inline Panel small_panel() {
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

/// A lever of a grid, from a period on.
inline SweepLever lever(const std::string& name, std::vector<double> intensities, const std::string& where,
                        std::int64_t start) {
    SweepLever entry;
    entry.lever = name;
    entry.intensities = std::move(intensities);
    entry.where = where;
    entry.path.start = start;
    return entry;
}

inline Study small_study() {
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
    sweep.levers = {lever("raise_share", {0, 10}, "", 2003),
                    lever("cut_k", {0, 20}, "region is \"north\"", 2002)};
    return study;
}

struct Ran {
    Silent progress;
    Study study;
    Named<Lever> catalogue;
    Workspace workspace;
    explicit Ran(Study what = small_study())
        : study(std::move(what)), workspace(prepare_workspace(study, catalogue, small_panel(), progress)) {
        check(workspace);
        run(workspace);
    }
};

inline const std::vector<double>& values(const ResultGroup& group, const std::string& name) {
    REQUIRE(group.find(name) != nullptr);
    return std::get<std::vector<double>>(group.find(name)->values);
}

}  // namespace greenfront::engine_test

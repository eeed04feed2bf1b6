// The words of an efficiency analysis, and which rows span which technology.
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "engine/dea_choice.hpp"
#include "engine/efficiency.hpp"
#include "engine/reference_sets.hpp"

using namespace greenfront;

namespace {

DeaStage words(const std::string& model) {
    DeaStage stage;
    stage.inputs = {"k", "l"};
    stage.good = {"y"};
    stage.bad = {"b", "c"};
    stage.model = model;
    return stage;
}

std::string refusal(const DeaStage& stage, Fault fault) {
    try {
        (void)choose_dea(stage, fault);
    } catch (const Error& error) {
        CHECK(error.fault() == fault);
        return error.what();
    }
    return "";
}

Panel panel(const std::vector<std::string>& units, const std::vector<double>& years) {
    std::vector<Column> table(3);
    table[0].name = "unit";
    table[0].text = true;
    table[0].label = units;
    table[1].name = "year";
    table[1].number = years;
    table[2].name = "x";
    table[2].number.assign(units.size(), 1.0);
    return Panel::from_table("test", std::move(table), "unit", "year");
}

}  // namespace

TEST_CASE("a refusal names the option as the user writes it") {
    DeaStage stage = words("radial");
    stage.super_bads = "numerator";
    CHECK(refusal(stage, Fault::usage).starts_with("--super-bads: "));
    CHECK(refusal(stage, Fault::study).starts_with("super_bads: "));
}

TEST_CASE("what is not said depends on the model") {
    CHECK(choose_dea(words("sbm"), Fault::study).settings.disposability == dea::Disposability::strong);
    CHECK(choose_dea(words("ddf"), Fault::study).settings.disposability == dea::Disposability::weak);
    DeaStage free = words("ddf");
    free.bad.clear();
    free.returns = "nirs";  // weak disposability of nothing is no restriction
    CHECK(choose_dea(free, Fault::study).settings.disposability == dea::Disposability::strong);
    CHECK(choose_dea(words("fdh"), Fault::study).settings.returns == dea::Returns::vrs);
    CHECK(choose_dea(words("nddf"), Fault::study).item_weights ==
          std::vector<double>{1.0 / 6, 1.0 / 6, 1.0 / 3, 1.0 / 6, 1.0 / 6});
}

TEST_CASE("bads that count as inputs stand behind them in the kernel, with their weights") {
    DeaStage stage = words("sbm");
    stage.bads_as_inputs = true;
    stage.weights.numbers = {0.1, 0.2, 1, 0.3, 0.4};  // inputs, good, bads
    const DeaChoice choice = choose_dea(stage, Fault::study);
    CHECK(choice.settings.input_weights == Eigen::Vector4d(0.1, 0.2, 0.3, 0.4));
    CHECK(choice.settings.output_weights.size() == 1);
    CHECK(choice.variables.kernel_row(2) == 4);
    CHECK(choice.variables.kernel_row(3) == 2);
}

TEST_CASE("the cap of super-efficiency with bads in the denominator") {
    DeaStage stage = words("sbm");
    stage.super = true;
    CHECK(super_cap(choose_dea(stage, Fault::study)) == doctest::Approx(1.5));  // (s1 + s2) / s2
    stage.weights.word = "groups";
    CHECK(super_cap(choose_dea(stage, Fault::study)) == doctest::Approx(2));
    stage.returns = "vrs";
    CHECK(std::isinf(super_cap(choose_dea(stage, Fault::study))));
    stage.returns = "nirs";
    stage.weights.word.clear();
    CHECK(super_cap(choose_dea(stage, Fault::study)) == doctest::Approx(1.5));
    stage.super_bads = "numerator";
    CHECK(std::isinf(super_cap(choose_dea(stage, Fault::study))));
}

TEST_CASE("super-efficiency leaves out the row or the unit") {
    const Panel p = panel({"a", "a", "a", "b", "b", "c"}, {1, 2, 3, 1, 3, 3});
    auto groups = reference_groups(p, {1, 0, 1, 1, 1, 1}, "sequential", Fault::usage);
    REQUIRE(groups.size() == 2);  // period 2 has no usable row
    CHECK(groups[1].reference_rows == std::vector<std::size_t>{0, 2, 3, 4, 5});
    CHECK(groups[1].evaluated_rows == std::vector<std::size_t>{2, 4, 5});
    CHECK(groups[1].self == std::vector<std::int32_t>{1, 3, 4});
    const auto ranges = [&] {
        std::vector<std::pair<int, int>> list;
        for (const auto& range : groups[1].left_out) list.emplace_back(range.first, range.last);
        return list;
    };
    leave_out(groups, p, p, false);
    CHECK(ranges() == std::vector<std::pair<int, int>>{{1, 2}, {3, 4}, {4, 5}});
    leave_out(groups, p, p, true);
    CHECK(ranges() == std::vector<std::pair<int, int>>{{0, 2}, {2, 4}, {4, 5}});
}

TEST_CASE("reference rows of another panel are chosen by the values of time") {
    const Panel p = panel({"a", "b", "a"}, {5, 5, 9});
    const Panel other = panel({"b", "z", "z"}, {5, 7, 9});
    const std::vector<char> all{1, 1, 1};
    auto groups = reference_groups(p, all, other, all, "trailing:1", Fault::usage);
    REQUIRE(groups.size() == 2);  // 5 and 9; the sample's periods are 5, 7, 9
    CHECK(groups[0].reference_rows == std::vector<std::size_t>{0});
    CHECK(groups[1].reference_rows == std::vector<std::size_t>{1, 2});
    CHECK(groups[0].self == std::vector<std::int32_t>{-1, -1});
    leave_out(groups, p, other, false);
    CHECK(groups[0].left_out[0].empty());  // a is not in the other panel
    CHECK(groups[0].left_out[1].contains(0));
}

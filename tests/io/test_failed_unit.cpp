// Files of failed programs: every number comes back, whatever is wrong is named.
#include "io/failed_unit.hpp"

#include <filesystem>

#include "io/output.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;
using namespace greenfront::io;
namespace fs = std::filesystem;

namespace {

FailedUnit sample(dea::Model model = dea::Model::sbm) {
    FailedUnit unit;
    unit.stage = "sweep.claim/\xE4\xB8\xAD";
    unit.scenario = "carbon tax 40 \"high\"";
    unit.scenario_number = 12;
    unit.unit = "\xE5\x8C\x97\xE4\xBA\xAC";
    unit.time = 2015;
    unit.panel = "panel.csv";
    unit.record = 203;
    unit.inputs = {"k", "l"};
    unit.good = {"y"};
    unit.bad = {"co2"};
    unit.task.evaluated = std::make_shared<const dea::Quantities>(dea::Quantities{
        Eigen::MatrixXd{{0.1}, {1e-300}}, Eigen::MatrixXd{{1.0 / 3}}, Eigen::MatrixXd{{0.0}}, {}});
    unit.task.reference = std::make_shared<const dea::Quantities>(
        dea::Quantities{Eigen::MatrixXd{{0.1, 5e-324, 3}, {1e300, 2, 0.7}},
                        Eigen::MatrixXd{{1, 2, 1.0 / 7}},
                        Eigen::MatrixXd{{0, 1, 2}},
                        {}});
    unit.task.self = 1;
    unit.task.left_out = dea::ColumnRange{1, 3};
    dea::Settings& s = unit.task.settings;
    s.model = model;
    s.returns = dea::Returns::ndrs;
    s.orientation = dea::Orientation::output;
    s.disposability = dea::Disposability::weak_naive;
    s.input_weights = Eigen::Vector2d(1.0 / 3, 2.0 / 3);
    s.direction_bads = {dea::Direction::Kind::given, Eigen::VectorXd::Constant(1, 0.3)};
    s.additive_weights = dea::AdditiveWeights::bam;
    s.super = s.slacks = s.drop_zero_outputs = true;
    s.super_bads = dea::SuperBads::numerator;
    s.slack_weights = dea::SlackWeights::raw;
    s.digits = 34;
    return unit;
}

const FailedFrom from{"0.1.0", "AVX3", std::string(32, 'a')};

void put(const std::string& path, const std::string& text) {
    write_file(path, text, true);
}

}  // namespace

TEST_CASE("a failed unit comes back from its file number by number") {
    const TemporaryFolder folder;
    const FailedUnit unit = sample();
    put(folder.file("f.json"), write_failed(unit, from));
    const ReadFailed read = read_failed(folder.file("f.json"));
    CHECK(read.from.version == from.version);
    CHECK(read.from.instruction_set == from.instruction_set);
    CHECK(read.from.run_id == from.run_id);
    const FailedUnit& back = read.unit;
    CHECK(back.stage == unit.stage);
    CHECK(back.scenario == unit.scenario);
    CHECK(back.scenario_number == 12);
    CHECK(back.replicate == -1);
    CHECK(back.unit == unit.unit);
    CHECK(back.time == unit.time);
    CHECK(back.record == 203);
    CHECK(back.inputs == unit.inputs);
    CHECK(back.bad == unit.bad);
    CHECK(back.task.evaluated->X == unit.task.evaluated->X);
    CHECK(back.task.evaluated->price.size() == 0);
    CHECK(back.task.reference->X == unit.task.reference->X);
    CHECK(back.task.reference->Y == unit.task.reference->Y);
    CHECK(back.task.reference->B == unit.task.reference->B);
    CHECK(back.task.self == 1);
    REQUIRE(back.task.left_out.has_value());
    CHECK(back.task.left_out->first == 1);
    CHECK(back.task.left_out->last == 3);
    const auto &s = back.task.settings, &t = unit.task.settings;
    CHECK(s.model == t.model);
    CHECK(s.returns == t.returns);
    CHECK(s.orientation == t.orientation);
    CHECK(s.disposability == t.disposability);
    CHECK(s.input_weights == t.input_weights);
    CHECK(s.output_weights.size() == 0);
    CHECK(s.direction_bads.kind == t.direction_bads.kind);
    CHECK(s.direction_bads.given == t.direction_bads.given);
    CHECK(s.direction_goods.kind == t.direction_goods.kind);
    CHECK(s.additive_weights == t.additive_weights);
    CHECK(s.super);
    CHECK(s.slacks);
    CHECK(s.drop_zero_outputs);
    CHECK(s.super_bads == t.super_bads);
    CHECK(s.slack_weights == t.slack_weights);
    CHECK(s.digits == 34);
    CHECK(write_failed(back, read.from) == write_failed(unit, from));
}

TEST_CASE("no bad outputs, no time and no range stay none") {
    const TemporaryFolder folder;
    FailedUnit unit = sample(dea::Model::additive);
    dea::Quantities evaluated = *unit.task.evaluated, reference = *unit.task.reference;
    evaluated.B = Eigen::MatrixXd(0, 1);
    reference.B = Eigen::MatrixXd(0, 3);
    unit.task.evaluated = std::make_shared<const dea::Quantities>(evaluated);
    unit.task.reference = std::make_shared<const dea::Quantities>(reference);
    unit.task.left_out.reset();
    unit.time.reset();
    put(folder.file("f.json"), write_failed(unit, from));
    const FailedUnit back = read_failed(folder.file("f.json")).unit;
    CHECK(back.task.reference->B.rows() == 0);
    CHECK(back.task.reference->B.cols() == 3);
    CHECK_FALSE(back.task.left_out.has_value());
    CHECK_FALSE(back.time.has_value());
}

TEST_CASE("a file that is not what a run has left is refused with the key") {
    const TemporaryFolder folder;
    const std::string path = folder.file("f.json"), good = write_failed(sample(), from);
    const auto refused = [&](const std::string& what, const std::string& by) {
        std::string bad = good;
        const auto at = bad.find(what);
        REQUIRE(at != std::string::npos);
        bad.replace(at, what.size(), by);
        put(path, bad);
        return message_of(Fault::data, [&] { (void)read_failed(path); });
    };
    CHECK(contains(refused("greenfront failed unit", "another"), "format"));
    CHECK(contains(refused("\"format_version\":1", "\"format_version\":9"), "is 9, this program reads 1"));
    CHECK(contains(refused("\"record\":203", "\"recorded\":203"), "record: is missing"));
    CHECK(contains(refused("\"model\":\"sbm\"", "\"model\":\"smb\""), "smb"));
    CHECK(contains(refused("\"digits\":34", "\"digits\":\"many\""), "settings.digits"));
    CHECK(contains(refused("\"evaluated_column\":0", "\"evaluated_column\":1"), "1 of 1 units"));
    CHECK(contains(refused("\"left_out\":[1,3]", "\"left_out\":[1]"), "left_out"));
    CHECK(contains(refused("[1e+300,2.0,0.7]", "[1e+300,2.0]"), "variable 2 has 2 units, the first has 3"));
    CHECK(contains(refused("\"record\":203", "\"record\":203.5"), "record: is not a whole number"));
    CHECK(
        contains(refused("\"reference_column\":1", "\"reference_column\":99999999999"), "reference_column"));
    put(path, good.substr(0, good.size() / 2));
    CHECK(contains(message_of(Fault::data, [&] { (void)read_failed(path); }), "is not JSON"));
    CHECK(contains(refused("[1e+300,2.0,0.7]", "[1e+999,2.0,0.7]"), "a number is too large: '1e+999'"));
    CHECK(contains(message_of(Fault::no_input, [&] { (void)read_failed(folder.file("none")); }), "none"));
}

TEST_CASE("a run keeps a hundred failed units, each once, and goes on where it cannot") {
    const TemporaryFolder folder;
    FailedUnits units(folder.file("r.h5"), from);
    CHECK_FALSE(fs::exists(units.folder()));
    FailedUnit unit = sample();
    for (int i = 0; i < 130; ++i) {
        unit.record = i;
        units.put(unit);
        units.put(unit);
    }
    CHECK(units.files() == 100);
    CHECK(units.problem().empty());
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(units.folder())) {
        const std::string name = entry.path().filename().string();
        CHECK(name.starts_with("sweep.claim____.scenario-12.record-"));
        CHECK(name.ends_with(".json"));
        CHECK(read_failed(entry.path().string()).unit.unit == unit.unit);
        ++files;
    }
    CHECK(files == 100);

    put(folder.file("s.h5.failed"), "a file stands where the folder should");
    put(units.folder() + "/x.json.7-0.tmp", "half");
    put(units.folder() + "/of the user.tmp", "whole");
    units.remove_leftovers();
    CHECK_FALSE(fs::exists(units.folder() + "/x.json.7-0.tmp"));
    CHECK(fs::exists(units.folder() + "/of the user.tmp"));

    FailedUnits blocked(folder.file("s.h5"), from);
    blocked.put(unit);
    CHECK(blocked.files() == 0);
    CHECK(contains(blocked.problem(), "s.h5.failed"));
}

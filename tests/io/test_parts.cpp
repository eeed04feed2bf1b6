#include <chrono>
#include <cstdlib>
#include <memory>

#include "io/output.hpp"
#include "io/part_file.hpp"
#include "io/parts.hpp"
#include "io/stop.hpp"
#include "tests/engine/silent.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;
using namespace greenfront::io;
namespace fs = std::filesystem;

namespace {

const RunIdentity ours{std::string(32, 'a'), "panel: aa\nversion of the plan: 1\nseed = 1\n", "seed = 1\n"};
const RunIdentity theirs{std::string(32, 'b'), "panel: aa\nversion of the plan: 1\nseed = 2\n", "seed = 2\n"};
const BlockContent content{{1, 2, 3}, {"", "text"}};

/// An output in a folder of its own, and processes that work on it.
struct Place {
    TemporaryFolder folder;
    engine_test::Silent progress;
    std::string output = folder.file("r.h5");

    std::unique_ptr<Parts> run(const RunIdentity& identity = ours, const std::string& shard = "",
                               bool fresh = false, const std::string& instruction_set = "avx2") {
        Parts::Settings settings;
        settings.output = output;
        settings.run = identity;
        settings.instruction_set = instruction_set;
        if (!shard.empty()) settings.shard = parse_shard(shard);
        auto parts = std::make_unique<Parts>(settings, progress);
        parts->open(fresh);
        return parts;
    }
    [[nodiscard]] std::string file(const std::string& name) const {
        return parts_folder(output) + "/" + name;
    }
    [[nodiscard]] bool there() const { return fs::exists(parts_folder(output)); }
};

bool has(Parts& parts, BlockName name) {
    BlockContent loaded;
    if (!parts.load(name, loaded)) return false;
    CHECK(loaded.values == content.values);
    CHECK(loaded.texts == content.texts);
    return true;
}

}  // namespace

TEST_CASE("a run finds the blocks of the one before, and takes its folder away") {
    Place place;
    {
        const auto parts = place.run();
        CHECK_FALSE(has(*parts, {0, 0}));
        parts->store({0, 0}, content);
        parts->store({1, 7}, content);
    }
    fs::remove(place.file("study.toml"));
    const auto leftover = place.file("sweep-0-block-1.part.1-0.tmp");
    write_file(leftover, "half a part", false);
    write_file(place.output + ".1-0.tmp", "half a result", false);
    write_file(place.output + ".notes.tmp", "of the user", false);
    const auto parts = place.run();
    CHECK(has(*parts, {0, 0}));
    CHECK(has(*parts, {1, 7}));
    CHECK_FALSE(has(*parts, {0, 1}));
    CHECK(parts->count().loaded == 2);
    CHECK(parts->count().computed == 0);
    CHECK(fs::exists(place.file("study.toml")));
    CHECK_FALSE(fs::exists(leftover));
    CHECK_FALSE(fs::exists(place.output + ".1-0.tmp"));
    CHECK(fs::exists(place.output + ".notes.tmp"));
    parts->discard();
    CHECK_FALSE(place.there());
}

TEST_CASE("a folder without a block goes, what is not of Greenfront stays") {
    Place place;
    { const auto parts = place.run(); }
    CHECK_FALSE(place.there());
    {
        const auto parts = place.run();
        write_file(place.file("notes.txt"), "of the user", false);
    }
    CHECK(fs::exists(place.file("notes.txt")));
    CHECK_FALSE(fs::exists(place.file("identity.txt")));
}

TEST_CASE("parts of another run are refused with the first difference, and --fresh removes them") {
    Place place;
    place.run()->store({0, 0}, content);
    const auto refused = message_of(Fault::data, [&] { (void)place.run(theirs); });
    CHECK(contains(refused, "the first difference: seed is 1 there and 2 here"));
    CHECK(contains(refused, "--fresh"));
    CHECK(has(*place.run(), {0, 0}));
    CHECK_FALSE(has(*place.run(theirs, "", true), {0, 0}));
    place.run(theirs)->store({0, 0}, content);
    CHECK_FALSE(has(*place.run(theirs, "", true), {0, 0}));
}

TEST_CASE("--fresh of a shard removes its own blocks, and all of another run") {
    Place place;
    for (std::int64_t block = 0; block < 4; ++block) place.run()->store({0, block}, content);
    {
        const auto parts = place.run(ours, "2/2", true);
        CHECK(has(*parts, {0, 0}));
        CHECK_FALSE(has(*parts, {0, 1}));
        CHECK_FALSE(parts->mine({0, 0}));
        CHECK(parts->mine({0, 1}));
        CHECK(contains(message_of(Fault::data, [&] { (void)place.run(theirs, "1/2", true); }), "seed"));
        CHECK(has(*parts, {0, 0}));
    }
    const auto parts = place.run(theirs, "1/2", true);
    CHECK(stored_blocks(parts->folder()).empty());
    parts->store({0, 0}, content);
    parts->settle();
    CHECK(has(*place.run(theirs, "2/2", true), {0, 0}));
}

TEST_CASE("two processes do not compute the same, shards of one run work side by side") {
    Place place;
    {
        const auto whole = place.run();
        CHECK(contains(message_of(Fault::cannot_create, [&] { (void)place.run(); }), "another process"));
        CHECK(contains(message_of(Fault::cannot_create, [&] { (void)place.run(ours, "1/2"); }),
                       "another process"));
    }
    const auto first = place.run(ours, "1/2");
    const auto second = place.run(ours, "2/2");
    const auto again = message_of(Fault::cannot_create, [&] { (void)place.run(ours, "2/2"); });
    CHECK(contains(again, "another process is computing shard 2/2"));
    CHECK(contains(message_of(Fault::cannot_create, [&] { (void)place.run(); }), "another process"));
    CHECK(contains(message_of(Fault::data, [&] { (void)place.run(theirs, "1/3"); }), "seed is 1 there"));
}

TEST_CASE("a damaged part is refused when its block is needed") {
    Place place;
    place.run()->store({0, 0}, content);
    const std::string file = place.file("sweep-0-block-0.part");
    fs::resize_file(file, fs::file_size(file) - 1);
    const auto parts = place.run();
    const auto message = message_of(Fault::data, [&] { (void)has(*parts, {0, 0}); });
    CHECK(contains(message, file + ": is truncated"));
}

TEST_CASE("a folder that vanishes is an error of writing, and the message says so") {
    Place place;
    const auto parts = place.run();
    fs::remove_all(parts->folder());
    parts->store({0, 0}, content);
    const auto message = message_of(Fault::io, [&] { parts->store({0, 1}, content); });
    CHECK(contains(message, "vanished"));
    parts->settle();
    CHECK(parts->count().computed == 0);
    parts->discard();
    CHECK_FALSE(place.there());
}

TEST_CASE("parts of another instruction set are used with a warning, once") {
    Place place;
    place.run()->store({0, 0}, content);
    place.run()->store({0, 1}, content);
    const auto parts = place.run(ours, "", false, "scalar");
    CHECK(has(*parts, {0, 0}));
    CHECK(contains(place.progress.warnings, "instruction set avx2, this process uses scalar"));
    place.progress.warnings.clear();
    CHECK(has(*parts, {0, 1}));
    CHECK(place.progress.warnings.empty());
    MergedParts merged({parts->folder()}, ours.run_id, "scalar", place.progress);
    BlockContent loaded;
    CHECK(merged.load({0, 0}, loaded));
    CHECK(contains(place.progress.warnings, "instruction set avx2"));
}

TEST_CASE("merged folders must agree where they have the same block") {
    Place one, other;
    one.run(ours, "1/2")->store({0, 0}, content);
    other.run(ours, "2/2")->store({0, 1}, content);
    other.run(ours, "1/2")->store({0, 0}, content);
    const auto folders = {parts_folder(one.output), parts_folder(other.output)};
    engine_test::Silent progress;
    BlockContent loaded;
    {
        MergedParts merged(folders, ours.run_id, "avx2", progress);
        CHECK(merged.load({0, 0}, loaded));
        CHECK(loaded.values == content.values);
        CHECK(merged.load({0, 1}, loaded));
        CHECK_FALSE(merged.load({0, 2}, loaded));
        CHECK(merged.count().loaded == 2);
    }
    other.run(ours, "1/2")->store({0, 0}, {{1, 2, 4}, content.texts});
    MergedParts merged(folders, ours.run_id, "avx2", progress);
    const auto message = message_of(Fault::data, [&] { (void)merged.load({0, 0}, loaded); });
    CHECK(contains(message, "different numbers"));
    CHECK(contains(message, folders.begin()[0]));
    CHECK(contains(message, folders.begin()[1]));
}

TEST_CASE("a file STOP and a time limit stop a run; shards leave the file for the others") {
    Place place;
    const auto parts = place.run();
    CHECK(parts->stop_requested().empty());
    write_file(place.file("STOP"), "", false);
    CHECK(contains(parts->stop_requested(), "STOP"));
    CHECK(parts->stop_requested().empty());
    parts->discard();

    Place shared;
    const auto shard = shared.run(ours, "1/2");
    write_file(shared.file("STOP"), "", false);
    CHECK(contains(shard->stop_requested(), "to be removed"));
    CHECK(contains(shard->stop_requested(), "STOP"));

    Place limited;
    Parts::Settings settings;
    settings.output = limited.output;
    settings.deadline = std::chrono::steady_clock::now();
    CHECK(Parts(settings, limited.progress).stop_requested() == "the time limit is over");
}

TEST_CASE("--shard is k/N, or the place in a job array") {
    const Shard shard = parse_shard("2/7");
    CHECK(shard.index == 2);
    CHECK(shard.count == 7);
    CHECK(shard.asked);
    CHECK(shard.has({0, 8}));
    CHECK_FALSE(shard.has({0, 7}));
    for (const char* wrong : {"", "0/3", "4/3", "1/0", "-1/3", "1", "1/3/5", "1/3x", " 1/3", "SLURM"})
        CHECK(contains(message_of(Fault::usage, [&] { (void)parse_shard(wrong); }), "--shard"));

    const auto array = [](const char* task, const char* count, const char* first, const char* step) {
        for (const auto& [name, value] : {std::pair{"SLURM_ARRAY_TASK_ID", task},
                                          {"SLURM_ARRAY_TASK_COUNT", count},
                                          {"SLURM_ARRAY_TASK_MIN", first},
                                          {"SLURM_ARRAY_TASK_STEP", step}}) {
            if (value == nullptr)
                ::unsetenv(name);
            else
                ::setenv(name, value, 1);
        }
        return parse_shard("slurm");
    };
    CHECK(array("3", "5", "1", "1").index == 3);
    CHECK(array("0", "5", "0", nullptr).index == 1);
    CHECK(array("9", "5", "1", "2").index == 5);
    CHECK(array("9", "5", "1", "2").count == 5);
    const auto refused = [&](const char* task, const char* count, const char* first, const char* step) {
        return message_of(Fault::usage, [&] { (void)array(task, count, first, step); });
    };
    CHECK(contains(refused(nullptr, "5", "1", "1"), "SLURM_ARRAY_TASK_ID is not set"));
    CHECK(contains(refused("7", "3", "1", "1"), "array without gaps"));
    CHECK(contains(refused("4", "3", "1", "2"), "array without gaps"));
    CHECK(contains(refused("x", "3", "1", "1"), "no whole number"));
    for (const char* name : {"ID", "COUNT", "MIN", "STEP"})
        ::unsetenv((std::string("SLURM_ARRAY_TASK_") + name).c_str());
}

TEST_CASE("--time-limit is hours, minutes and seconds") {
    CHECK(parse_time_limit("01:02:03").count() == 3723);
    CHECK(parse_time_limit("100:00:00").count() == 360000);
    CHECK(parse_time_limit("0:0:0").count() == 0);
    for (const char* wrong : {"", "10", "10:00", "1:60:00", "1:00:60", "-1:00:00", "1:-1:00", "1:00:00:00",
                              "1:00:00 ", "a:b:c", "1:000:00", "1::1"})
        CHECK(contains(message_of(Fault::usage, [&] { (void)parse_time_limit(wrong); }), "--time-limit"));
}

#include <cmath>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "io/file.hpp"
#include "io/pace.hpp"
#include "io/progress_file.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;

namespace {

constexpr io::ProgressTimes every_tenth{std::chrono::milliseconds(0), std::chrono::hours(1),
                                        std::chrono::hours(1)};

std::string written(io::ProgressMode mode, io::ProgressTimes times,
                    const std::function<void(io::ShownProgress&)>& work) {
    const TemporaryFolder folder;
    const auto path = folder.file("log");
    std::FILE* out = std::fopen(path.c_str(), "w");
    REQUIRE(out != nullptr);
    work(*io::make_progress(mode, out, times));
    std::fclose(out);
    return io::read_bytes(path);
}

/// What a stage of 100 units, advanced from four threads, writes.
std::string told(io::ProgressMode mode) {
    return written(mode, every_tenth, [](io::ShownProgress& progress) {
        progress.begin("dea.eff", 100);
        progress.note("a fact");
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 25; ++i) progress.advance(1);
            });
        }
        for (auto& thread : threads) thread.join();
        progress.warning("a \"doubt\"");
        progress.failures(3);
        progress.end();
        progress.finish(io::RunState::done, "", 3);
    });
}

nlohmann::json read(const std::string& file) {
    return nlohmann::json::parse(io::read_bytes(file));
}

io::ProgressHead head_of(const std::string& output) {
    return {"run", "1.2.3", "study.toml", output, "0123", {}, 2};
}

}  // namespace

TEST_CASE("plain progress: nine tenths, none twice, from any thread") {
    const auto log = told(io::ProgressMode::plain);
    for (int tenth = 1; tenth <= 9; ++tenth)
        CHECK(contains(log, "dea.eff: " + std::to_string(tenth * 10) + " %"));
    CHECK(std::count(log.begin(), log.end(), '\n') == 12);
    CHECK(contains(log, "a fact\n"));
    CHECK(contains(log, "warning: a \"doubt\"\n"));
    CHECK(contains(log, "dea.eff: 100 units, "));
    CHECK_FALSE(contains(log, "\x1b"));
}

TEST_CASE("plain progress: a stage that is silent for long gets a line all the same") {
    const auto silent = [](io::ShownProgress& progress) {
        progress.tick();  // no stage
        progress.begin("placebo.fake", 999);
        progress.tick();
        progress.advance(1);
        progress.end();
    };
    const auto log =
        written(io::ProgressMode::plain, {std::chrono::hours(1), std::chrono::milliseconds(0), {}}, silent);
    CHECK(contains(log, "placebo.fake: "));
    CHECK(contains(log, " s so far\n"));
    CHECK(contains(log, "placebo.fake: 0 % (1 of 999), "));
    CHECK(std::count(log.begin(), log.end(), '\n') == 3);
    const auto quiet = written(io::ProgressMode::plain, {}, silent);
    CHECK(std::count(quiet.begin(), quiet.end(), '\n') == 1);
}

TEST_CASE("json progress: one object a line") {
    std::istringstream lines(told(io::ProgressMode::json));
    std::string line, events;
    nlohmann::json last, before;
    while (std::getline(lines, line)) {
        before = last;
        last = nlohmann::json::parse(line);
        events += last.at("event").get<std::string>() + " ";
        if (last.at("event") == "advance") CHECK(last.contains("seconds_left"));
    }
    CHECK(events ==
          "begin note advance advance advance advance advance advance advance advance advance warning end "
          "finish ");
    CHECK(before.at("done") == 100);
    CHECK(before.at("stage") == "dea.eff");
    CHECK(last.at("state") == "done");
    CHECK(last.at("failures") == 3);
    CHECK(last.at("exit_code") == 3);
}

TEST_CASE("bar and none") {
    CHECK(contains(told(io::ProgressMode::bar), "dea.eff: 100 units, "));
    CHECK(told(io::ProgressMode::none) == "warning: a \"doubt\"\n");
    CHECK(io::progress_mode("json") == io::ProgressMode::json);
    CHECK(contains(message_of(Fault::usage, [] { (void)io::progress_mode("loud"); }), "loud"));
}

TEST_CASE("pace: rate up to the last unit, time left counted down in between") {
    io::Pace pace;
    CHECK(pace.stage().empty());
    pace.begin("sweep.many", 300, 10);
    CHECK(std::isnan(pace.rate()));
    CHECK(std::isnan(pace.seconds_left(12)));
    pace.advance(60, 20);
    pace.resize(200);  // what was loaded is no work
    CHECK(pace.rate() == doctest::Approx(6));
    CHECK(pace.share() == doctest::Approx(0.3));
    CHECK(pace.seconds_left(20) == doctest::Approx(140.0 / 6));
    CHECK(pace.seconds_left(25) == doctest::Approx(140.0 / 6 - 5));
    CHECK(pace.seconds_left(1000) == 0);
    CHECK(pace.rate() == doctest::Approx(6));
    CHECK(io::outlook(pace, 20, 0) == ", 6/s, 23 s left");
    CHECK(io::outlook(pace, 20, 2) == ", 6/s, 23 s left, 2 failed");
    pace.advance(200, 30);  // more than was said
    CHECK(pace.share() == 1);
    CHECK(pace.seconds_left(30) == 0);
    CHECK(io::pace_text(0.05) == "3/min");
    CHECK(io::pace_text(0.001) == "3.6/h");
}

TEST_CASE("a bar is never wider than the terminal") {
    io::Pace pace;
    pace.begin("sweep.größe", 100, 0);
    pace.advance(50, 10);
    CHECK(io::bar_line(pace, 10, 1, 80) ==
          "sweep.größe [###############...............]  50 %, 5/s, 10 s left, 1 failed");
    CHECK(io::bar_line(pace, 10, 0, 50) == "sweep.größe [#######.......]  50 %, 5/s, 10 s left");
    CHECK(io::bar_line(pace, 10, 0, 20) == "sweep.größe  50 %, 5");
    CHECK(io::bar_line(pace, 10, 0, 8) == "sweep.gr");
    CHECK(io::bar_line(pace, 10, 0, 9) == "sweep.grö");
    pace.begin("placebo.fake", 999, 0);  // says nothing on its way
    CHECK(contains(io::bar_line(pace, 0.5, 0, 80), "]   0 %"));
    CHECK(contains(io::bar_line(pace, 61.7, 0, 80), "] 61 s"));
}

TEST_CASE("the progress file: from the first moment to the last word") {
    const TemporaryFolder folder;
    const auto file = io::progress_file(folder.file("r.h5"), {});
    CHECK(file == folder.file("r.h5.progress.json"));
    {
        io::RunProgress progress(io::make_progress(io::ProgressMode::none));
        progress.begin("dea.eff", 10);
        progress.end();
        progress.open(head_of("r.h5"), file);
        auto now = read(file);
        CHECK(now.at("state") == "running");
        CHECK(now.at("exit_code").is_null());
        CHECK(now.at("stage").is_null());
        CHECK(now.at("stages_done") == 1);
        progress.begin("sweep.many", 100);
        progress.failures(2);
        progress.advance(40);
        // The thread writes within two seconds.
        for (int i = 0; i < 100 && now.at("stage").is_null(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            now = read(file);
        }
        CHECK(now.at("stage") == "sweep.many");
        CHECK(now.at("done") == 40);
        CHECK(now.at("units") == 100);
        CHECK(now.at("failures") == 2);
        CHECK(now.at("rate").get<double>() > 0);
        CHECK(now.at("seconds_left").is_number());
        CHECK(now.at("version") == "1.2.3");
        progress.cancel();
        progress.finish(io::RunState::stopped, "SIGTERM", 75);
        progress.finish(io::RunState::done, "", 0);  // the first word stands
    }
    const auto last = read(file);
    CHECK(last.at("state") == "stopped");
    CHECK(last.at("message") == "SIGTERM");
    CHECK(last.at("exit_code") == 75);
    CHECK(last.at("stage") == "sweep.many");
    CHECK_FALSE(std::filesystem::exists(file + ".new"));
}

TEST_CASE("the progress file of a shard has its own name and leaves the disk alone where there are many") {
    const TemporaryFolder folder;
    const io::Shard shard{3, 500, true};
    const auto file = io::progress_file(folder.file("r.h5"), shard);
    CHECK(file == folder.file("r.h5.shard-3-of-500.progress.json"));
    io::RunProgress progress(io::make_progress(io::ProgressMode::none));
    auto head = head_of("r.h5");
    head.shard = shard;
    progress.open(head, file);
    progress.finish(io::RunState::done, "", 0);
    const auto last = read(file);
    CHECK(last.at("shard").at("index") == 3);
    CHECK(last.at("shard").at("count") == 500);
    CHECK(last.at("interval_seconds") == 5);
}

TEST_CASE("a progress file that cannot be written is worth one warning, and what stood there stays") {
    const TemporaryFolder folder;
    const auto place = folder.file("r.h5.progress.json");
    std::filesystem::create_directory(place);
    std::FILE* out = std::fopen(folder.file("log").c_str(), "w");
    REQUIRE(out != nullptr);
    {
        io::RunProgress progress(io::make_progress(io::ProgressMode::none, out));
        progress.open(head_of("r.h5"), place);
        progress.finish(io::RunState::failed, "why", 74);
    }
    std::fclose(out);
    const auto said = io::read_bytes(folder.file("log"));
    CHECK(std::count(said.begin(), said.end(), '\n') == 1);
    CHECK(contains(said, "warning: " + place + ": cannot be written: "));
    CHECK(contains(said, "the run goes on without it"));
    CHECK_FALSE(std::filesystem::exists(place + ".new"));
    io::RunProgress without(io::make_progress(io::ProgressMode::none));
    without.open(head_of("s.h5"), "");
    without.finish(io::RunState::done, "", 0);
    CHECK_FALSE(std::filesystem::exists(folder.file("s.h5.progress.json")));
}

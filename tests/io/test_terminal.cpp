#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "io/environment.hpp"
#include "io/file.hpp"
#include "io/progress_terminal.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;

namespace {

/// What a stage of 100 units, advanced from four threads, writes.
std::string told(io::ProgressMode mode) {
    const TemporaryFolder folder;
    const auto path = folder.file("log");
    std::FILE* out = std::fopen(path.c_str(), "w");
    REQUIRE(out != nullptr);
    {
        const auto progress = io::make_progress(mode, out, std::chrono::milliseconds(0));
        progress->begin("dea.eff", 100);
        progress->note("a fact");
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 25; ++i) progress->advance(1);
            });
        }
        for (auto& thread : threads) thread.join();
        progress->warning("a \"doubt\"");
        progress->end();
    }
    std::fclose(out);
    return io::read_bytes(path);
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

TEST_CASE("json progress: one object a line") {
    std::istringstream lines(told(io::ProgressMode::json));
    std::string line, events;
    nlohmann::json last;
    while (std::getline(lines, line)) {
        last = nlohmann::json::parse(line);
        events += last.at("event").get<std::string>() + " ";
    }
    CHECK(events ==
          "begin note advance advance advance advance advance advance advance advance advance warning end ");
    CHECK(last.at("done") == 100);
    CHECK(last.at("stage") == "dea.eff");
}

TEST_CASE("bar and none") {
    CHECK(contains(told(io::ProgressMode::bar), "dea.eff: 100 units, "));
    CHECK(told(io::ProgressMode::none) == "warning: a \"doubt\"\n");
    CHECK(io::progress_mode("json") == io::ProgressMode::json);
    CHECK(contains(message_of(Fault::usage, [] { (void)io::progress_mode("loud"); }), "loud"));
}

TEST_CASE("the environment") {
    CHECK(io::available_threads() >= 1);
    const char* old = std::getenv("SLURM_CPUS_PER_TASK");
    const std::string kept = old == nullptr ? "" : old;
    ::setenv("SLURM_CPUS_PER_TASK", "1", 1);
    CHECK(io::available_threads() == 1);
    ::setenv("SLURM_CPUS_PER_TASK", "some", 1);
    CHECK(contains(message_of(Fault::usage, [] { (void)io::available_threads(); }), "SLURM_CPUS_PER_TASK"));
    if (kept.empty()) {
        ::unsetenv("SLURM_CPUS_PER_TASK");
    } else {
        ::setenv("SLURM_CPUS_PER_TASK", kept.c_str(), 1);
    }
    CHECK_FALSE(io::host_name().empty());
    const std::string now = io::now_utc();
    REQUIRE(now.size() == 20);
    CHECK(now[10] == 'T');
    CHECK(now.back() == 'Z');
}

TEST_CASE("file hashes: known values of XXH3, 128 bits") {
    const TemporaryFolder folder;
    // The empty input's hash stands in xxHash's specification of its test values.
    CHECK(io::file_hash(folder.write("a", "")) == "99aa06d3014798d86001c324468d497f");
    const auto one = io::file_hash(folder.write("b", "city,year\n")),
               two = io::file_hash(folder.write("c", "city,yeas\n"));
    CHECK(one.size() == 32);
    CHECK(one != two);
    CHECK(one == io::file_hash(folder.write("d", "city,year\n")));
    CHECK(contains(message_of(Fault::no_input, [&] { (void)io::file_hash(folder.file("none")); }), "none"));
}

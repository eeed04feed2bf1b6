#include "io/environment.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;

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

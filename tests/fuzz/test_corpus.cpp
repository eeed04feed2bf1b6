#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "io/file.hpp"
#include "tests/fuzz/targets.hpp"

namespace {

std::filesystem::path corpus(const char* target) {
    const char* source = std::getenv("GREENFRONT_SOURCE");
    REQUIRE_MESSAGE(source != nullptr, "GREENFRONT_SOURCE names the repository");
    return std::filesystem::path(source) / "tests/fuzz/corpus" / target;
}

}  // namespace

TEST_CASE("every file of the corpora is read or refused, and what is promised of it holds") {
    for (const auto& target : greenfront::fuzz::targets) {
        CAPTURE(target.name);
        std::size_t accepted = 0;
        for (const auto& file : std::filesystem::directory_iterator(corpus(target.name))) {
            CAPTURE(file.path().string());
            const std::string bytes = greenfront::io::read_bytes(file.path().string());
            bool read = false;
            CHECK_NOTHROW(read = target.read(bytes));
            accepted += read ? 1 : 0;
        }
        CHECK(accepted > 0);
    }
}

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include "io/file.hpp"
#include "io/hdf5.hpp"
#include "io/hdf5_guard.hpp"
#include "io/hdf5_limits.hpp"
#include "kernels/error.hpp"
#include "tests/io/sample_results.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;

namespace {

/// Bitwise, so that NaN equals itself and -0 differs from 0.
bool same(const Values& a, const Values& b) {
    if (a.index() != b.index()) return false;
    if (const auto* x = std::get_if<std::vector<double>>(&a)) {
        const auto& y = std::get<std::vector<double>>(b);
        return x->size() == y.size() && (x->empty() || std::memcmp(x->data(), y.data(), x->size() * 8) == 0);
    }
    return a == b;
}

bool same(const AttributeValue& a, const AttributeValue& b) {
    if (a.index() != b.index()) return false;
    if (const auto* x = std::get_if<double>(&a)) return std::memcmp(x, &std::get<double>(b), 8) == 0;
    return a == b;
}

void check_same(Attributes a, Attributes b, bool ordered) {
    if (!ordered) {
        const auto by_name = [](const auto& x, const auto& y) { return x.first < y.first; };
        std::sort(a.begin(), a.end(), by_name);
        std::sort(b.begin(), b.end(), by_name);
    }
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        CAPTURE(a[i].first);
        CHECK(a[i].first == b[i].first);
        CHECK(same(a[i].second, b[i].second));
    }
}

void check_same(const Results& a, const Results& b) {
    REQUIRE(a.groups.size() == b.groups.size());
    for (std::size_t g = 0; g < a.groups.size(); ++g) {
        CAPTURE(a.groups[g].path);
        CHECK(a.groups[g].path == b.groups[g].path);
        check_same(a.groups[g].attributes, b.groups[g].attributes, true);
        REQUIRE(a.groups[g].variables.size() == b.groups[g].variables.size());
        for (std::size_t v = 0; v < a.groups[g].variables.size(); ++v) {
            const Variable &x = a.groups[g].variables[v], &y = b.groups[g].variables[v];
            CAPTURE(x.name);
            CHECK(x.name == y.name);
            CHECK(x.dims == y.dims);
            CHECK(x.shape == y.shape);
            CHECK(same(x.values, y.values));
            check_same(x.attributes, y.attributes, false);
        }
    }
}

}  // namespace

TEST_CASE("results read back as they were written, in the same order, and repeat byte by byte") {
    const TemporaryFolder folder;
    const Results written = sample::results();
    io::write_results(written, folder.file("a.h5"), false);
    check_same(written, io::read_results(folder.file("a.h5")));
    io::write_results(written, folder.file("b.h5"), false);
    CHECK(io::read_bytes(folder.file("a.h5")) == io::read_bytes(folder.file("b.h5")));
    CHECK(io::run_id(folder.file("a.h5")) == "0123abcd");
    CHECK(folder.entries() == 2);  // no temporary file is left
}

TEST_CASE("large and compressed arrays, zero lengths, scalars, many attributes") {
    Results results;
    ResultGroup& root = results.add("");
    root.attributes = {{"format_version", std::int64_t{1}}};
    std::vector<double> large(300000);
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<double>(i) / 7;
    ResultGroup& g = results.add("a/b/c");
    g.variables = {sample::variable("x", {"row", "column"}, {600, 500}, large),
                   sample::texts("row", std::vector<std::string>(600, "same name")),
                   sample::variable("scalar", {}, {}, std::vector<double>{4.5}),
                   sample::variable("word", {}, {}, std::vector<std::string>{"w"}),
                   sample::variable("empty", {"none", "column"}, {0, 500}, std::vector<std::int64_t>{}),
                   sample::variable("no_text", {"none"}, {0}, std::vector<std::string>{}),
                   sample::variable("small", {"row"}, {600}, std::vector<std::int8_t>(600, -1))};
    for (int i = 0; i < 60; ++i)
        g.attributes.emplace_back("z" + std::to_string(60 - i), std::vector<double>(200, 0.5));
    g.attributes.emplace_back("long", std::vector<std::string>(20000, "name"));
    const TemporaryFolder folder;
    io::write_results(results, folder.file("r.h5"), false);
    check_same(results, io::read_results(folder.file("r.h5")));
    CHECK(std::filesystem::file_size(folder.file("r.h5")) < 2400000);
}

TEST_CASE("a flipped bit is met in small and large arrays, texts and attributes") {
    Results results;
    results.add("").attributes = {{"format_version", result_format_version}};
    ResultGroup& g = results.add("g");
    std::vector<double> large(5000, 0.5);
    for (std::size_t i = 0; i < large.size(); ++i) large[i] += static_cast<double>(i) * 0.1;
    g.variables = {sample::variable("number", {}, {}, std::vector<double>{1234.5678}),
                   sample::variable("whole", {}, {}, std::vector<std::int64_t>{0x1122334455667788}),
                   sample::variable("word", {}, {}, std::vector<std::string>{"unmistakable"}),
                   sample::variable("large", {"n"}, {large.size()}, large)};
    g.attributes = {{"remark", std::string("incomparable")}, {"share", 8765.4321}};
    const TemporaryFolder folder;
    io::write_results(results, folder.file("r.h5"), false);
    const std::string bytes = io::read_bytes(folder.file("r.h5"));
    const auto bits = [](auto number) {
        std::string text(sizeof number, '\0');
        std::memcpy(text.data(), &number, sizeof number);
        return text;
    };
    const std::pair<std::string, std::string> places[] = {
        {bits(1234.5678), "dataset /g/number"},
        {bits(0x1122334455667788), "dataset /g/whole"},
        {"unmistakable", "dataset /g/word"},
        {"incomparable", "attributes of group /g"},
        {bits(8765.4321), "/g: incorrect metadata checksum"}};
    // What stands in an object's header is covered by a checksum of HDF5's own.
    for (const auto& [what, says] : places) {
        std::string changed = bytes;
        const auto at = changed.find(what);
        CAPTURE(says);
        REQUIRE(at != std::string::npos);
        changed[at + 3] = static_cast<char>(changed[at + 3] ^ 1);
        const auto path = folder.write("changed.h5", changed);
        const auto message = message_of(Fault::data, [&] { (void)io::read_results(path); });
        INFO(message);
        CHECK(contains(message, says));
        CHECK(contains(message, "run the study again"));
    }
}

TEST_CASE("an existing file is kept unless it may be replaced") {
    const TemporaryFolder folder;
    const auto path = folder.write("r.h5", "precious");
    CHECK(contains(
        message_of(Fault::cannot_create, [&] { io::write_results(sample::results(), path, false); }), path));
    CHECK(io::read_bytes(path) == "precious");
    io::write_results(sample::results(), path, true);
    CHECK(io::run_id(path) == "0123abcd");
}

TEST_CASE("places that cannot be written") {
    const TemporaryFolder folder;
    const auto refused = [&](const std::string& path) {
        return message_of(Fault::cannot_create, [&] { io::write_results(sample::results(), path, true); });
    };
    CHECK(contains(refused(folder.file("none/r.h5")), "none"));
    CHECK(contains(refused(folder.file("")), "folder"));
}

TEST_CASE("a write that breaks off is an I/O error and leaves nothing") {
    // The limit on the size of files stands in for a full disk, which tests/program/check_stops.py has.
    const TemporaryFolder folder;
    const auto path = folder.file("r.h5");
    struct rlimit before {};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const struct rlimit small { 1000, before.rlim_max };
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const auto message = message_of(Fault::io, [&] { io::write_results(sample::results(), path, false); });
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    ::signal(SIGXFSZ, handler);
    CHECK(contains(message, path));
    CHECK(contains(message, "File too large"));
    CHECK(folder.entries() == 0);
}

TEST_CASE("files that hold no results") {
    const TemporaryFolder folder;
    const auto refused = [&](Fault fault, const std::string& path) {
        return message_of(fault, [&] { (void)io::read_results(path); });
    };
    CHECK(contains(refused(Fault::no_input, folder.file("none.h5")), "none.h5"));
    CHECK(contains(refused(Fault::no_input, folder.file("")), "folder"));
    CHECK(contains(refused(Fault::data, folder.write("t.h5", "a,b\n1,2\n")), "not a result file"));
    CHECK(contains(refused(Fault::data, folder.write("e.h5", "")), "not a result file"));
    io::write_results(sample::results(), folder.file("r.h5"), false);
    const std::string bytes = io::read_bytes(folder.file("r.h5"));
    CHECK(
        contains(refused(Fault::data, folder.write("cut.h5", bytes.substr(0, bytes.size() / 2))), "damaged"));
    Results foreign;
    foreign.add("").attributes = {{"title", std::string("other")}};
    io::write_results(foreign, folder.file("f.h5"), false);
    CHECK(contains(refused(Fault::data, folder.file("f.h5")), "format_version"));
    Results newer;
    newer.add("").attributes = {{"format_version", result_format_version + 1}};
    io::write_results(newer, folder.file("n.h5"), false);
    CHECK(contains(refused(Fault::data, folder.file("n.h5")), "another format version than 1"));
    CHECK(io::run_id(folder.file("none.h5")).empty());
    CHECK(io::run_id(folder.file("t.h5")).empty());
    CHECK(io::run_id(folder.file("f.h5")).empty());
}

namespace {

/// How a process ends that does this while a guard stands: its status as waitpid() gives it.
template <class Act>
int status_of(const Act& act) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(STDERR_FILENO);
        for (const int signal : {SIGSEGV, SIGABRT}) ::signal(signal, SIG_DFL);  // not doctest's
        const io::h5::CrashGuard guard("r.h5", io::h5::CrashGuard::reading, Fault::data);
        act();
        ::_exit(0);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

}  // namespace

TEST_CASE("a crash inside a library is the file's fault, one of our own instructions a crash") {
    const auto is_refused = [](int status) {
        return WIFEXITED(status) && WEXITSTATUS(status) == static_cast<int>(Fault::data);
    };
    const char* volatile nowhere = nullptr;
    std::size_t (*volatile library)(const char*) = std::strlen;
    CHECK(is_refused(status_of([&] { (void)library(nowhere); })));
    CHECK(is_refused(status_of([] { std::abort(); })));
    const int own = status_of([&] { *const_cast<volatile char*>(nowhere) = 1; });
    CHECK(!is_refused(own));
    CHECK(!(WIFEXITED(own) && WEXITSTATUS(own) == 0));
    CHECK(status_of([] {}) == 0);
}

TEST_CASE("reading has an end, in time and in memory") {
    const TemporaryFolder folder;
    const std::string path = folder.write("r.h5", "a small file");
    const auto forever = [&] {
        const io::h5::ReadingLimits limits(path);
        volatile bool never = false;
        while (!never) {
        }
    };
    const int status = status_of(forever);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == static_cast<int>(Fault::data)));
    const auto has_room = [](std::size_t gib) {
        void* const got =
            ::mmap(nullptr, gib << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (got == MAP_FAILED) return false;
        ::munmap(got, gib << 30);
        return true;
    };
    rlimit before{}, after{};
    ::getrlimit(RLIMIT_AS, &before);
    REQUIRE(has_room(3));
    {
        const io::h5::ReadingLimits limits(path);
        CHECK(!has_room(3));
        { const io::h5::ReadingLimits inside(path); }
        CHECK(!has_room(3));
    }
    CHECK(has_room(3));
    ::getrlimit(RLIMIT_AS, &after);
    CHECK(before.rlim_cur == after.rlim_cur);
    // No file, no limits: whoever opens it says so.
    const io::h5::ReadingLimits none(folder.file("none.h5"));
    CHECK(has_room(3));
}

TEST_CASE("results of a wrong shape are a bug of ours, not a file") {
    const TemporaryFolder folder;
    Results results;
    results.add("g").variables = {sample::variable("x", {"n"}, {3}, std::vector<double>{1, 2})};
    CHECK_THROWS_AS(io::write_results(results, folder.file("r.h5"), false), std::logic_error);
    Results clash;
    clash.add("").variables = {sample::texts("unit", {"A", "B"})};
    clash.add("g").variables = {sample::variable("x", {"unit"}, {3}, std::vector<double>{1, 2, 3})};
    CHECK_THROWS_AS(io::write_results(clash, folder.file("r.h5"), false), std::logic_error);
    CHECK(folder.entries() == 0);
}

TEST_CASE("the sample for check_xarray.py") {
    if (const char* path = std::getenv("GREENFRONT_SAMPLE_H5"))
        io::write_results(sample::results(), path, true);
}

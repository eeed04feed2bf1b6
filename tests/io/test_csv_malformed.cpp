#include <algorithm>
#include <filesystem>

#include "io/csv.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;

namespace {

struct Malformed {
    const char* name;
    std::string bytes;
    std::vector<std::string> parts;  ///< the message names the place and the way out
};

std::string filled(const std::string& header, const std::string& good, int count, const std::string& bad) {
    std::string text = header + "\n";
    for (int i = 0; i < count; ++i) text += good + "\n";
    return text + bad + "\n";
}

const std::string ten = "1,2\n1,2\n1,2\n1,2\n1,2\n1,2\n1,2\n1,2\n1,2\n1,2\n";

const std::vector<Malformed>& cases() {
    static const std::vector<Malformed> all{
        {"empty", "", {"p.csv:1:1", "empty"}},
        {"only blanks", " \n\n\t\r\n", {"p.csv:1:1", "empty"}},
        {"header only", "a,b\n", {"p.csv:1:1", "no rows"}},
        {"short row", "a,b,c\n1,2,3\n1,2\n", {"p.csv:3:2", "record 2", "2 fields", "the header has 3"}},
        {"long row", "a,b\n1,2\n1,2,3\n", {"p.csv:3:3", "3 fields", "the header has 2", "comma"}},
        {"unnamed row names",
         "a,b\nr1,1,2\nr2,3,4\n",
         {"p.csv:1:1", "every record has 3 fields", "row.names"}},
        {"text among numbers",
         "a,b\n" + ten + "1,x2\n",
         {"p.csv:12:2", "\"b\"", "record 11", "\"x2\"", "not a number"}},
        {"decimal comma", "a;b\n1;3,14\n2;4,5\n", {"p.csv:2:2", "3,14", "decimal point", "p.csv:3:2"}},
        {"quoted decimal comma", "a,b\n1,\"3,14\"\n", {"p.csv:2:2", "decimal point"}},
        {"thousands", "a,b\n1,\"1,234,567\"\n", {"p.csv:2:2", "thousands"}},
        {"thousands by blanks", "a,b\n1,12 345\n", {"p.csv:2:2", "thousands"}},
        {"European thousands", "a;b\n1;1.234,5\n", {"p.csv:2:2", "decimal comma"}},
        {"percentage", "a,b\n1,12.5%\n", {"p.csv:2:2", "percentage"}},
        {"typographic minus",
         "a,b\n1,\xE2\x88\x92"
         "5\n",
         {"p.csv:2:2", "minus"}},
        {"overflow", "a,b\n1,1e999\n", {"p.csv:2:2", "1e999", "1.8e308"}},
        {"long overflow", "a,b\n1," + std::string(400, '9') + "\n", {"p.csv:2:2", "..."}},
        {"infinity", "a,b\n1,-Inf\n", {"p.csv:2:2", "infinite"}},
        {"duplicate name", "a,b,a\n1,2,3\n", {"p.csv:1:3", "\"a\"", "column 1"}},
        {"empty name", "a,,c\n1,2,3\n", {"p.csv:1:2", "no name"}},
        {"trailing separator", "a,b,\n1,2,\n", {"p.csv:1:3", "no name"}},
        {"NUL byte", std::string("a,b\n1,\0002\n", 9), {"p.csv:2:1", "NUL"}},
        {"unterminated quote", "a,b\n\"x,2\ny,3\n", {"p.csv:2:1", "never closed"}},
        {"quote in a field", "a,b\n5\" pipe,2\n", {"p.csv:2:1", "quote inside"}},
        {"text after a quote", "a,b\n\"x\"y,2\n", {"p.csv:2:1", "closing quote"}},
        {"GBK",
         "city,x\n\xB1\xB1\xBE\xA9,1\n\xC9\xCF\xBA\xA3,2\n",
         {"p.csv:2:1", "GBK", "iconv -f GB18030 -t UTF-8"}},
        {"GB18030, four bytes", "city,x\n\x81\x30\x81\x30\xB1\xB1,1\n", {"GBK"}},
        {"Latin-1", "city,x\nM\xFCnchen,1\nK\xF6ln,2\n", {"p.csv:2:1", "WINDOWS-1252"}},
        {"damaged UTF-8", "city,x\n\xE5\x8C\x97\xE4\xBA\xAC,1\n\xE5\x8C,2\n", {"p.csv:3:1", "damaged"}},
        {"UTF-16 with mark",
         std::string("\xFF\xFE"
                     "a\0,\0b\0\n\0",
                     10),
         {"UTF-16", "iconv"}},
        {"UTF-16 without mark", std::string("a\0,\0b\0\n\0", 8), {"UTF-16LE"}},
        {"zip",
         std::string("PK\x03\x04"
                     "abc",
                     7),
         {"zip", "CSV"}},
        {"gzip",
         "\x1F\x8B"
         "abc",
         {"gunzip"}},
        {"HDF5", "\x89HDF\r\n\x1A\n", {"HDF5"}},
        {"Stata", "<stata_dta><header>", {"Stata"}},
        {"binary", std::string("\x01\x02\0\x03\xFF\xFE\n", 7), {"NUL"}},
    };
    return all;
}

}  // namespace

TEST_CASE("every malformed file is refused with its place and a way out") {
    REQUIRE(cases().size() >= 25);
    for (const auto& c : cases()) {
        CAPTURE(c.name);
        const TemporaryFolder folder;
        const auto path = folder.write("p.csv", c.bytes);
        const auto message = message_of(Fault::data, [&] { (void)io::read_csv(path, {}); });
        CAPTURE(message);
        CHECK(contains(message, path));
        for (const auto& part : c.parts) CHECK_MESSAGE(contains(message, part), part);
    }
}

TEST_CASE("all problems of a file at once, the first fifty and a count") {
    const TemporaryFolder folder;
    const auto path = folder.write("p.csv", "a,b,b,d\n1,1e999,3,4\n1,2,3\n1,2,50%,4\n\"oops,2,3,4\n");
    const auto message = message_of(Fault::data, [&] { (void)io::read_csv(path, {}); });
    for (const char* part : {":1:3:", ":2:2:", ":3:3:", ":4:3:", ":5:1:"})
        CHECK_MESSAGE(contains(message, part), part);
    const auto many = folder.write("many.csv", filled("a,b", "1,5%", 119, "1,6%"));
    const auto long_message = message_of(Fault::data, [&] { (void)io::read_csv(many, {}); });
    CHECK(std::count(long_message.begin(), long_message.end(), '\n') == 50);
    CHECK(contains(long_message, "70 more"));
}

TEST_CASE("file lines and records are counted past quoted line ends, blank lines and faulty records") {
    const TemporaryFolder folder;
    const auto path = folder.write("p.csv", "a,b\n\"x\ny\",1\n\nz,1,1\nw,1e999\n");
    const auto message = message_of(Fault::data, [&] { (void)io::read_csv(path, {}); });
    CHECK(contains(message, "p.csv:5:3: record 2 has 3 fields"));
    CHECK(contains(message, "p.csv:6:2: column \"b\", record 3"));
}

TEST_CASE("files that are not there, cannot be opened or are folders") {
    const TemporaryFolder folder;
    CHECK(contains(message_of(Fault::no_input, [&] { (void)io::read_csv(folder.file("none.csv"), {}); }),
                   "none.csv"));
    CHECK(
        contains(message_of(Fault::no_input, [&] { (void)io::read_csv(folder.file(""), {}); }), "directory"));
    if (::geteuid() == 0) {
        MESSAGE("SKIPPED: root reads unreadable files");
        return;
    }
    const auto path = folder.write("p.csv", "a\n1\n");
    std::filesystem::permissions(path, std::filesystem::perms::none);
    CHECK(contains(message_of(Fault::no_input, [&] { (void)io::read_csv(path, {}); }), "ermission"));
}

TEST_CASE("unit and time columns") {
    const TemporaryFolder folder;
    const auto panel = [&](const std::string& text, const char* unit, const char* time) {
        const auto path = folder.write("p.csv", text);
        return message_of(Fault::data, [&] { (void)io::read_panel(path, unit, time); });
    };
    CHECK(contains(panel("city,year\nA,2011\n", "cty", "year"), "did you mean \"city\""));
    CHECK(contains(panel("city,year\nA,2011\n", "city", "zzzzz"), "the columns are: city, year"));
    CHECK(contains(panel("city,year\nA,2011.5\n", "city", "year"), "p.csv:2:2"));
    CHECK(contains(panel("city,year\nA,2011Q1\nB,2012\n", "city", "year"), "\"2011Q1\" is not an integer"));
    CHECK(contains(panel("city,year\nA,1e300\n", "city", "year"), "not an integer"));
    CHECK(contains(panel("city,year\nA,\n", "city", "year"), "time is missing"));
    CHECK(contains(panel("city,year\n,2011\n", "city", "year"), "unit is missing"));
    const auto namibia = panel("city,year\nNA,2011\n", "city", "year");
    CHECK(contains(namibia, "p.csv:2:1"));
    CHECK(contains(namibia, "in quotes"));
    const auto twice = panel("city,year\nA,2011\nB,2011\nA,2011\n", "city", "year");
    CHECK(contains(twice, "A"));
    CHECK(contains(twice, "2011"));
    const auto quoted = folder.write("q.csv", "city,year\n\"NA\",2011\n");
    CHECK(io::read_panel(quoted, "city", "year").unit_name == std::vector<std::string>{"NA"});
}

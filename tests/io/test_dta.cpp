// Stata files: what is written reads back, what is damaged is refused, a panel is the same from .dta and CSV.
#include <cmath>
#include <limits>

#include "io/csv.hpp"
#include "io/dta.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;

namespace {

using Words = std::vector<std::string>;
using Reals = std::vector<double>;

io::LongTable small_table() {
    io::LongTable table;
    table.header = {"city", "year", "std.error", "slack[co 2]", "status", "if"};
    table.columns = {Words{"a_b&c%", "", "\xE5\x8C\x97\xE4\xBA\xAC"},
                     std::vector<std::int64_t>{2011, 2012, -5},
                     Reals{0.5, NAN, -1e-300},
                     Reals{1, 2, 3},
                     Words{"optimal", "", "failed"},
                     std::vector<std::int64_t>{1, 5000000000, 3}};
    table.labels = {"city", "year", "standard error", "slack: co 2 (Mt)", "how it ended", "a count"};
    table.meanings = {{}, {}, {}, {}, {"optimal", "infeasible", "failed"}, {}};
    return table;
}

std::string bytes_of(const io::LongTable& table) {
    return io::dta(table, {"a title", 1790000000}).bytes;
}

const Column& column(const std::vector<Column>& columns, const std::string& name) {
    for (const auto& c : columns) {
        if (c.name == name) return c;
    }
    FAIL("no variable " << name);
    return columns.front();
}

}  // namespace

TEST_CASE("a table comes back from its Stata file, under names that Stata takes") {
    const std::string bytes = bytes_of(small_table());
    CHECK(io::is_dta(bytes));
    CHECK(bytes == bytes_of(small_table()));
    const auto columns = io::read_dta("x.dta", bytes, {});
    REQUIRE(columns.size() == 6);
    CHECK(column(columns, "city").label == Words{"a_b&c%", "", "\xE5\x8C\x97\xE4\xBA\xAC"});
    CHECK(column(columns, "year").number == Reals{2011, 2012, -5});
    const auto& error = column(columns, "std_error").number;
    CHECK(error[0] == 0.5);
    CHECK(std::isnan(error[1]));
    CHECK(error[2] == -1e-300);
    CHECK(column(columns, "slack_co_2").number == Reals{1, 2, 3});
    CHECK(column(columns, "if_").number == Reals{1, 5000000000, 3});
    const auto& status = column(columns, "status").number;
    CHECK(status[0] == 0);
    CHECK(std::isnan(status[1]));
    CHECK(status[2] == 2);
    // The same variable as the text of its value labels.
    CHECK(column(io::read_dta("x.dta", bytes, {"status"}), "status").label == Words{"optimal", "", "failed"});
    for (const char* label : {"a title", "how it ended", "slack: co 2 (Mt)", "std.error: standard error"})
        CHECK(contains(bytes, label));
}

TEST_CASE("names that collide, long texts, infinite numbers") {
    io::LongTable table;
    const std::string endless(40, 'n');
    table.header = {"a.b", "a b", "A-B", "\xE5\x9F\x8E", endless, endless + "x", "2011", "str5", "note"};
    for (std::size_t c = 0; c + 1 < table.header.size(); ++c)
        table.columns.emplace_back(Reals{1.0, INFINITY});
    const std::string essay(5000, 'e');
    table.columns.emplace_back(Words{essay, "short"});
    const io::DtaFile file = io::dta(table, {});
    REQUIRE(file.notes.size() == 1);
    CHECK(contains(file.notes[0], "8 infinite numbers"));
    const auto columns = io::read_dta("x.dta", file.bytes, {});
    Words names;
    for (const auto& c : columns) names.push_back(c.name);
    CHECK(names == Words{"a_b", "a_b_2", "A_B_3", "v", std::string(32, 'n'), std::string(30, 'n') + "_2",
                         "v2011", "vstr5", "note"});
    CHECK(std::isnan(column(columns, "a_b").number[1]));
}

TEST_CASE("every column keeps its name as a label where Stata's differs") {
    io::LongTable table;
    table.header = {"caf\xC3\xA9 price"};
    table.columns = {Reals{1}};
    CHECK(contains(bytes_of(table), "caf\xC3\xA9 price"));
}

TEST_CASE("a panel is the same from CSV and from Stata; labelled units are their labels") {
    const TemporaryFolder folder;
    const std::string csv = folder.write("p.csv", "city,year,x,kind\nb,2012,1.5,p\na,2011,,q\nb,2011,2.5,\n");
    io::LongTable table;
    table.header = {"city", "year", "x", "kind"};
    table.columns = {Words{"b", "a", "b"}, Reals{2012, 2011, 2011}, Reals{1.5, NAN, 2.5},
                     Words{"p", "q", ""}};
    table.meanings = {{"a", "b"}, {}, {}, {}};
    // The ending does not matter: the bytes say what a file is.
    const std::string dta = folder.write("p.dat", bytes_of(table));
    const Panel one = io::read_panel(csv, "city", "year"), other = io::read_panel(dta, "city", "year");
    CHECK(one.unit_name == other.unit_name);
    CHECK(one.time_value == other.time_value);
    CHECK(one.file_row == other.file_row);
    CHECK(one.column("kind").label == other.column("kind").label);
    for (std::size_t r = 0; r < one.rows(); ++r) {
        const double a = one.number("x")[r], b = other.number("x")[r];
        CHECK((a == b || (std::isnan(a) && std::isnan(b))));
    }
    CHECK(contains(message_of(Fault::data, [&] { (void)io::read_panel(dta, "town", "year"); }), "town"));
    CHECK(contains(message_of(Fault::data, [&] { (void)io::read_panel(dta, "city", "x"); }), "x"));
}

TEST_CASE("damaged Stata files are refused, whatever is cut or changed") {
    const std::string whole = bytes_of(small_table());
    for (std::size_t length = 12; length + 12 < whole.size(); length += 37) {
        const std::string message =
            message_of(Fault::data, [&] { (void)io::read_dta("cut.dta", whole.substr(0, length), {}); });
        CHECK(contains(message, "cut.dta"));
    }
    // A changed byte may change a number, but never more than the file.
    for (std::size_t at = 11; at < whole.size(); at += 13) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x55);
        try {
            (void)io::read_dta("changed.dta", changed, {});
        } catch (const Error& error) {
            CHECK(error.fault() == Fault::data);
        }
    }
    CHECK_FALSE(io::is_dta("city,year\n"));
    CHECK_FALSE(io::is_dta(""));
    CHECK(io::is_dta(std::string("\x73\x02\x01\x00\x05", 5)));
}

TEST_CASE("text that is not UTF-8 is named with the way out") {
    std::string bytes = bytes_of(small_table());
    const std::size_t at = bytes.find("a_b&c%");
    REQUIRE(at != std::string::npos);
    bytes.replace(at, 4, "\xB1\xB1\xBE\xA9");
    const std::string message = message_of(Fault::data, [&] { (void)io::read_dta("old.dta", bytes, {}); });
    CHECK(contains(message, "old.dta: variable \"city\", observation 1"));
    CHECK(contains(message, "unicode translate"));
}

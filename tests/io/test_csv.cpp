#include <cmath>
#include <sstream>

#include "io/csv.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;

namespace {

std::vector<Column> parse(const std::string& bytes, const std::vector<std::string>& labels = {}) {
    const TemporaryFolder folder;
    return io::read_csv(folder.write("panel.csv", bytes), labels);
}

}  // namespace

TEST_CASE("the same table in every accepted dialect") {
    const std::string plain = "city,year,gdp\nA,2011,1.5\nB,2012,-2\n";
    const auto in = [&](char delimiter, const std::string& end, const std::string& bom) {
        std::string text = bom;
        for (const char c : plain) {
            if (c == ',') {
                text += delimiter;
            } else if (c == '\n') {
                text += end;
            } else {
                text += c;
            }
        }
        return text;
    };
    for (const char delimiter : {',', ';', '\t'}) {
        for (const std::string& end : {std::string("\n"), std::string("\r\n"), std::string("\r")}) {
            for (const std::string& bom : {std::string(), std::string("\xEF\xBB\xBF")}) {
                auto text = in(delimiter, end, bom);
                for (const bool last_line_end : {true, false}) {
                    if (!last_line_end) text.erase(text.size() - end.size());
                    const auto columns = parse(text);
                    REQUIRE(columns.size() == 3);
                    CHECK(columns[0].name == "city");
                    CHECK(columns[0].text);
                    CHECK(columns[0].label == std::vector<std::string>{"A", "B"});
                    CHECK(columns[1].number == std::vector<double>{2011, 2012});
                    CHECK(columns[2].number == std::vector<double>{1.5, -2});
                }
            }
        }
    }
}

TEST_CASE("quoting: separators, line ends and quotes inside a field") {
    const auto c = parse(
        "name,x\n\"a, b\",1\n\"two\nlines\",2\n\"he said \"\"no\"\"\",3\n\"two\r\nlines\",4\n  \" kept \" "
        ",5\n");
    CHECK(c[0].label ==
          std::vector<std::string>{"a, b", "two\nlines", "he said \"no\"", "two\r\nlines", " kept "});
    CHECK(c[1].number == std::vector<double>{1, 2, 3, 4, 5});
}

TEST_CASE("numbers: signs, exponents, blanks, the ends of the range") {
    const auto c = parse("x\n 1.5 \n+2\n-.5\n5.\n1E3\n1e-400\n-1e-400\n1e308\n\"7\"\n0.1\n4.9e-324\n");
    const std::vector<double> expected{1.5, 2, -0.5, 5, 1000, 0, -0.0, 1e308, 7, 0.1, 4.9e-324};
    CHECK(c[0].number == expected);
    CHECK(std::signbit(c[0].number[6]));
}

TEST_CASE("every missing-value spelling, and text that only looks like one") {
    const auto c = parse(
        "x,region,y\n,N,1\nNA,n/a,2\nn/a,null,3\nNaN,#N/A,4\n.,\"NA\",5\nNULL,\"\",6\n#n/a,S,7\n7,na,8\n");
    for (std::size_t r = 0; r < 7; ++r) CHECK(std::isnan(c[0].number[r]));
    CHECK(c[0].number[7] == 7);
    // An unquoted NA is a missing label; in quotes it is a name (Namibia).
    CHECK(c[1].label == std::vector<std::string>{"N", "", "", "", "NA", "", "S", ""});
}

TEST_CASE("columns of text and of numbers") {
    const auto c = parse("code,half,none\n007,a,\n010,1,\n011,2,\n");
    CHECK_FALSE(c[0].text);
    CHECK(c[0].number == std::vector<double>{7, 10, 11});
    CHECK(c[1].text);  // two thirds numbers: text
    CHECK(c[1].label == std::vector<std::string>{"a", "1", "2"});
    CHECK_FALSE(c[2].text);  // nothing known: numbers, all missing
    const auto labels = parse("code,half\n007,a\n010,1\n", {"code"});
    CHECK(labels[0].text);
    CHECK(labels[0].label == std::vector<std::string>{"007", "010"});
}

TEST_CASE("blanks around a field, whatever their width, are no part of it") {
    const auto c = parse(
        "城市　, x\n 北京　\xC2\xA0,\xC2\xA0"
        "1　\n　北京,　 2\n上　海,3\n\"北京　\",4\n　,　\n");
    CHECK(c[0].name == "城市");
    CHECK(c[0].label == std::vector<std::string>{"北京", "北京", "上　海", "北京　", ""});
    CHECK(std::vector<double>(c[1].number.begin(), c[1].number.end() - 1) == std::vector<double>{1, 2, 3, 4});
    CHECK(std::isnan(c[1].number[4]));
    const auto tabs = parse("x\ty\n　1\t　\n\"a\"　\t2\n");
    CHECK(tabs[0].label == std::vector<std::string>{"1", "a"});
    CHECK(std::isnan(tabs[1].number[0]));
    CHECK(tabs[1].number[1] == 2);
    CHECK(parse("\n　\nx;y\n1;2\n")[1].number == std::vector<double>{2});
    for (const std::string text : {"北京　", "　北京", "\xC2\xA0x", "x\xC2\xA0", "a\t"})
        CHECK(parse("x\n" + io::csv_field(text) + "\n")[0].label.at(0) == text);
    CHECK(io::csv_field("上　海") == "上　海");
}

TEST_CASE("blank lines, a column of row names, one column") {
    const auto c = parse("\n\"\",x\n1,5\n\n2,6\n\n");
    CHECK(c[0].name == "rownames");
    CHECK(c[1].number == std::vector<double>{5, 6});
    const auto one = parse("x\n1\n\n3\n\n\n");
    REQUIRE(one[0].number.size() == 3);
    CHECK(std::isnan(one[0].number[1]));
}

TEST_CASE("a panel keeps unit names as they stand and sorts its rows") {
    const TemporaryFolder folder;
    const auto path = folder.write("p.csv", "id,year,x\n010,2012,1\n007,2012,2\n007,2011,3\n010,2011.0,4\n");
    const Panel panel = io::read_panel(path, "id", "year");
    CHECK(panel.unit_name == std::vector<std::string>{"007", "010"});
    CHECK(panel.time_value == std::vector<std::int64_t>{2011, 2012});
    CHECK(panel.number("x") == std::vector<double>{3, 2, 4, 1});
    CHECK(panel.file_row == std::vector<std::int64_t>{3, 2, 4, 1});
}

TEST_CASE("what write_csv writes reads back bit by bit") {
    const TemporaryFolder folder;
    const std::string text =
        "region,id,x,year,y\n\"East, coast\",B,0.1,2011,1e308\n,B,NA,2012,-0\n\"NA\",\"A "
        "\"\"1\"\"\",3.0000000000000004,2011,"
        "5e-324\nWest,\"A \"\"1\"\"\",123456789012345678,2012,0.30000000000000004\n";
    const Panel first = io::read_panel(folder.write("a.csv", text), "id", "year");
    std::ostringstream out;
    io::write_csv(out, first);
    const Panel second = io::read_panel(folder.write("b.csv", out.str()), "id", "year");
    CHECK(out.str().substr(0, 19) == "id,year,region,x,y\n");
    CHECK(second.unit_name == first.unit_name);
    CHECK(second.time_value == first.time_value);
    CHECK(second.column("region").label == first.column("region").label);
    for (const char* name : {"x", "y"}) {
        for (std::size_t r = 0; r < first.rows(); ++r) {
            const double a = first.number(name)[r], b = second.number(name)[r];
            CHECK((a == b || (std::isnan(a) && std::isnan(b))));
            CHECK(std::signbit(a) == std::signbit(b));
        }
    }
    std::ostringstream again;
    io::write_csv(again, second);
    CHECK(again.str() == out.str());
}

TEST_CASE("a panel without unit and time, one column with a gap") {
    const TemporaryFolder folder;
    const Panel panel = io::read_panel(folder.write("a.csv", "x\n1\n\n3\n"), "", "");
    REQUIRE(panel.rows() == 3);
    std::ostringstream out;
    io::write_csv(out, panel);
    CHECK(out.str() == "x\n1\n\"\"\n3\n");
}

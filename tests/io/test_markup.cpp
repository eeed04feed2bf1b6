// Tables for pages and papers: what is escaped, how wide ones are taken apart.
#include "io/html.hpp"
#include "io/table.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;

namespace {

using Cells = std::vector<std::string>;

}  // namespace

TEST_CASE("HTML: nothing in a table can act on the page; digits line up, stars hang over") {
    io::Table table;
    table.title = "<b>\"A\"</b>";
    table.header = {"", "(1)  "};
    table.rows = {{"<script>alert('x')</script>", "-0.12**"}, {"", "(0.05)  "}, {"R2", "0.5   "}};
    table.rules = {2};
    table.notes = {"a & b"};
    const std::string page = io::html(table);
    CHECK_FALSE(contains(page, "<script"));
    CHECK(contains(page, "<caption>&lt;b&gt;&quot;A&quot;&lt;/b&gt;</caption>"));
    CHECK(contains(page, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
    CHECK(contains(page, "<td>-0.12<span class=\"hang\">**</span></td>"));
    CHECK(contains(page, "<td>(0.05<span class=\"hang\">)</span></td>"));
    CHECK(contains(page, "R<sup>2</sup>"));
    CHECK(contains(page, "</tbody>\n<tbody>"));
    CHECK(contains(page, "<p>a &amp; b</p>"));
    CHECK(io::html_text(std::string("a\xFF\x01") + "b") == "a\xEF\xBF\xBD b");
    CHECK(io::base64("") == "");
    CHECK(io::base64("f") == "Zg==");
    CHECK(io::base64("fo") == "Zm8=");
    CHECK(io::base64("foobar") == "Zm9vYmFy");
    CHECK(io::base64("\xFF\xFE\xFD") == "//79");
}

TEST_CASE("wide tables: blocks that repeat the first columns, all columns once, notes at the end") {
    io::Table table;
    table.title = "T";
    table.header = {"Rank", "Name", "a", "b", "c", "d", "e"};
    table.left = {false, true};
    table.rows = {{"1", "x", "1", "2", "3", "4", "5"}, {"2", "y", "", "", "", "8", "9"}};
    table.rules = {1};
    table.notes = {"n"};
    const auto blocks = io::split_columns(table, 3);
    CHECK(io::split_to_width(table, 200).size() == 1);
    CHECK(io::split_to_width(table, 28).size() == 2);
    CHECK(io::split_to_width(table, 1).size() == 5);
    REQUIRE(blocks.size() == 2);
    CHECK(blocks[0].header == Cells{"Rank", "Name", "a", "b", "c"});
    CHECK(blocks[1].header == Cells{"Rank", "Name", "d", "e"});
    CHECK(blocks[0].rows.size() == 1);  // y says nothing there
    CHECK(blocks[1].rows == std::vector<Cells>{{"1", "x", "4", "5"}, {"2", "y", "8", "9"}});
    CHECK(blocks[0].notes.empty());
    CHECK(blocks[1].notes == Cells{"n"});
    CHECK(blocks[1].title == "T (continued)");
    CHECK(io::split_columns(table, 5).size() == 1);
}

TEST_CASE("LaTeX and Markdown: no cell can become a command") {
    io::Table table;
    table.header = {"x", "y"};
    table.rows = {{"[1ex] \\input{a}", "-1"}, {"* 5% #1 $x^2$ ~", "(-2)"}, {"`a` [b](c) &lt;", ""}};
    const std::string paper = io::latex(table);
    CHECK(contains(paper, "\n{}[1ex] \\textbackslash{}input\\{a\\} & $-$1 "));
    CHECK(contains(paper, "5\\% \\#1 \\$x\\textasciicircum{}2\\$ \\textasciitilde{} & ($-$2)"));
    CHECK(contains(io::markdown(table), "\\`a\\` \\[b](c) \\&lt;"));
}

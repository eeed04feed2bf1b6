#include "io/report_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "io/html.hpp"
#include "io/table_access.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

// Scripts and requests are forbidden: whatever a name in the data says, the page only shows it.
constexpr const char* policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

constexpr const char* style_sheet = R"(
:root { --ink: #1c2430; --soft: #566173; --line: #d5dae2; --accent: #0a5a8a; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem 1.25rem 4rem; max-width: 62rem; color: var(--ink); background: #fff;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", "PingFang SC",
  "Microsoft YaHei", sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 1.2rem 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .6rem; padding-top: .8rem; border-top: 2px solid var(--ink); }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--accent); }
.facts { color: var(--soft); margin-top: 0; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
.summary li { margin: .3rem 0; max-width: 46rem; }
.table { margin: 1.2rem 0 1.8rem; }
.scroll { overflow-x: auto; margin-bottom: .8rem; }
table { border-collapse: collapse; font-size: .82rem; line-height: 1.35; font-variant-numeric: tabular-nums lining-nums;
  border-bottom: 1.5px solid var(--ink); }
caption { text-align: left; font-weight: 600; font-size: .95rem; padding-bottom: .35rem; }
thead { border-top: 1.5px solid var(--ink); border-bottom: 1px solid var(--ink); }
tbody + tbody { border-top: 1px solid var(--line); }
th, td { padding: .14rem .6rem; text-align: right; white-space: nowrap; font-weight: 400; }
thead th { font-weight: 600; vertical-align: bottom; }
th.left, td.left { text-align: left; white-space: normal; min-width: 4.5em; max-width: 22em; }
td.left:last-child { max-width: none; }
th:first-child, td:first-child { padding-left: .1rem; }
.hang { display: inline-block; width: 1.5em; text-align: left; }
.notes { font-size: .78rem; color: var(--soft); }
.notes p { margin: .1rem 0; max-width: 52rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 1.4rem 2rem; }
figure { margin: .6rem 0; break-inside: avoid; }
figure img { display: block; width: 100%; max-width: 40rem; height: auto; }
figcaption { font-size: .85rem; max-width: 40rem; margin-top: .3rem; }
figcaption .data { white-space: nowrap; }
details { margin: 1rem 0; }
summary { cursor: pointer; color: var(--accent); }
pre { font-size: .75rem; line-height: 1.4; overflow-x: auto; background: #f5f7f9; padding: .8rem; }
.warning { border-left: 4px solid #b35c00; padding-left: .8rem; }
@media (max-width: 36rem) {
  body { padding: .6rem .8rem 3rem; }
  h1 { font-size: 1.4rem; }
  table { font-size: .76rem; }
  th, td { padding: .14rem .4rem; }
}
@media print {
  body { max-width: none; font-size: 10pt; padding: 0; }
  nav, figcaption .data { display: none; }
  .figures { display: block; }
  figure { display: grid; grid-template-columns: 11cm 1fr; gap: .6cm; align-items: center; margin: .3cm 0; }
  figcaption { font-size: 8pt; line-height: 1.35; }
  .notes { font-size: 7pt; line-height: 1.3; }
  h2 { margin-top: 1cm; }
  .scroll { overflow: visible; }
  table { font-size: 7pt; }
  th, td { padding: .1rem .3rem; }
  h2, caption { break-after: avoid; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
  details::details-content { content-visibility: visible; display: block; }
  pre { white-space: pre-wrap; font-size: 6.5pt; }
  a { color: inherit; text-decoration: none; }
}
)";

constexpr std::size_t long_table = 60;  // rows; longer ones are folded
constexpr std::size_t scenarios_shown = 30;

struct Section {
    const char *id, *title;
};
constexpr Section sections[] = {{"quality", "The data"},
                                {"efficiency", "Efficiency"},
                                {"productivity", "Productivity"},
                                {"index", "Indices"},
                                {"regression", "Regressions"},
                                {"curve", "How much the choices matter"},
                                {"paper", "Beside the published figures"},
                                {"bootstrap", "Bootstraps"},
                                {"placebo", "Placebo tests"},
                                {"sweep", "Scenarios"}};

std::string data_address(const char* type, const std::string& bytes) {
    return fmt::format("data:{};base64,{}", type, base64(bytes));
}

class Page {
  public:
    Page(Results results, const std::vector<ReportFigure>& figures, const ReportOptions& options)
        : results_(std::move(results)), figures_(figures), options_(options) {
        left_out_ = leave_out_curves(results_);
        leave_out_mediations(results_);
    }

    [[nodiscard]] std::string text() {
        std::string body, contents = "<li><a href=\"#summary\">Summary</a></li>\n";
        for (const auto& section : sections) {
            const std::string inside = contents_of(section.id);
            if (inside.empty()) continue;
            body += fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", section.id, section.title,
                                inside);
            contents += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", section.id, section.title);
        }
        contents += "<li><a href=\"#provenance\">Provenance</a></li>\n";
        return head() + "<nav aria-label=\"Sections\"><ul>\n" + contents + "</ul></nav>\n" + summary() +
               body + provenance() + "</body>\n</html>\n";
    }

  private:
    [[nodiscard]] std::string title() const {
        if (const ResultGroup* root = results_.find(""); root != nullptr) {
            for (const char* key : {"title", "study"}) {
                if (std::string text = text_attribute(*root, key); !text.empty()) return text;
            }
        }
        return options_.file;
    }

    [[nodiscard]] std::string head() const {
        const ResultGroup* facts = results_.find("provenance");
        const auto fact = [&](const char* key) {
            return facts == nullptr ? "" : text_attribute(*facts, key);
        };
        return fmt::format(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"generator\" content=\"Greenfront {}\">\n<link rel=\"icon\" href=\"data:,\">\n"
            "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<h1>{}</h1>\n"
            "<p class=\"facts\">{}, finished {}, by Greenfront {}; run {}.</p>\n",
            policy, html_text(fact("version")), html_text(title()), style_sheet, html_text(title()),
            html_text(options_.file), html_text(fact("finished")), html_text(fact("version")),
            html_text(fact("run_id")));
    }

    [[nodiscard]] std::string summary() const {
        const ReportSummary said = report_summary(results_);
        std::string out = "<section id=\"summary\">\n<h2>Summary</h2>\n";
        if (!options_.missing.empty())
            out += "<p class=\"warning\">" + html_text(options_.missing) + "</p>\n";
        out += "<ul class=\"summary\">\n";
        for (const auto& sentence : said.sentences) out += "<li>" + html_text(sentence) + "</li>\n";
        out += "</ul>\n";
        if (!said.coefficients.rows.empty()) out += shown(said.coefficients);
        if (left_out_ > 0) {
            out += fmt::format(
                "<p>{} stages that specification curves made are left out of the tables; the "
                "curves themselves show them.</p>\n",
                left_out_);
        }
        return out + "</section>\n";
    }

    [[nodiscard]] static std::string shown(const Table& table) {
        if (table.rows.empty()) return "";
        std::string text = html(table);
        if (table.rows.size() <= long_table) return text;
        return fmt::format("<details><summary>{} ({} rows)</summary>\n{}</details>\n", html_text(table.title),
                           table.rows.size(), text);
    }

    [[nodiscard]] std::string figures_of(const std::string& section) {
        std::string out;
        for (const auto& figure : figures_) {
            if (figure.section != section) continue;
            ++numbered_;
            out += fmt::format(
                "<figure id=\"figure-{}\">\n<img alt=\"{}\" src=\"{}\">\n<figcaption><strong>Figure {}. "
                "{}.</strong> {} <a class=\"data\" download=\"{}.csv\" href=\"{}\">Data (CSV)</a>"
                "</figcaption>\n</figure>\n",
                html_text(figure.name), html_text(figure.title + ". " + figure.caption),
                data_address("image/svg+xml", figure.svg), numbered_, html_text(figure.title),
                html_text(figure.caption), html_text(figure.name),
                data_address("text/csv;charset=utf-8", figure.csv));
        }
        return out.empty() ? "" : "<div class=\"figures\">\n" + out + "</div>\n";
    }

    [[nodiscard]] std::string tables_of(const std::string& section) const {
        std::string out;
        const auto add = [&](const char* kind) {
            if (!results_.under(kind).empty()) out += shown(table(results_, kind, options_.style));
        };
        if (section == "quality" && results_.find("panel") != nullptr)
            out += shown(descriptives_table(results_));
        if (section == "efficiency") add("dea");
        if (section == "regression") {
            for (const char* kind : {"regression", "first_stage", "difference", "mediation"}) add(kind);
        }
        for (const char* kind : {"productivity", "index", "curve", "bootstrap", "placebo"}) {
            if (section == kind) add(kind);
        }
        if (section == "paper" && !published_tables(results_).empty())
            out += shown(published_table(results_, "", options_.style));
        if (section == "sweep") {
            for (const auto* group : results_.under("sweep")) {
                // The scenarios of that design are points of a sample, not policies.
                const bool sample = group->find("sobol_first") != nullptr;
                out += shown(
                    ranking_table(results_, last_name(*group), sample ? "sensitivity" : "", scenarios_shown));
            }
        }
        return out;
    }

    [[nodiscard]] std::string contents_of(const std::string& section) {
        std::string figures = figures_of(section);
        return figures + tables_of(section);
    }

    [[nodiscard]] std::string provenance() const {
        const ResultGroup* group = results_.find("provenance");
        if (group == nullptr) return "";
        Table facts;
        facts.header = {"What", "Value"};
        facts.left = {true, true};
        for (const auto& [name, value] : group->attributes) {
            if (name == "study") continue;
            const std::string text = text_attribute(*group, name);
            const bool whole = std::holds_alternative<std::int64_t>(value);
            facts.rows.push_back({name, whole ? count(number_attribute(*group, name)) : text});
        }
        return "<section id=\"provenance\">\n<h2>Provenance</h2>\n<div class=\"provenance\">" + html(facts) +
               "</div>\n<details><summary>The study, with all defaults filled in</summary>\n<pre>" +
               html_text(text_attribute(*group, "study")) + "</pre></details>\n</section>\n";
    }

    Results results_;
    const std::vector<ReportFigure>& figures_;
    const ReportOptions& options_;
    std::size_t left_out_ = 0;
    int numbered_ = 0;
};

}  // namespace

std::string report_page(Results results, const std::vector<ReportFigure>& figures,
                        const ReportOptions& options) {
    return Page(std::move(results), figures, options).text();
}

}  // namespace greenfront::io

#pragma once
#include <string>
#include <vector>

#include "engine/results.hpp"
#include "io/table.hpp"

namespace greenfront::io {

/// A figure that scripts/figures has drawn.
struct ReportFigure {
    std::string name;     ///< of its files, without ending
    std::string section;  ///< quality, efficiency, productivity, index, regression, curve, paper, bootstrap,
                          ///< placebo or sweep
    std::string title, caption;
    std::string svg, csv;  ///< contents of its files
};

struct ReportOptions {
    std::string file;     ///< the result file, as the reader may call it
    std::string missing;  ///< why there are no figures; empty: there are
    Style style;
};

/// One HTML page that needs nothing else: tables of io/table.hpp, figures as images inside the page with
/// their data, no script. Its content security policy forbids scripts and every request. All text of the
/// results is escaped.
[[nodiscard]] std::string report_page(Results results, const std::vector<ReportFigure>& figures,
                                      const ReportOptions& options);

/// What the page says first: size of the panel, efficiency, the first coefficient of each regression, tests,
/// best scenarios.
struct ReportSummary {
    std::vector<std::string> sentences;
    Table coefficients;  ///< no rows: no regression
};
[[nodiscard]] ReportSummary report_summary(const Results& results);

}  // namespace greenfront::io

#include "io/published_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

#include "io/csv_number.hpp"
#include "io/csv_text.hpp"
#include "io/file.hpp"
#include "kernels/error.hpp"
#include "scenarios/panel.hpp"

namespace greenfront::io {

extern const char* const embedded_huang2025;  // published_embedded.cpp.in

namespace {

constexpr std::string_view prefix = "embedded:";
constexpr std::array<const char*, 8> keys{"table",     "column", "stage", "term",
                                          "statistic", "value",  "stars", "tolerance"};

std::string content(const std::string& file) {
    if (!embedded_figures(file)) return read_bytes(file);
    const std::string name = file.substr(prefix.size());
    if (name == "huang2025") return embedded_huang2025;
    throw Error(Fault::study, fmt::format("published.file \"{}\": embedded figures are huang2025 only; name "
                                          "it, or a CSV file",
                                          file));
}

/// Digits behind the point, as printed.
std::int64_t decimals_of(std::string_view number) {
    const std::size_t point = number.find('.');
    if (point == std::string_view::npos) return 0;
    const std::size_t end = std::min(number.find_first_of("eE"), number.size());
    return static_cast<std::int64_t>(end - point - 1);
}

/// Position of each key's column; term, stars and tolerance may be absent.
std::map<std::string, std::size_t> columns_of(const SplitFile& split, const std::string& file,
                                              Problems& problems) {
    std::map<std::string, std::size_t> at;
    const std::vector<std::string> known(keys.begin(), keys.end());
    for (std::size_t c = 0; c < split.header.size(); ++c) {
        const std::string name(split.text(split.header[c]));
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            problems.add(fmt::format("{}: unknown column \"{}\"; the columns are {}", file, name,
                                     fmt::join(known, ", ")));
        } else if (!at.emplace(name, c).second) {
            problems.add(fmt::format("{}: two columns \"{}\"; keep one", file, name));
        }
    }
    for (const char* needed : {"table", "column", "stage", "statistic", "value"}) {
        if (!at.contains(needed))
            problems.add(fmt::format("{}: the column \"{}\" is missing; add it", file, needed));
    }
    return at;
}

/// One record; what is wrong goes to `problems`.
class Record {
  public:
    Record(const SplitFile& split, const std::map<std::string, std::size_t>& at, std::size_t row,
           const std::string& file, Problems& problems)
        : split_(split), at_(at), row_(row), file_(file), problems_(problems) {}

    PublishedFigure read() {
        PublishedFigure figure;
        figure.table = needed("table");
        figure.column = needed("column");
        figure.stage = needed("stage");
        figure.term = text("term");
        figure.statistic = needed("statistic");
        const std::string number = needed("value");
        const ParsedNumber parsed = parse_number(number);
        if (!number.empty() && parsed.kind != NumberKind::number)
            complain(fmt::format("value \"{}\" is no number; write it as printed, such as -0.057", number));
        figure.value = parsed.value;
        figure.decimals = decimals_of(number);
        figure.stars = text("stars");
        if (figure.stars != "none" && figure.stars.find_first_not_of('*') != std::string::npos)
            complain(fmt::format("stars \"{}\": write *, **, ***, or none", figure.stars));
        figure.tolerance = text("tolerance");
        try {
            (void)parse_tolerance(figure.tolerance);
        } catch (const std::invalid_argument& error) {
            complain(error.what());
        }
        return figure;
    }

  private:
    [[nodiscard]] std::string text(const char* key) const {
        const auto found = at_.find(key);
        return found == at_.end() ? "" : std::string(split_.text(split_.cell(row_, found->second)));
    }
    std::string needed(const char* key) {
        std::string value = text(key);
        if (value.empty()) complain(fmt::format("{} is empty", key));
        return value;
    }
    void complain(const std::string& what) {
        problems_.add(fmt::format("{}:{}: {}", file_, split_.line[row_], what));
    }

    const SplitFile& split_;
    const std::map<std::string, std::size_t>& at_;
    std::size_t row_;
    const std::string& file_;
    Problems& problems_;
};

}  // namespace

bool embedded_figures(const std::string& file) {
    return file.starts_with(prefix);
}

std::vector<PublishedFigure> read_published(const std::string& file) {
    std::string bytes = content(file);
    require_utf8(file, bytes);
    Problems problems(Fault::data);
    const SplitFile split = split_csv(file, std::move(bytes), problems);
    const auto at = columns_of(split, file, problems);
    problems.throw_if_any();
    std::vector<PublishedFigure> figures;
    std::map<std::string, std::size_t> line;
    for (std::size_t row = 0; row < split.records(); ++row) {
        PublishedFigure figure = Record(split, at, row, file, problems).read();
        const std::string place = fmt::format("{}\n{}\n{}\n{}\n{}", figure.table, figure.column, figure.stage,
                                              figure.term, figure.statistic);
        const auto [first, is_new] = line.emplace(place, split.line[row]);
        if (!is_new)
            problems.add(fmt::format("{}:{}: the figure of line {} again; keep one", file, split.line[row],
                                     first->second));
        figures.push_back(std::move(figure));
    }
    if (figures.empty()) problems.add(fmt::format("{}: no figure; add a line below the header", file));
    const auto errors = published_errors(figures);
    for (std::size_t i = 0; i < figures.size(); ++i) {
        if (parse_tolerance(problems.any() ? "" : figures[i].tolerance).kind == Tolerance::Kind::std_errors &&
            !(errors[i] > 0))
            problems.add(
                fmt::format("{}:{}: tolerance {} of a figure without a published standard error; add "
                            "the line with statistic std_error, or choose another tolerance",
                            file, split.line[i], figures[i].tolerance));
    }
    problems.throw_if_any();
    return figures;
}

std::string published_hash(const std::string& file) {
    const std::string bytes = content(file);
    return fmt::format("{:016x}", XXH64(bytes.data(), bytes.size(), 0));
}

}  // namespace greenfront::io

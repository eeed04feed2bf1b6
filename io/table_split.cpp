// Tables taken apart: by columns for paper and screen, by groups of a result file.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "io/table_access.hpp"
#include "kernels/error.hpp"
#include "scenarios/nearest.hpp"
#include "scenarios/panel.hpp"

namespace greenfront::io {
namespace {

bool is_left(const Table& table, std::size_t column) {
    return column < table.left.size() ? table.left[column] : column == 0;
}

/// Columns that name the rows: the first ones up to the last of the first three that is aligned left.
std::size_t naming_columns(const Table& table) {
    std::size_t count = 0;
    for (std::size_t c = 0; c < std::min<std::size_t>(3, table.header.size()); ++c) {
        if (is_left(table, c)) count = c + 1;
    }
    return std::max<std::size_t>(1, count);
}

constexpr std::size_t longest_counted = 30;  // a rare long text wraps or scrolls

/// Characters of the widest cells, with the gaps between columns.
std::size_t width(const Table& table) {
    std::vector<std::size_t> widths(table.header.size(), 0);
    const auto widen = [&](const std::vector<std::string>& cells) {
        for (std::size_t c = 0; c < std::min(widths.size(), cells.size()); ++c)
            widths[c] = std::max(widths[c], std::min(longest_counted, trimmed(cells[c]).size()));
    };
    widen(table.header);
    for (const auto& row : table.rows) widen(row);
    std::size_t total = 0;
    for (const std::size_t w : widths) total += w + 3;
    return total;
}

}  // namespace

std::vector<Table> split_columns(const Table& table, std::size_t most) {
    const std::size_t naming = naming_columns(table), all = table.header.size();
    if (all <= naming + most) return {table};
    // As many in each block as there are blocks for, so that the last is no stump.
    const std::size_t numbers = all - naming, blocks = (numbers + most - 1) / most;
    const std::size_t width = (numbers + blocks - 1) / blocks;
    std::vector<Table> result;
    for (std::size_t first = naming; first < all; first += width) {
        const std::size_t end = std::min(all, first + width);
        Table block;
        block.title = result.empty() ? table.title : table.title + " (continued)";
        const auto chosen = [&](const std::vector<std::string>& cells) {
            std::vector<std::string> own;
            for (std::size_t c = 0; c < std::min(naming, cells.size()); ++c) own.push_back(cells[c]);
            for (std::size_t c = first; c < std::min(end, cells.size()); ++c) own.push_back(cells[c]);
            return own;
        };
        block.header = chosen(table.header);
        for (std::size_t c = 0; c < naming; ++c) block.left.push_back(is_left(table, c));
        for (std::size_t c = first; c < end; ++c) block.left.push_back(is_left(table, c));
        std::size_t next_rule = 0;
        for (std::size_t r = 0; r < table.rows.size(); ++r) {
            if (next_rule < table.rules.size() && table.rules[next_rule] == r) {
                if (block.rules.empty() || block.rules.back() != block.rows.size())
                    block.rules.push_back(block.rows.size());
                ++next_rule;
            }
            auto cells = chosen(table.rows[r]);
            const bool says =
                std::any_of(cells.begin() + static_cast<std::ptrdiff_t>(std::min(naming, cells.size())),
                            cells.end(), [](const std::string& cell) { return !cell.empty(); });
            const bool everywhere = table.rows[r].size() <= naming;
            if (says || everywhere) block.rows.push_back(std::move(cells));
        }
        result.push_back(std::move(block));
    }
    result.back().notes = table.notes;
    return result;
}

std::vector<Table> split_to_width(const Table& table, std::size_t characters) {
    for (std::size_t most = table.header.size(); most > 1; --most) {
        auto blocks = split_columns(table, most);
        if (std::all_of(blocks.begin(), blocks.end(),
                        [&](const Table& block) { return width(block) <= characters; }))
            return blocks;
        // The next number of columns that makes narrower blocks.
        most = std::min(most, blocks.front().header.size() - naming_columns(table));
    }
    return split_columns(table, 1);
}

void keep_only(Results& results, const std::string& kind, const std::vector<std::string>& names) {
    std::vector<std::string> known;
    for (const auto* group : results.under(kind)) known.push_back(last_name(*group));
    std::vector<ResultGroup> kept;
    for (const auto& name : names) {
        const auto* group = results.find(kind + "/" + name);
        if (group == nullptr) {
            throw Error(Fault::usage, fmt::format("there is no {}/{}{}; the results have {}", kind, name,
                                                  did_you_mean(name, known), fmt::join(known, ", ")));
        }
        kept.push_back(*group);
    }
    std::erase_if(results.groups,
                  [&](const ResultGroup& group) { return group.path.starts_with(kind + "/"); });
    for (auto& group : kept) results.groups.push_back(std::move(group));
}

}  // namespace greenfront::io

#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/efficiency.hpp"
#include "engine/results.hpp"
#include "kernels/error.hpp"

/// A group /dea/NAME of a result file as the analysis that it came from.
namespace greenfront::verify {

/// A file that no run of this program writes.
[[nodiscard]] Error damaged(const std::string& what);

/// A group, read by name; what is missing or of another length is an error that names it.
class Reader {
  public:
    explicit Reader(const ResultGroup& group) : group_(group) {}

    /// Null where there is none.
    [[nodiscard]] const AttributeValue* find_attribute(const std::string& name) const {
        return group_.attribute(name);
    }
    [[nodiscard]] bool has(const std::string& name) const { return group_.find(name) != nullptr; }
    template <class T>
    [[nodiscard]] const std::vector<T>& values(const std::string& name) const {
        const Variable* variable = group_.find(name);
        if (variable == nullptr) throw missing(name);
        const auto* values = std::get_if<std::vector<T>>(&variable->values);
        if (values == nullptr) throw missing(name);
        return *values;
    }
    template <class T>
    [[nodiscard]] const std::vector<T>& values(const std::string& name, std::size_t length) const {
        const auto& found = values<T>(name);
        if (found.size() != length) throw wrong_length(name, found.size(), length);
        return found;
    }
    template <class T>
    [[nodiscard]] T attribute(const std::string& name) const {
        const AttributeValue* value = group_.attribute(name);
        if (value == nullptr || !std::holds_alternative<T>(*value)) throw missing(name);
        return std::get<T>(*value);
    }
    template <class T>
    [[nodiscard]] T attribute_or(const std::string& name, T otherwise) const {
        const AttributeValue* value = group_.attribute(name);
        return value != nullptr && std::holds_alternative<T>(*value) ? std::get<T>(*value) : otherwise;
    }

  private:
    [[nodiscard]] static Error missing(const std::string& name);
    [[nodiscard]] static Error wrong_length(const std::string& name, std::size_t found, std::size_t expected);
    const ResultGroup& group_;
};

/// Peers of one row, by row of the reference panel.
struct RowPeers {
    std::vector<std::size_t> row;
    std::vector<double> lambda, idle;
};

/// The settings, the panel's rows and the peers of one analysis.
struct Stored {
    Stored(const Results& results, const ResultGroup& source);

    Reader group;
    DeaChoice choice;
    std::size_t periods = 0, cells = 0;  ///< of the grid unit x time
    Panel panel;                         ///< rows in the order of unit and time
    std::vector<std::size_t> cell;       ///< of each panel row its place on the grid
    std::vector<std::int64_t> row_at;    ///< of each place its panel row, or -1
    std::vector<char> used;              ///< of each panel row, as the file says
    bool has_other = false;              ///< the reference rows are from another panel
    Panel other;
    std::vector<RowPeers> peers;  ///< of each panel row

    [[nodiscard]] const Panel& reference() const { return has_other ? other : panel; }
    [[nodiscard]] std::string place(const Panel& of, std::size_t row) const;

  private:
    void read_panel(const Results& results);
    void read_reference();
    void read_peers();
    void check_weights() const;
};

}  // namespace greenfront::verify

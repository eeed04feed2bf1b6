#include <fmt/format.h>
#include <readstat.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "io/dta.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

constexpr std::size_t longest_name = 32, longest_label = 80;  // characters, Stata's limits
constexpr std::size_t longest_short_string = 2045;            // bytes of str#; longer texts are strL
constexpr std::size_t most_variables = 32767;
constexpr std::int64_t largest_long = 2147483620, smallest_long = -2147483647;
constexpr int format = 118;  // the first with UTF-8 text

void require(readstat_error_t result, const std::string& what) {
    if (result == READSTAT_OK) return;
    throw Error(Fault::data, fmt::format("the table cannot be a Stata file: {}: {}; export it as csv", what,
                                         readstat_error_message(result)));
}

/// Words that Stata keeps for itself.
const std::set<std::string>& reserved() {
    static const std::set<std::string> words{"_all",  "_b",  "byte",  "_coef", "_cons", "double", "float",
                                             "if",    "in",  "int",   "long",  "_n",    "_N",     "_pi",
                                             "_pred", "_rc", "_skip", "using", "with",  "strL"};
    return words;
}

/// Letters, digits and _, at most 32, different from `taken` without regard to case.
std::string stata_name(const std::string& name, std::set<std::string>& taken) {
    std::string clean;
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (plain) {
            clean += c;
        } else if (!clean.empty() && clean.back() != '_') {
            clean += '_';
        }
    }
    while (!clean.empty() && clean.back() == '_') clean.pop_back();
    if (clean.empty()) clean = "v";
    if (clean[0] >= '0' && clean[0] <= '9') clean = "v" + clean;
    // str1 to str2045 are types, and ReadStat takes no name that begins like one.
    const bool string_type =
        clean.starts_with("str") && clean.size() > 3 && clean[3] >= '0' && clean[3] <= '9';
    if (string_type) clean = "v" + clean;
    if (reserved().contains(clean)) clean += "_";
    const auto folded = [](std::string text) {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        return text;
    };
    std::string result = clean.substr(0, longest_name);
    for (int copy = 2; !taken.insert(folded(result)).second; ++copy) {
        const std::string ending = fmt::format("_{}", copy);
        result = clean.substr(0, longest_name - ending.size()) + ending;
    }
    return result;
}

/// The first characters of UTF-8 text, none cut in two.
std::string shortened(const std::string& text, std::size_t characters) {
    std::size_t seen = 0, end = 0;
    for (; end < text.size(); ++end) {
        const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
        if (starts && seen++ == characters) break;
    }
    return text.substr(0, end);
}

ssize_t append(const void* data, std::size_t length, void* context) {
    try {
        static_cast<std::string*>(context)->append(static_cast<const char*>(data), length);
    } catch (const std::bad_alloc&) {
        return -1;
    }
    return static_cast<ssize_t>(length);
}

class Writer {
  public:
    Writer(const LongTable& table, const DtaFacts& facts)
        : table_(table), writer_(readstat_writer_init(), readstat_writer_free) {
        if (!writer_) throw std::bad_alloc();
        if (table.columns.size() > most_variables) {
            throw Error(Fault::data,
                        fmt::format("the table has {} columns, more than the {} of a Stata file; "
                                    "export it as csv",
                                    table.columns.size(), most_variables));
        }
        readstat_set_data_writer(writer_.get(), append);
        readstat_writer_set_file_format_version(writer_.get(), format);
        readstat_writer_set_file_label(writer_.get(), shortened(facts.title, longest_label).c_str());
        readstat_writer_set_file_timestamp(writer_.get(), facts.written);
        std::set<std::string> taken;
        for (std::size_t c = 0; c < table.columns.size(); ++c) add_variable(c, taken);
    }

    [[nodiscard]] DtaFile written() {
        const std::size_t rows = table_.rows();
        require(readstat_begin_writing_dta(writer_.get(), &file_.bytes, static_cast<long>(rows)), "its head");
        for (std::size_t r = 0; r < rows; ++r) {
            require(readstat_begin_row(writer_.get()), "its rows");
            for (std::size_t c = 0; c < variables_.size(); ++c) {
                require(insert(c, r), fmt::format("column {}, row {}", table_.header[c], r + 1));
            }
            require(readstat_end_row(writer_.get()), "its rows");
        }
        require(readstat_end_writing(writer_.get()), "its end");
        if (infinite_ > 0) {
            file_.notes.push_back(fmt::format(
                "{} infinite numbers are missing in the Stata file, which cannot hold them", infinite_));
        }
        return std::move(file_);
    }

  private:
    [[nodiscard]] const std::vector<std::string>& words(std::size_t c) const {
        static const std::vector<std::string> none;
        return c < table_.meanings.size() ? table_.meanings[c] : none;
    }

    void add_variable(std::size_t c, std::set<std::string>& taken) {
        const std::string name = stata_name(table_.header[c], taken);
        std::string label = c < table_.labels.size() ? table_.labels[c] : "";
        if (label.empty()) label = table_.header[c];
        if (name != table_.header[c] && label.find(table_.header[c]) == std::string::npos)
            label = fmt::format("{}: {}", table_.header[c], label);
        types_.push_back(type(c));
        const std::size_t width = types_[c] == READSTAT_TYPE_STRING ? longest(c) : 0;
        readstat_variable_t* variable = readstat_add_variable(writer_.get(), name.c_str(), types_[c], width);
        readstat_variable_set_label(variable, shortened(label, longest_label).c_str());
        if (!words(c).empty()) {
            readstat_label_set_t* set =
                readstat_add_label_set(writer_.get(), READSTAT_TYPE_INT32, name.c_str());
            for (std::size_t k = 0; k < words(c).size(); ++k)
                readstat_label_int32_value(set, static_cast<std::int32_t>(k), words(c)[k].c_str());
            readstat_variable_set_label_set(variable, set);
        }
        variables_.push_back(variable);
        references_.emplace_back();
        if (types_[c] != READSTAT_TYPE_STRING_REF) return;
        for (const auto& text : std::get<std::vector<std::string>>(table_.columns[c]))
            references_[c].push_back(readstat_add_string_ref(writer_.get(), text.c_str()));
    }

    [[nodiscard]] std::size_t longest(std::size_t c) const {
        std::size_t most = 1;
        if (const auto* texts = std::get_if<std::vector<std::string>>(&table_.columns[c])) {
            for (const auto& text : *texts) most = std::max(most, text.size());
        }
        return most;
    }
    [[nodiscard]] readstat_type_t type(std::size_t c) const {
        const Values& column = table_.columns[c];
        if (!words(c).empty() || std::holds_alternative<std::vector<std::int8_t>>(column))
            return READSTAT_TYPE_INT32;
        if (std::holds_alternative<std::vector<double>>(column)) return READSTAT_TYPE_DOUBLE;
        if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&column)) {
            const bool fits = std::all_of(whole->begin(), whole->end(), [](std::int64_t x) {
                return x >= smallest_long && x <= largest_long;
            });
            return fits ? READSTAT_TYPE_INT32 : READSTAT_TYPE_DOUBLE;
        }
        return longest(c) <= longest_short_string ? READSTAT_TYPE_STRING : READSTAT_TYPE_STRING_REF;
    }

    readstat_error_t insert_real(const readstat_variable_t* variable, double value) {
        // Beyond this, Stata's doubles are its missing values.
        constexpr double largest = 8.9884656743e307;
        if (std::isinf(value) || std::abs(value) >= largest) ++infinite_;
        if (!(std::abs(value) < largest)) return readstat_insert_missing_value(writer_.get(), variable);
        return readstat_insert_double_value(writer_.get(), variable, value);
    }

    readstat_error_t insert(std::size_t c, std::size_t r) {
        const readstat_variable_t* variable = variables_[c];
        const Values& column = table_.columns[c];
        if (const auto* reals = std::get_if<std::vector<double>>(&column))
            return insert_real(variable, (*reals)[r]);
        if (const auto* small = std::get_if<std::vector<std::int8_t>>(&column))
            return readstat_insert_int32_value(writer_.get(), variable, (*small)[r]);
        if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&column)) {
            return types_[c] == READSTAT_TYPE_DOUBLE
                       ? readstat_insert_double_value(writer_.get(), variable,
                                                      static_cast<double>((*whole)[r]))
                       : readstat_insert_int32_value(writer_.get(), variable,
                                                     static_cast<std::int32_t>((*whole)[r]));
        }
        const std::string& text = std::get<std::vector<std::string>>(column)[r];
        if (types_[c] == READSTAT_TYPE_STRING_REF)
            return readstat_insert_string_ref(writer_.get(), variable, references_[c][r]);
        if (words(c).empty()) return readstat_insert_string_value(writer_.get(), variable, text.c_str());
        const auto found = std::find(words(c).begin(), words(c).end(), text);
        return found == words(c).end()
                   ? readstat_insert_missing_value(writer_.get(), variable)
                   : readstat_insert_int32_value(writer_.get(), variable,
                                                 static_cast<std::int32_t>(found - words(c).begin()));
    }

    const LongTable& table_;
    std::unique_ptr<readstat_writer_t, decltype(&readstat_writer_free)> writer_;
    std::vector<readstat_variable_t*> variables_;
    std::vector<readstat_type_t> types_;
    std::vector<std::vector<readstat_string_ref_t*>> references_;  ///< by column and row, of long texts
    std::size_t infinite_ = 0;
    DtaFile file_;
};

}  // namespace

DtaFile dta(const LongTable& table, const DtaFacts& facts) {
    return Writer(table, facts).written();
}

}  // namespace greenfront::io

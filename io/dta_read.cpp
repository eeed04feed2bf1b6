#include <fmt/format.h>
#include <readstat.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <memory>

#include "io/csv_text.hpp"
#include "io/dta.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

constexpr std::string_view xml_start = "<stata_dta>", xml_end = "</stata_dta>";

/// The bytes of the file, as ReadStat asks for them.
struct Source {
    std::string_view bytes;
    std::size_t at = 0;
};

int open_source(const char*, void*) {
    return 0;
}
int close_source(void*) {
    return 0;
}
readstat_off_t seek_source(readstat_off_t offset, readstat_io_flags_t whence, void* context) {
    auto& source = *static_cast<Source*>(context);
    const auto size = static_cast<readstat_off_t>(source.bytes.size());
    const readstat_off_t from = whence == READSTAT_SEEK_SET   ? 0
                                : whence == READSTAT_SEEK_CUR ? static_cast<readstat_off_t>(source.at)
                                                              : size;
    if (offset < -from || offset > size - from) return -1;
    source.at = static_cast<std::size_t>(from + offset);
    return from + offset;
}
ssize_t read_source(void* buffer, std::size_t count, void* context) {
    auto& source = *static_cast<Source*>(context);
    const std::size_t given = std::min(count, source.bytes.size() - source.at);
    if (given == 0) return 0;  // and `buffer` may be null: a file may say that it has none of something
    if (buffer == nullptr) return -1;
    std::memcpy(buffer, source.bytes.data() + source.at, given);
    source.at += given;
    return static_cast<ssize_t>(given);
}

/// What the file says, variable by variable.
struct Contents {
    std::vector<Column> columns;
    std::vector<std::string> label_set;  ///< of each column; empty: none
    std::map<std::string, std::map<double, std::string>> sets;
    std::size_t rows = 0;
    std::size_t set_name_size =
        0;  ///< bytes that the file has for a name of value labels, a zero at its end included
    const char* problem = nullptr;
};

/// ReadStat hands these names out where they stand, whether they end or not.
std::size_t set_name_size(std::string_view bytes) {
    if (bytes.starts_with(xml_start)) return bytes.find("<release>117<") < 100 ? 33 : 129;
    return static_cast<unsigned char>(bytes[0]) < 110 ? 9 : 33;
}

/// The callbacks run below C code, through which no exception may pass.
template <class Action>
int guarded(void* context, Action action) {
    auto& contents = *static_cast<Contents*>(context);
    try {
        action(contents);
    } catch (const std::bad_alloc&) {
        contents.problem = "there is not enough memory for it";
    } catch (const std::exception&) {
        contents.problem = "its parts contradict each other";
    }
    return contents.problem == nullptr ? READSTAT_HANDLER_OK : READSTAT_HANDLER_ABORT;
}

int take_metadata(readstat_metadata_t* metadata, void* context) {
    return guarded(context, [&](Contents& contents) {
        contents.rows = static_cast<std::size_t>(std::max(0, readstat_get_row_count(metadata)));
    });
}

int take_variable(int, readstat_variable_t* variable, const char* value_labels, void* context) {
    return guarded(context, [&](Contents& contents) {
        Column column;
        const char* name = readstat_variable_get_name(variable);
        if (name == nullptr) {
            contents.problem = "a variable has no name";
            return;
        }
        const std::size_t length =
            value_labels == nullptr ? 0 : ::strnlen(value_labels, contents.set_name_size);
        if (length == contents.set_name_size) {
            contents.problem = "a name of value labels has no end";
            return;
        }
        column.name = name;
        column.text = readstat_variable_get_type_class(variable) == READSTAT_TYPE_CLASS_STRING;
        contents.columns.push_back(std::move(column));
        contents.label_set.push_back(length == 0 ? "" : std::string(value_labels, length));
    });
}

int take_value(int row, readstat_variable_t* variable, readstat_value_t value, void* context) {
    return guarded(context, [&](Contents& contents) {
        Column& column = contents.columns.at(static_cast<std::size_t>(readstat_variable_get_index(variable)));
        const auto r = static_cast<std::size_t>(row);
        if (column.text) {
            if (column.label.size() != r) throw std::out_of_range("row");
            const char* text = readstat_string_value(value);
            column.label.emplace_back(text == nullptr ? "" : text);
        } else {
            if (column.number.size() != r) throw std::out_of_range("row");
            column.number.push_back(readstat_value_is_missing(value, variable) != 0
                                        ? std::numeric_limits<double>::quiet_NaN()
                                        : readstat_double_value(value));
        }
    });
}

int take_label(const char* set, readstat_value_t value, const char* label, void* context) {
    return guarded(context, [&](Contents& contents) {
        if (readstat_value_is_tagged_missing(value) != 0 || readstat_value_is_system_missing(value) != 0)
            return;
        contents.sets[set][readstat_double_value(value)] = label == nullptr ? "" : label;
    });
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw Error(Fault::data, fmt::format("{}: {}", path, why));
}

Contents parsed(const std::string& path, const std::string& bytes) {
    // ReadStat stops after what it wants; a file that lost its end has lost value labels.
    if (bytes.starts_with(xml_start) &&
        bytes.find(xml_end, bytes.size() - std::min<std::size_t>(bytes.size(), 64)) == std::string::npos)
        refuse(path, "is a damaged Stata file: its end is missing; copy it again from its source");
    Source source{bytes};
    Contents contents;
    contents.set_name_size = set_name_size(bytes);
    const std::unique_ptr<readstat_parser_t, decltype(&readstat_parser_free)> parser(readstat_parser_init(),
                                                                                     readstat_parser_free);
    if (!parser) throw std::bad_alloc();
    readstat_set_open_handler(parser.get(), open_source);
    readstat_set_close_handler(parser.get(), close_source);
    readstat_set_seek_handler(parser.get(), seek_source);
    readstat_set_read_handler(parser.get(), read_source);
    readstat_set_io_ctx(parser.get(), &source);
    readstat_set_metadata_handler(parser.get(), take_metadata);
    readstat_set_variable_handler(parser.get(), take_variable);
    readstat_set_value_handler(parser.get(), take_value);
    readstat_set_value_label_handler(parser.get(), take_label);
    // Text as it stands: formats before 118 do not say their encoding, and a guess would garble names.
    readstat_set_handler_character_encoding(parser.get(), nullptr);
    const readstat_error_t result = readstat_parse_dta(parser.get(), path.c_str(), &contents);
    const char* problem = contents.problem != nullptr ? contents.problem
                          : result != READSTAT_OK     ? readstat_error_message(result)
                                                      : nullptr;
    if (problem != nullptr) {
        refuse(path, fmt::format("cannot be read as a Stata file ({}); save it again in Stata (save, or "
                                 "saveold for a format that others know)",
                                 problem));
    }
    for (const auto& column : contents.columns) {
        if ((column.text ? column.label.size() : column.number.size()) != contents.rows)
            refuse(path, "is a damaged Stata file: it breaks off; copy it again from its source");
    }
    return contents;
}

void require_utf8_text(const std::string& path, const std::string& text, const std::string& where) {
    if (is_utf8(text)) return;
    refuse(path, fmt::format("{}: the text is not UTF-8: Stata 13 and older stored the computer's own "
                             "encoding. In Stata 14 or later convert the file (clear; unicode encoding set "
                             "gb18030 - or windows-1252; unicode translate FILE) and save it again",
                             where));
}

/// The text of the value labels, where each value has one.
void label_column(Column& column, const std::map<double, std::string>& words) {
    const bool complete = std::all_of(column.number.begin(), column.number.end(),
                                      [&](double x) { return std::isnan(x) || words.contains(x); });
    if (!complete) return;
    column.text = true;
    for (const double x : column.number) column.label.push_back(std::isnan(x) ? "" : words.at(x));
    column.number.clear();
}

}  // namespace

bool is_dta(std::string_view bytes) {
    if (bytes.starts_with(xml_start)) return true;
    // Formats up to 115: version, byte order (1 or 2), file type 1, a zero or what happened to be there.
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    return bytes.size() > 4 && byte(0) >= 104 && byte(0) <= 115 && (byte(1) == 1 || byte(1) == 2) &&
           byte(2) == 1;
}

std::vector<Column> read_dta(const std::string& path, const std::string& bytes,
                             const std::vector<std::string>& labels) {
    Contents contents = parsed(path, bytes);
    if (contents.columns.empty()) refuse(path, "has no variables");
    if (contents.rows == 0) refuse(path, "has variables but no observations");
    for (std::size_t c = 0; c < contents.columns.size(); ++c) {
        Column& column = contents.columns[c];
        require_utf8_text(path, column.name, fmt::format("name of variable {}", c + 1));
        for (std::size_t r = 0; r < column.label.size(); ++r) {
            require_utf8_text(path, column.label[r],
                              fmt::format("variable \"{}\", observation {}", column.name, r + 1));
        }
        const auto set = contents.sets.find(contents.label_set[c]);
        const bool wanted = std::find(labels.begin(), labels.end(), column.name) != labels.end();
        if (column.text || !wanted || set == contents.sets.end()) continue;
        label_column(column, set->second);
        for (const auto& text : column.label)
            require_utf8_text(path, text, fmt::format("value labels of \"{}\"", column.name));
    }
    return std::move(contents.columns);
}

}  // namespace greenfront::io

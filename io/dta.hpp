#pragma once
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "io/long_table.hpp"
#include "scenarios/panel.hpp"

/// Stata's files, through ReadStat.
namespace greenfront::io {

/// Whether bytes begin as a Stata file does (formats 104 to 119).
[[nodiscard]] bool is_dta(std::string_view bytes);

/// The variables of a Stata file as columns. Numbers stay numbers, value labels or not, as Stata's own
/// commands take them; ., .a to .z and empty strings are missing. Variables in `labels` become the text of
/// their value labels where each of their values has one. Text must be UTF-8: what Stata 13 and older
/// stored in another encoding is Error(data) with the way out, as is a damaged file. `path` is for messages.
[[nodiscard]] std::vector<Column> read_dta(const std::string& path, const std::string& bytes,
                                           const std::vector<std::string>& labels);

struct DtaFacts {
    std::string title;  ///< the file's label
    std::time_t written = 0;
};
struct DtaFile {
    std::string bytes;
    std::vector<std::string> notes;  ///< what Stata cannot hold and how it was written
};
/// A table as a Stata file (format 118, Stata 14 and later): variable labels, value labels of categories
/// (codes from 0, missing .). Names become Stata's (letters, digits, _; 32 at most; all different) and the
/// labels keep the old ones. Throws Error(data) where the table has more than Stata can take.
[[nodiscard]] DtaFile dta(const LongTable& table, const DtaFacts& facts);

}  // namespace greenfront::io

#pragma once
#include <array>
#include <string_view>

/// What the fuzzers (fuzzer.cpp) and the replay of their corpora (test_corpus.cpp) share: every reader of
/// bytes that strangers write. A target reads `bytes` as its reader would a file and returns; errors for
/// users are what a reader may throw, anything else (another exception, a crash, a promise that does not
/// hold) is a finding.
namespace greenfront::fuzz {

struct Target {
    const char* name;  ///< of the fuzzer and of its folder in corpus/
    /// Whether the bytes were accepted. Throws std::logic_error where a promise does not hold.
    bool (*read)(std::string_view);
};

bool read_csv_panel(std::string_view bytes);        ///< what is read, is written and read back the same
bool read_study_file(std::string_view bytes);       ///< what is read, is written and read back the same
bool read_formula_text(std::string_view bytes);     ///< parsed, and its design built on a small panel
bool read_expression_text(std::string_view bytes);  ///< evaluated and as a selector, on a small panel
bool read_part_file(std::string_view bytes);        ///< what is decoded has these very bytes
bool read_results_file(std::string_view bytes);
bool read_dta_file(std::string_view bytes);
bool read_failed_file(std::string_view bytes);  ///< and written again

inline constexpr std::array<Target, 8> targets{{{"csv", read_csv_panel},
                                                {"study", read_study_file},
                                                {"formula", read_formula_text},
                                                {"expression", read_expression_text},
                                                {"part", read_part_file},
                                                {"results", read_results_file},
                                                {"dta", read_dta_file},
                                                {"failed", read_failed_file}}};

}  // namespace greenfront::fuzz

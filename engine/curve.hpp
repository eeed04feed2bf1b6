#pragma once
#include "engine/study.hpp"

/// Specification curves: [curve.NAME] lists alternatives to choices of a study; each combination becomes
/// stages of its own, so that every score of a curve is stored, proved and shown as any other.
namespace greenfront {

/// The study with the dea, index and regression stages of its curves behind its own, and `made` filled in.
/// Throws Error(Fault::study) with a line for each curve that cannot be made.
[[nodiscard]] Study expand_curves(const Study& study);

/// "[super-]MODEL[:DISPOSABILITY]" of a curve.
struct ModelWord {
    std::string model, disposability;
    bool super = false;
};
[[nodiscard]] ModelWord parse_model_word(const std::string& word);

/// `text` with each name `from` replaced, outside of quotes and backquotes and as a whole word only.
[[nodiscard]] std::string renamed(const std::string& text, const std::string& from, const std::string& to);

}  // namespace greenfront

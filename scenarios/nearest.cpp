#include "scenarios/nearest.hpp"

#include <algorithm>

#include "scenarios/panel.hpp"

namespace greenfront {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Edits that turn a into b: insertions, deletions, substitutions and swaps of neighbours (optimal string
/// alignment); capitals count as small letters.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same ? 0 : 1)});
            const bool swapped =
                i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

/// The only candidate that begins with the word: who writes "latin" means "latin-hypercube".
std::string completed(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t telling = 3;
    std::string found;
    if (word.size() < telling) return found;
    for (const auto& candidate : candidates) {
        if (!candidate.starts_with(word)) continue;
        if (!found.empty()) return {};
        found = candidate;
    }
    return found;
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t least = 0;
    for (const auto& candidate : candidates) {
        const std::size_t longer = std::max(word.size(), candidate.size());
        const std::size_t allowed = std::clamp<std::size_t>((longer + 1) / 3, 1, 3);
        const std::size_t edits = distance(word, candidate);
        if (edits > allowed || edits >= longer) continue;
        if (best.empty() || edits < least) {
            best = candidate;
            least = edits;
        }
    }
    // One slip of the finger is nearer than all that a word could be the beginning of.
    if (!best.empty() && least == 1) return best;
    const std::string whole = completed(word, candidates);
    return whole.empty() ? best : whole;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const std::string near = nearest(word, candidates);
    return near.empty() ? "" : " (did you mean " + near + "?)";
}

}  // namespace greenfront

#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "kernels/error.hpp"

/// The words of an expression, with their places in the text.
namespace greenfront::expression {

enum class TokenKind { number, name, quoted_name, text, symbol, end };

struct Token {
    TokenKind kind = TokenKind::end;
    std::string text;          ///< without quotes
    std::size_t position = 0;  ///< byte in the expression, from 0
};

/// Which character of the text (UTF-8) stands at a byte, from 1: for messages.
[[nodiscard]] std::size_t place(const std::string& text, std::size_t byte);

/// Every sign that look_alike_hint knows.
inline constexpr std::string_view all_signs = " +-*/^()[],:?|~<>=!&`\"'";

/// For a message about a text that is not understood: the first sign, quote or blank in it, outside of plain
/// quotes, that a Chinese or Japanese keyboard types (U+FF0B for +), and the one that it looks like, if that
/// is `among`. Empty without one.
[[nodiscard]] std::string look_alike_hint(const std::string& text, std::string_view among = all_signs);

/// For a message about a name that is none of `known`: look_alike_hint, or the nearest of them, which goes
/// first where it has such signs itself. Empty without either.
[[nodiscard]] std::string missing_name_hint(const std::string& name, const std::vector<std::string>& known);

/// Error(fault) "expression "...": position 7: what".
[[noreturn]] void fail(const std::string& expression, std::size_t byte, Fault fault, const std::string& what);

/// Splits an expression; the last token is `end`. Names are letters, digits and underscores (letters of any
/// script), or anything between backquotes; texts stand in double or single quotes, which are doubled inside.
[[nodiscard]] std::vector<Token> tokens(const std::string& expression, Fault fault);

/// For each byte whether it belongs to a stretch in quotes (`, " or '), the quotes included. A quote that is
/// never closed quotes all that follows; an apostrophe behind a letter opens none, so a fixed effect may be
/// called "people's".
[[nodiscard]] std::vector<bool> quoted(const std::string& text);

/// `name` without the backquotes around it, if there are any.
[[nodiscard]] std::string unquoted(const std::string& name);

/// The text for a message: whole, or what stands around `position` of a long one.
[[nodiscard]] std::string excerpt(const std::string& text, std::size_t position);

/// A name that is an operator word: and, or, not, is, in.
[[nodiscard]] bool is_word(const Token& token, const char* word);
[[nodiscard]] bool is_symbol(const Token& token, const char* symbol);

}  // namespace greenfront::expression

#include "scenarios/expression_tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "scenarios/panel.hpp"

namespace greenfront::expression {
namespace {

bool digit(char c) {
    return c >= '0' && c <= '9';
}
bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// Whether a byte of UTF-8 is the first of its character.
bool starts_letter(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

struct LookAlike {
    std::string_view typed;  ///< UTF-8
    char plain;
};
/// Signs, quotes and blanks that a Chinese or Japanese keyboard types, and what they look like.
constexpr std::array<LookAlike, 31> look_alikes{{
    {"　", ' '}, {"\u00A0", ' '}, {"＋", '+'}, {"－", '-'}, {"−", '-'},  {"＊", '*'}, {"×", '*'},
    {"／", '/'}, {"÷", '/'},      {"＾", '^'}, {"（", '('}, {"）", ')'}, {"［", '['}, {"］", ']'},
    {"，", ','}, {"、", ','},     {"：", ':'}, {"？", '?'}, {"｜", '|'}, {"～", '~'}, {"＜", '<'},
    {"＞", '>'}, {"＝", '='},     {"！", '!'}, {"＆", '&'}, {"｀", '`'}, {"＂", '"'}, {"“", '"'},
    {"”", '"'},  {"‘", '\''},     {"’", '\''},
}};

class Scanner {
  public:
    Scanner(const std::string& text, Fault fault) : text_(text), fault_(fault) {}

    std::vector<Token> all() {
        std::vector<Token> result;
        while (true) {
            while (at_ < text_.size() &&
                   std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
                ++at_;
            if (at_ == text_.size()) break;
            result.push_back(next());
        }
        result.push_back({TokenKind::end, "", text_.size()});
        return result;
    }

  private:
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    Token next() {
        const char c = peek();
        if (digit(c) || (c == '.' && digit(peek(1)))) return number();
        if (letter(c)) return name();
        if (c == '`' || c == '"' || c == '\'') return quoted(c);
        return symbol();
    }

    Token number() {
        const std::size_t begin = at_;
        while (digit(peek())) ++at_;
        if (peek() == '.') ++at_;
        while (digit(peek())) ++at_;
        if (peek() == 'e' || peek() == 'E') {
            const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
            if (digit(peek(1 + sign))) {
                at_ += 1 + sign;
                while (digit(peek())) ++at_;
            }
        }
        if (letter(peek()) || digit(peek()) || peek() == '.') {
            std::size_t end = at_ + 1;
            while (end < text_.size() && !starts_letter(text_[end])) ++end;
            fail(text_, begin, fault_,
                 fmt::format("\"{}\" is neither a number nor a name; put * between factors and "
                             "backquotes around a name that starts with a digit{}",
                             excerpt(text_.substr(begin, end - begin), 0),
                             look_alike_hint(text_.substr(at_, end - at_))));
        }
        return {TokenKind::number, text_.substr(begin, at_ - begin), begin};
    }

    Token name() {
        const std::size_t begin = at_;
        while (letter(peek()) || digit(peek())) ++at_;
        return {TokenKind::name, text_.substr(begin, at_ - begin), begin};
    }

    Token quoted(char quote) {
        const std::size_t begin = at_++;
        std::string inside;
        while (at_ < text_.size()) {
            if (text_[at_] == quote) {
                if (peek(1) != quote) {
                    ++at_;
                    return {quote == '`' ? TokenKind::quoted_name : TokenKind::text, inside, begin};
                }
                ++at_;  // a doubled quote stands for itself
            }
            inside += text_[at_++];
        }
        fail(text_, begin, fault_, fmt::format("the {} that opens here is never closed", quote));
    }

    Token symbol() {
        static constexpr std::array<std::string_view, 6> pairs{"<=", ">=", "==", "!=", "&&", "||"};
        for (const auto pair : pairs) {
            if (text_.compare(at_, 2, pair) == 0) {
                at_ += 2;
                return {TokenKind::symbol, std::string(pair), at_ - 2};
            }
        }
        const char c = peek();
        if (std::string_view("+-*/^()[],?:<>!").find(c) != std::string_view::npos) {
            ++at_;
            return {TokenKind::symbol, std::string(1, c), at_ - 1};
        }
        if (c == '=') fail(text_, at_, fault_, "a single = has no meaning here; compare with ==");
        if (c == '&') fail(text_, at_, fault_, "a single & has no meaning here; write and (or &&)");
        if (c == '|') fail(text_, at_, fault_, "a single | has no meaning here; write or (or ||)");
        fail(text_, at_, fault_,
             fmt::format("unexpected character \"{}\"; column names with other characters than "
                         "letters, digits and _ stand in backquotes",
                         c));
    }

    const std::string& text_;
    Fault fault_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<bool> quoted(const std::string& text) {
    std::vector<bool> inside(text.size(), false);
    char open = 0;  // a doubled quote closes and opens again
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool apostrophe = c == '\'' && i > 0 && (letter(text[i - 1]) || digit(text[i - 1]));
        inside[i] = open != 0 || c == '`' || c == '"' || (c == '\'' && !apostrophe);
        if (open == 0 && inside[i])
            open = c;
        else if (c == open)
            open = 0;
    }
    return inside;
}

std::string unquoted(const std::string& name) {
    if (name.size() < 2 || name.front() != '`' || name.back() != '`') return name;
    std::string inner;
    for (std::size_t i = 1; i + 1 < name.size(); ++i) {
        inner += name[i];
        if (name[i] == '`' && name[i + 1] == '`') ++i;
    }
    return inner;
}

std::string excerpt(const std::string& text, std::size_t position) {
    constexpr std::size_t most = 300, around = 60;
    if (text.size() <= most) return text;
    const auto inside = [&](std::size_t i) {  // not in the middle of a letter
        while (i > 0 && i < text.size() && !starts_letter(text[i])) --i;
        return i;
    };
    const std::size_t begin = inside(position > around ? position - around : 0);
    const std::size_t end = inside(std::min(text.size(), begin + 2 * around));
    return (begin > 0 ? "..." : "") + text.substr(begin, end - begin) + (end < text.size() ? "..." : "");
}

std::size_t place(const std::string& text, std::size_t byte) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size()));
    return 1 + static_cast<std::size_t>(std::count_if(text.begin(), end, starts_letter));
}

std::string look_alike_hint(const std::string& text, std::string_view among) {
    const std::vector<bool> inside = quoted(text);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (inside[i] || !starts_letter(text[i])) continue;
        for (const auto& [typed, plain] : look_alikes) {
            if (text.compare(i, typed.size(), typed) == 0 && among.find(plain) != std::string_view::npos)
                return fmt::format("; \"{}\" is no sign of formulas, \"{}\" is", typed, plain);
        }
    }
    return {};
}

std::string missing_name_hint(const std::string& name, const std::vector<std::string>& known) {
    const std::string typed = look_alike_hint(name), near = nearest(name, known);
    if (near.empty() || (!typed.empty() && look_alike_hint(near).empty())) return typed;
    return fmt::format("; did you mean \"{}\"?", near);
}

void fail(const std::string& expression, std::size_t byte, Fault fault, const std::string& what) {
    throw Error(fault, fmt::format("expression \"{}\": position {}: {}", excerpt(expression, byte),
                                   place(expression, byte), what));
}

std::vector<Token> tokens(const std::string& expression, Fault fault) {
    return Scanner(expression, fault).all();
}

bool is_word(const Token& token, const char* word) {
    return token.kind == TokenKind::name && token.text == word;
}

bool is_symbol(const Token& token, const char* symbol) {
    return token.kind == TokenKind::symbol && token.text == symbol;
}

}  // namespace greenfront::expression

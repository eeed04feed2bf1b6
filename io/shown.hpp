#pragma once
#include <string>
#include <string_view>

namespace greenfront::io {

/// A user's text in a message: control characters as \x1b, so that they neither end the message nor speak to
/// the terminal, and not much more than `most` bytes of a long one ("..." for the rest; no letter is cut).
[[nodiscard]] std::string shown(std::string_view text, std::size_t most = 200);

/// A whole message for the terminal: control characters but ends of line and tabs are written out.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace greenfront::io
